package io.tidemill.contract.settings;

import java.util.List;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/// The way to a property: the names of objects in each other, such as `usage.total_tokens`.
///
/// @param names from the outermost; none of them a number, which would lead into a list
public record PropertyPath(List<String> names) {

    private static final int MAX_NAMES = 16;
    private static final int MAX_CHARACTERS = 200;
    private static final Pattern NUMBER = Pattern.compile("[+-]?[0-9]+");

    public PropertyPath {
        names = List.copyOf(names);
        if (names.isEmpty() || names.size() > MAX_NAMES) {
            throw new IllegalArgumentException("path has not 1 to " + MAX_NAMES + " names");
        }
        for (String name : names) {
            if (name.isEmpty() || NUMBER.matcher(name.strip()).matches()) {
                throw new IllegalArgumentException(
                        "path has a name that is empty or a number: \"" + name + "\"");
            }
            if (name.chars().anyMatch(c -> c < 0x20 || Character.isSurrogate((char) c))) {
                throw new IllegalArgumentException("path has a character that can't be in it");
            }
        }
    }

    /// @param text names with a dot between each two
    /// @throws IllegalArgumentException when it is no path; the message says why
    public static PropertyPath of(String text) {
        if (text.length() > MAX_CHARACTERS) {
            throw new IllegalArgumentException(
                    "path is longer than " + MAX_CHARACTERS + " characters");
        }
        return new PropertyPath(List.of(text.split("\\.", -1)));
    }

    /// What is there; a missing node when nothing is.
    JsonNode in(JsonNode properties) {
        JsonNode found = properties;
        for (String name : names) {
            found = found.path(name);
        }
        return found;
    }

    @Override
    public String toString() {
        return String.join(".", names);
    }
}
