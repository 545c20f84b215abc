package io.tidemill.sink;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Compares rollups with a GROUP BY over the raw rows, hour by hour. Needs no more than the role
/// `analyst` may read. Not thread-safe.
public final class Reconciliation {

    public enum Status {
        EQUAL,
        DIFFERENT,
        /// Events of the hour may still be on their way, or its recomputation is due.
        OPEN,
        /// The raw rows of its day are no longer kept: nothing to compare with.
        EXPIRED
    }

    /// One hour of one project.
    ///
    /// @param difference what differs, in words; empty unless different
    public record ComparedHour(String projectId, Instant hour, Status status, String difference) {}

    /// Hours from `from` (included) to `to` (excluded).
    public record Range(Instant from, Instant to) {}

    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(500);

    /// Days that have a partition of raw rows, and hours that have a rollup.
    private static final String EXTENT =
            """
            SELECT least(first_day, first_hour) AS first_hour, greatest(end_day, end_hour) AS end_hour
              FROM (SELECT min(day)::timestamp AT TIME ZONE 'UTC' AS first_day,
                           (max(day) + 1)::timestamp AT TIME ZONE 'UTC' AS end_day
                      FROM (SELECT to_date(right(relname, 8), 'YYYYMMDD') AS day
                              FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
                             WHERE inhparent = 'analytics.events'::regclass) AS partitions) AS raw,
                   (SELECT min(hour) AS first_hour, max(hour) + interval '1 hour' AS end_hour
                      FROM analytics.hourly_rollups) AS rollups
            """;

    private static final String NOW = "SELECT clock_timestamp() AS instant";

    private static final String FRESHNESS =
            "SELECT max(stored_through) AS instant FROM analytics.freshness";

    /// One statement, so one snapshot: an hour of the raw table for which nothing is due equals its
    /// raw rows in each.
    private static final String COMPARE =
            """
            SELECT project_id, hour, difference,
                   to_regclass('analytics.events_' || to_char(hour AT TIME ZONE 'UTC', 'YYYYMMDD')) IS NULL
                       OR hour < (SELECT max(raw_removed_before) FROM analytics.retention AS kept
                                   WHERE kept.project_id IN (compared.project_id, '')) IS TRUE AS expired,
                   coalesce(hour + interval '1 hour' <= (SELECT max(stored_through) FROM analytics.freshness), false)
                       AND recomputed.complete_through IS NULL AS closed,
                   coalesce(from_raw, false) AS from_raw
              FROM analytics.rollup_differences(NULL, ?, ?) AS compared
              LEFT JOIN analytics.recomputed_hours AS recomputed USING (project_id, hour)
             ORDER BY hour, project_id
            """;

    private final Connection connection;

    /// @param connection stays the caller's to close
    public Reconciliation(Connection connection) {
        this.connection = connection;
    }

    /// All there is to compare; empty when there is nothing.
    public Optional<Range> extent() throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(EXTENT);
                ResultSet row = statement.executeQuery()) {
            row.next();
            Instant first = instant(row, "first_hour");
            Instant end = instant(row, "end_hour");
            return first == null || end == null
                    ? Optional.empty()
                    : Optional.of(new Range(first, end));
        }
    }

    /// Compares the hours that have rollups or raw rows, in one look, ordered by hour. The cost is
    /// a scan of the raw rows: a day at a time is a good measure.
    public List<ComparedHour> compare(Range range) throws SQLException {
        return look(range).stream().map(Look::hour).toList();
    }

    /// @param fromRaw whether the rollup is made of raw rows, so that one look is enough
    private record Look(ComparedHour hour, boolean fromRaw) {

        /// As found at a second look, when a difference counts only if the first one shows it, too.
        ComparedHour confirmedBy(List<ComparedHour> first) {
            return hour.status() != Status.DIFFERENT || fromRaw || first.contains(hour)
                    ? hour
                    : new ComparedHour(hour.projectId(), hour.hour(), Status.OPEN, "");
        }
    }

    private List<Look> look(Range range) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(COMPARE)) {
            statement.setObject(1, range.from().atOffset(ZoneOffset.UTC));
            statement.setObject(2, range.to().atOffset(ZoneOffset.UTC));
            try (ResultSet row = statement.executeQuery()) {
                List<Look> hours = new ArrayList<>();
                while (row.next()) {
                    hours.add(new Look(hour(row), row.getBoolean("from_raw")));
                }
                return hours;
            }
        }
    }

    /// Compares, and looks again at what differs: an event's row may be there a moment before its
    /// count. A difference stands when two looks show the same one and everything that was
    /// acknowledged before the first is complete at the second; or, where the rollup is made of raw
    /// rows, at any look.
    ///
    /// @param patience to wait for that; a pipeline that stands still doesn't hide a difference
    public List<ComparedHour> verify(Range range, Duration patience)
            throws SQLException, InterruptedException {
        List<ComparedHour> first = compare(range);
        if (first.stream().noneMatch(hour -> hour.status() == Status.DIFFERENT)) {
            return first;
        }
        awaitCompleteness(patience);
        return look(range).stream().map(second -> second.confirmedBy(first)).toList();
    }

    /// Waits until all that was acknowledged before now is in the tables.
    ///
    /// @param patience the longest wait
    public void awaitCompleteness(Duration patience) throws SQLException, InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        Instant read = instant(NOW);
        Instant complete = instant(FRESHNESS);
        while ((complete == null || complete.isBefore(read)) && System.nanoTime() < deadline) {
            Thread.sleep(BETWEEN_LOOKS);
            complete = instant(FRESHNESS);
        }
    }

    private static ComparedHour hour(ResultSet row) throws SQLException {
        String difference = row.getString("difference");
        Status status = status(row, difference == null);
        return new ComparedHour(
                row.getString("project_id"),
                row.getObject("hour", OffsetDateTime.class).toInstant(),
                status,
                status == Status.DIFFERENT ? difference : "");
    }

    private static Status status(ResultSet row, boolean equal) throws SQLException {
        if (row.getBoolean("expired")) {
            return Status.EXPIRED;
        }
        if (!row.getBoolean("closed")) {
            return Status.OPEN;
        }
        return equal ? Status.EQUAL : Status.DIFFERENT;
    }

    private @Nullable Instant instant(String sql) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql);
                ResultSet row = statement.executeQuery()) {
            row.next();
            return instant(row, "instant");
        }
    }

    /// @return null where the column is
    private static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
        OffsetDateTime value = row.getObject(column, OffsetDateTime.class);
        return value == null ? null : value.toInstant();
    }
}
