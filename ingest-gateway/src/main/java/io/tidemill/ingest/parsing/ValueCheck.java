package io.tidemill.ingest.parsing;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/// Finds in JSON values what no event may hold: NUL, lone surrogates, duplicate keys, numbers that
/// no double holds, and nesting beyond the limit. Reads each value once, and keeps nothing of it.
final class ValueCheck {

    static final int MAX_NUMBER_LENGTH = 400;

    /// A whole number of that many characters is a finite double, whatever its digits.
    private static final int ALWAYS_FINITE_LENGTH = 300;

    /// 0 itself has no largest exponent, but Postgres knows one.
    private static final int MAX_EXPONENT_OF_ZERO = 1000;

    private static final int MAX_REUSED_KEYS = 1000;

    private final JsonDocument document;
    private final JsonParser parser;
    private final int maxDepth;
    private final List<Set<String>> keysByDepth = new ArrayList<>();

    ValueCheck(JsonDocument document, int maxDepth) {
        this.document = document;
        this.parser = document.parser();
        this.maxDepth = maxDepth;
    }

    /// Checks the value that the parser stands on, and leaves the parser on its last token.
    ///
    /// @param depth how deep this value is nested, were it an object or array: 1 for the outermost
    /// @param field the field that it belongs to; null for the event itself
    /// @return how deep its innermost object or array is nested; `depth − 1` when there is none
    /// @throws RefusedException at the first thing that may not be
    int value(int depth, @Nullable String field) {
        return switch (parser.currentToken()) {
            case START_OBJECT -> object(depth, field);
            case START_ARRAY -> array(depth, field);
            case VALUE_STRING -> {
                text(field);
                yield depth - 1;
            }
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> {
                number(field);
                yield depth - 1;
            }
            default -> depth - 1;
        };
    }

    /// Checks the text that the parser stands on: a string or a key.
    void text(@Nullable String field) {
        char[] chars = parser.getStringCharacters();
        int end = parser.getStringOffset() + parser.getStringLength();
        for (int i = parser.getStringOffset(); i < end; i++) {
            if (chars[i] == 0) {
                throw document.tokenHoldsLoneSurrogate()
                        ? new RefusedException(
                                Rejection.LONE_SURROGATE,
                                field,
                                where(field) + " holds half of a surrogate pair")
                        : new RefusedException(
                                Rejection.NUL_CHARACTER,
                                field,
                                where(field) + " holds the character U+0000");
            }
        }
    }

    /// Notes a key of an object, and refuses one that is there already.
    static void addKey(Set<String> keys, String key, @Nullable String field) {
        if (!keys.add(key)) {
            throw new RefusedException(
                    Rejection.DUPLICATE_KEY, field, "the same key occurs twice in " + where(field));
        }
    }

    private int object(int depth, @Nullable String field) {
        enter(depth, field);
        Set<String> keys = keys(depth);
        int deepest = depth;
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            text(field);
            addKey(keys, parser.currentName(), field);
            parser.nextToken();
            deepest = Math.max(deepest, value(depth + 1, field));
        }
        return deepest;
    }

    private int array(int depth, @Nullable String field) {
        enter(depth, field);
        int deepest = depth;
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            deepest = Math.max(deepest, value(depth + 1, field));
        }
        return deepest;
    }

    private void enter(int depth, @Nullable String field) {
        if (depth > maxDepth) {
            throw new RefusedException(
                    Rejection.TOO_DEEP, field, where(field) + " is nested deeper than " + maxDepth);
        }
    }

    private void number(@Nullable String field) {
        int length = parser.getStringLength();
        if (length > MAX_NUMBER_LENGTH) {
            throw new RefusedException(
                    Rejection.NUMBER_TOO_LONG,
                    field,
                    where(field)
                            + " holds a number of more than "
                            + MAX_NUMBER_LENGTH
                            + " characters");
        }
        boolean whole = parser.currentToken() == JsonToken.VALUE_NUMBER_INT;
        if (whole && length <= ALWAYS_FINITE_LENGTH) {
            return;
        }
        double value = Double.parseDouble(parser.getString());
        boolean outOfRange =
                value == 0 ? !isPlainZero(parser.getString()) : !Double.isFinite(value);
        if (outOfRange) {
            throw new RefusedException(
                    Rejection.NUMBER_OUT_OF_RANGE,
                    field,
                    where(field) + " holds a number beyond the range of a double");
        }
    }

    private static boolean isPlainZero(String number) {
        for (int i = 0; i < number.length(); i++) {
            char c = number.charAt(i);
            if (c >= '1' && c <= '9') {
                return false;
            }
            if (c == 'e' || c == 'E') {
                String exponent = number.substring(i + 1);
                return exponent.length() <= 5
                        && Math.abs(Integer.parseInt(exponent)) <= MAX_EXPONENT_OF_ZERO;
            }
        }
        return true;
    }

    private static String where(@Nullable String field) {
        return field == null ? "the event" : field;
    }

    private Set<String> keys(int depth) {
        while (keysByDepth.size() <= depth) {
            keysByDepth.add(new HashSet<>());
        }
        Set<String> keys = keysByDepth.get(depth);
        if (keys.size() > MAX_REUSED_KEYS) {
            // Clearing a set that was large once stays slow; a small new one is cheaper.
            keys = new HashSet<>();
            keysByDepth.set(depth, keys);
        }
        keys.clear();
        return keys;
    }
}
