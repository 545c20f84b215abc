package io.tidemill.projects;

import java.util.OptionalInt;

/// How long a project's data is kept.
public sealed interface Retention {

    /// A number of whole days.
    ///
    /// @param days 1 to 36,500
    record Days(int days) implements Retention {

        static final int MAX_DAYS = 36_500;

        /// @throws IllegalArgumentException when it is out of range
        public Days {
            if (days < 1 || days > MAX_DAYS) {
                throw new IllegalArgumentException("a window is 1d to " + MAX_DAYS + "d");
            }
        }
    }

    /// Nothing is ever removed for its age.
    record Forever() implements Retention {}

    /// @param text `forever`, or whole days such as `30d`
    /// @throws IllegalArgumentException for anything else
    static Retention parse(String text) {
        if (text.equals("forever")) {
            return new Forever();
        }
        if (!text.matches("[0-9]{1,5}d")) {
            throw new IllegalArgumentException("a window is whole days, such as 30d, or forever");
        }
        return new Days(Integer.parseInt(text, 0, text.length() - 1, 10));
    }

    /// Whole days; empty for ever.
    default OptionalInt inDays() {
        return switch (this) {
            case Days(int days) -> OptionalInt.of(days);
            case Forever() -> OptionalInt.empty();
        };
    }

    default boolean isShorterThan(Retention other) {
        return inDays().orElse(Integer.MAX_VALUE) < other.inDays().orElse(Integer.MAX_VALUE);
    }

    /// The longer one of two.
    default Retention atLeast(Retention other) {
        return isShorterThan(other) ? other : this;
    }

    /// As {@link #parse} reads it.
    default String text() {
        return switch (this) {
            case Days(int days) -> days + "d";
            case Forever() -> "forever";
        };
    }
}
