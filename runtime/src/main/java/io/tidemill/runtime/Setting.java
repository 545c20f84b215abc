package io.tidemill.runtime;

import java.time.Duration;
import java.util.function.Function;

/// One setting, read from an environment variable.
///
/// @param name the variable's name
/// @param defaultText what is parsed when the variable is unset or empty; may be empty
/// @param description one sentence for the table of settings: meaning, unit, range
/// @param parser turns text into the value; throws `IllegalArgumentException` with a message that
///   continues the sentence “NAME …”
public record Setting<T>(
        String name, String defaultText, String description, Function<String, T> parser) {

    /// What is used when the variable is unset.
    public T defaultValue() {
        return parser.apply(defaultText);
    }

    public static Setting<String> text(String name, String defaultText, String description) {
        return new Setting<>(name, defaultText, description, text -> text);
    }

    /// A TCP port; 0 asks for any free one.
    public static Setting<Integer> port(String name, int defaultPort, String description) {
        return integer(name, defaultPort, 0, 65_535, description);
    }

    /// A whole number between `min` and `max`, both included.
    public static Setting<Integer> integer(
            String name, int defaultValue, int min, int max, String description) {
        return new Setting<>(
                name,
                Integer.toString(defaultValue),
                description,
                text -> {
                    int value;
                    try {
                        value = Integer.parseInt(text);
                    } catch (NumberFormatException e) {
                        throw new IllegalArgumentException("is not a whole number: " + text, e);
                    }
                    if (value < min || value > max) {
                        throw new IllegalArgumentException(
                                "is not between " + min + " and " + max + ": " + text);
                    }
                    return value;
                });
    }

    /// A positive duration, as `250ms`, `30s`, `5m`, `24h` or `29d`.
    public static Setting<Duration> duration(String name, String defaultText, String description) {
        return new Setting<>(name, defaultText, description, Setting::parseDuration);
    }

    /// A positive number of bytes, as `4096`, `256KiB`, `10MiB` or `1GiB`.
    public static Setting<Long> bytes(String name, String defaultText, String description) {
        return new Setting<>(name, defaultText, description, Setting::parseBytes);
    }

    /// `true` or `false`.
    public static Setting<Boolean> flag(String name, boolean defaultValue, String description) {
        return new Setting<>(
                name,
                Boolean.toString(defaultValue),
                description,
                text ->
                        switch (text) {
                            case "true" -> true;
                            case "false" -> false;
                            default ->
                                    throw new IllegalArgumentException(
                                            "is neither true nor false: " + text);
                        });
    }

    private static Duration parseDuration(String text) {
        int digits = leadingDigits(text);
        long number = number(text, digits);
        return switch (text.substring(digits)) {
            case "ms" -> Duration.ofMillis(number);
            case "s" -> Duration.ofSeconds(number);
            case "m" -> Duration.ofMinutes(number);
            case "h" -> Duration.ofHours(number);
            case "d" -> Duration.ofDays(number);
            default ->
                    throw new IllegalArgumentException(
                            "is not a duration like 250ms, 30s, 5m, 24h or 29d: " + text);
        };
    }

    private static Long parseBytes(String text) {
        int digits = leadingDigits(text);
        long number = number(text, digits);
        int shift =
                switch (text.substring(digits)) {
                    case "" -> 0;
                    case "KiB" -> 10;
                    case "MiB" -> 20;
                    case "GiB" -> 30;
                    default ->
                            throw new IllegalArgumentException(
                                    "is not a size like 4096, 256KiB, 10MiB or 1GiB: " + text);
                };
        return number << shift;
    }

    private static int leadingDigits(String text) {
        int digits = 0;
        while (digits < text.length() && text.charAt(digits) >= '0' && text.charAt(digits) <= '9') {
            digits++;
        }
        return digits;
    }

    private static long number(String text, int digits) {
        if (digits == 0 || digits > 9 || Long.parseLong(text, 0, digits, 10) == 0) {
            throw new IllegalArgumentException("does not start with a number above 0: " + text);
        }
        return Long.parseLong(text, 0, digits, 10);
    }
}
