package io.tidemill.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The questions of `docs/analysts.md`, as they stand there.
public final class AnalystQuestions {

    /// @param title the heading
    /// @param sql one statement
    /// @param answer the lines of the table under the statement
    public record Question(String title, String sql, List<String> answer) {

        @Override
        public String toString() {
            return title;
        }
    }

    private static final Path PAGE = Path.of("../docs/analysts.md");

    private AnalystQuestions() {}

    /// All of them, in the page's order.
    public static List<Question> all() {
        List<Question> questions = new ArrayList<>();
        for (String section : page().split("\n## ", -1)) {
            if (section.contains("```sql\n")) {
                questions.add(question(section));
            }
        }
        return questions;
    }

    /// The one with this heading.
    public static Question titled(String title) {
        return all().stream()
                .filter(question -> question.title().equals(title))
                .findFirst()
                .orElseThrow();
    }

    private static Question question(String section) {
        String title = section.substring(0, section.indexOf('\n'));
        int start = section.indexOf("```sql\n") + "```sql\n".length();
        int end = section.indexOf("```", start);
        return new Question(
                title,
                section.substring(start, end),
                section.substring(end).lines().filter(line -> line.startsWith("|")).toList());
    }

    private static String page() {
        try {
            return Files.readString(PAGE);
        } catch (IOException e) {
            throw new UncheckedIOException("tests run in a module's folder", e);
        }
    }
}
