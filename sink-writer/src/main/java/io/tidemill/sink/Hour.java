package io.tidemill.sink;

import io.r2dbc.spi.Row;
import io.tidemill.contract.Hash128;
import io.tidemill.contract.Hours;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.Comparator;

/// An hour of a project, in the order in which hours are locked.
///
/// @param millis start of the hour, ms since 1970-01-01T00:00:00Z
record Hour(String projectId, long millis) implements Comparable<Hour> {

    /// How many locks all hours share: a transaction can hold them all.
    static final int LOCKS = 32;

    /// Stands for records that are about no hour.
    static final Hour NONE = new Hour("", 0);

    private static final long FIRST = startOfYear(1900);
    private static final long END = startOfYear(2200);
    private static final Comparator<Hour> ORDER =
            Comparator.comparing(Hour::projectId).thenComparingLong(Hour::millis);

    /// The hour that holds this instant.
    static Hour of(String projectId, long timestampMillis) {
        return new Hour(projectId, Hours.startOf(timestampMillis));
    }

    /// Of the columns `project_id` and `hour_ms`.
    static Hour of(Row row) {
        return new Hour(Columns.text(row, "project_id"), Columns.number(row, "hour_ms"));
    }

    /// Whether it is in the years that days of raw rows can be in; nothing is stored or counted in
    /// others, where Postgres' arithmetic on hours isn't exact, either.
    boolean isInCalendar() {
        return millis >= FIRST && millis < END;
    }

    /// Which of the {@link #LOCKS} it shares. The same in every version: sinks of several run
    /// together.
    int lock() {
        return hash().bucket(LOCKS);
    }

    /// A lock that all hours of its day (UTC) share, of whichever project.
    int dayLock() {
        return (int) Math.floorDiv(millis, EventPartitions.DAY_MILLIS);
    }

    /// A lock that it shares with few other hours.
    int ownLock() {
        return (int) hash().high();
    }

    /// As bound to `unnest`, with {@link #millis(Collection)}.
    static String[] projects(Collection<Hour> hours) {
        return hours.stream().map(Hour::projectId).toArray(String[]::new);
    }

    static Long[] millis(Collection<Hour> hours) {
        return hours.stream().map(Hour::millis).toArray(Long[]::new);
    }

    @Override
    public int compareTo(Hour other) {
        return ORDER.compare(this, other);
    }

    private Hash128 hash() {
        return Hash128.of(projectId, Long.toString(millis));
    }

    private static long startOfYear(int year) {
        return LocalDate.of(year, 1, 1).atStartOfDay(ZoneOffset.UTC).toInstant().toEpochMilli();
    }
}
