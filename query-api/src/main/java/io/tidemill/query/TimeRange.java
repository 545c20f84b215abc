package io.tidemill.query;

import io.tidemill.contract.Hours;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/// A span of time from one instant up to, and without, another; both whole milliseconds.
record TimeRange(long fromMillis, long toMillis) {

    /// Everything there can be: the years 1 to 9999.
    static final TimeRange ALL = new TimeRange(-62_135_596_800_000L, 253_402_300_800_000L);

    static final int MAX_HOURS = 87_600;

    TimeRange {
        if (fromMillis > toMillis) {
            throw new BadParameterException("from", "is later than to");
        }
    }

    static TimeRange ofMillisecond(long millis) {
        return new TimeRange(millis, millis + 1);
    }

    /// What `from`, `to` and `hours` ask for: with none of them the last `defaultHours`.
    ///
    /// @param from null when not given; like the others
    static TimeRange parse(
            @Nullable String from,
            @Nullable String to,
            @Nullable Integer hours,
            int defaultHours,
            Clock clock) {
        if (hours != null && (from != null || to != null)) {
            throw new BadParameterException("hours", "can't be combined with from or to");
        }
        long end = to == null ? clock.millis() : instantMillis("to", to);
        if (from != null) {
            return new TimeRange(instantMillis("from", from), end);
        }
        return new TimeRange(end - (hours == null ? defaultHours : hours) * Hours.MILLIS, end);
    }

    /// What `from` and `to` ask for, without a bound where one is missing.
    static TimeRange parse(@Nullable String from, @Nullable String to) {
        return new TimeRange(
                from == null ? ALL.fromMillis : instantMillis("from", from),
                to == null ? ALL.toMillis : instantMillis("to", to));
    }

    /// An instant as ISO-8601 with an offset, or as milliseconds since 1970. A finer one is moved
    /// to the next whole millisecond, which changes no comparison with an event's time.
    static long instantMillis(String parameter, String text) {
        try {
            long millis =
                    isNumber(text)
                            ? Long.parseLong(text)
                            // An unencoded plus sign arrives as a space.
                            : ceilingMillis(OffsetDateTime.parse(text.replace(' ', '+')));
            if (millis < ALL.fromMillis || millis > ALL.toMillis) {
                throw new BadParameterException(parameter, "is outside the years 1 to 9999");
            }
            return millis;
        } catch (DateTimeException | NumberFormatException e) {
            throw new BadParameterException(
                    parameter,
                    "is neither ISO-8601 with an offset, such as 2025-10-18T01:00:00Z, nor whole"
                            + " milliseconds since 1970");
        }
    }

    Instant from() {
        return Instant.ofEpochMilli(fromMillis);
    }

    Instant to() {
        return Instant.ofEpochMilli(toMillis);
    }

    /// The whole hours whose start lies in this range.
    TimeRange ofHourStarts() {
        return new TimeRange(ceilingHour(fromMillis), ceilingHour(toMillis));
    }

    /// Its length in whole hours.
    long hours() {
        return (toMillis - fromMillis) / Hours.MILLIS;
    }

    private static boolean isNumber(String text) {
        int digits = text.startsWith("-") ? 1 : 0;
        return text.length() > digits
                && text.chars().skip(digits).allMatch(c -> c >= '0' && c <= '9');
    }

    private static long ceilingMillis(OffsetDateTime time) {
        Instant instant = time.toInstant();
        Instant cut = instant.truncatedTo(ChronoUnit.MILLIS);
        return cut.equals(instant) ? cut.toEpochMilli() : cut.toEpochMilli() + 1;
    }

    private static long ceilingHour(long millis) {
        return Hours.startOf(millis + Hours.MILLIS - 1);
    }
}
