package io.tidemill.sink;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.contract.Event;
import io.tidemill.testkit.Events;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CopyTextTest {

    private static final int EVENT_ID = 1;
    private static final int PROPERTIES = 8;
    private static final int PROMPT = 10;

    @Test
    void aLineHoldsTheColumnsInOrder() {
        // given
        Event event =
                Events.event()
                        .project("p")
                        .id("e")
                        .type("t")
                        .user("u")
                        .session("s")
                        .tool("tool")
                        .action("a")
                        .demoMode()
                        .properties("{\"a\":1}")
                        .metadata("{}")
                        .prompt("ask")
                        .response("say")
                        .at("2025-10-18T01:02:03.004Z")
                        .receivedAt("2025-10-18T01:02:03Z")
                        .clockOffset(-5)
                        .build();

        // when
        String line = line(event);

        // then
        assertThat(line)
                .isEqualTo(
                        "p\te\tt\tu\ts\ttool\ta\tt\t{\"a\":1}\t{}\task\tsay"
                                + "\t2025-10-18T01:02:03.004Z\t2025-10-18T01:02:03.000Z\t-5\n");
    }

    @Test
    void whatIsAbsentIsNullAndWhatIsEmptyIsEmpty() {
        assertThat(fields(Events.event().prompt(null).build()).get(PROMPT)).isEqualTo("\\N");
        assertThat(fields(Events.event().prompt("").build()).get(PROMPT)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    \\N   | \\\\N
                    \\.   | \\\\.
                    a\\b  | a\\\\b
                    \\t   | \\\\t
                    """)
    void backslashesAreDoubled(String text, String expected) {
        assertThat(fields(Events.event().id(text).build()).get(EVENT_ID)).isEqualTo(expected);
    }

    @Test
    void charactersThatEndFieldsAndLinesAreEscaped() {
        String field = fields(Events.event().prompt("a\tb\nc\rd\r\n").build()).get(PROMPT);

        assertThat(field).isEqualTo("a\\tb\\nc\\rd\\r\\n");
    }

    @Test
    void jsonKeepsItsOwnEscapes() {
        String json = "{\"a\":\"x\\ny\\\\z\\u00e9\"}";

        String field = fields(Events.event().properties(json).build()).get(PROPERTIES);

        assertThat(field).isEqualTo("{\"a\":\"x\\\\ny\\\\\\\\z\\\\u00e9\"}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"é", "日本語", "\uD834\uDD1E", "\u0085", "\u2028", "\b\f\u000B", "\u007f"})
    void otherCharactersStayAsTheyAre(String text) {
        assertThat(fields(Events.event().prompt(text).build()).get(PROMPT)).isEqualTo(text);
    }

    @Test
    void anyTextComesBackAsItWas() {
        // given
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        CopyText text = new CopyText();
        for (int i = 0; i < 2_000; i++) {
            String sent = randomText(random);

            // when
            String line = new String(text.line(Events.event().prompt(sent).build()), UTF_8);

            // then
            assertThat(line.indexOf('\n')).as("seed %s", seed).isEqualTo(line.length() - 1);
            assertThat(unescaped(line.split("\t", -1)[PROMPT])).as("seed %s", seed).isEqualTo(sent);
        }
    }

    private static String randomText(Random random) {
        StringBuilder text = new StringBuilder();
        String nasty = "\\\t\n\rN.\b\f\u000B\"',{}é日\u2028";
        for (int i = random.nextInt(60); i > 0; i--) {
            if (random.nextInt(10) == 0) {
                text.appendCodePoint(0x1D11E);
            } else {
                text.append(nasty.charAt(random.nextInt(nasty.length())));
            }
        }
        return text.toString();
    }

    /// What Postgres makes of a field, by the rules of its manual.
    private static @Nullable String unescaped(String field) {
        if (field.equals("\\N")) {
            return null;
        }
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < field.length(); i++) {
            char next = field.charAt(i);
            if (next != '\\') {
                text.append(next);
                continue;
            }
            char escaped = field.charAt(++i);
            text.append(
                    switch (escaped) {
                        case 't' -> '\t';
                        case 'n' -> '\n';
                        case 'r' -> '\r';
                        default -> escaped;
                    });
        }
        return text.toString();
    }

    private static List<String> fields(Event event) {
        String line = line(event);
        return new ArrayList<>(List.of(line.substring(0, line.length() - 1).split("\t", -1)));
    }

    private static String line(Event event) {
        return new String(new CopyText().line(event), UTF_8);
    }
}
