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

/// Announces hours of a project by hand: their rollups are made of raw rows, now and from then on.
/// The work is done by the sinks, at their pace. Writes to Postgres as its owner. Not thread-safe.
public final class HourRebuild {

    /// How far the announced hours have come.
    ///
    /// @param waiting hours whose announcement was not worked off yet
    /// @param recomputed hours that were recomputed since the announcement
    public record Progress(int waiting, int recomputed) {

        public boolean isOver() {
            return waiting == 0;
        }
    }

    private static final Duration HOUR = Duration.ofHours(1);

    private static final String WITHOUT_PARTITION =
            """
            SELECT hour
              FROM generate_series(?::timestamptz, ?::timestamptz - interval '1 hour', interval '1 hour') AS hour
             WHERE to_regclass('analytics.events_' || to_char(hour AT TIME ZONE 'UTC', 'YYYYMMDD')) IS NULL
            """;

    private static final String KNOWN =
            """
            SELECT EXISTS (SELECT FROM analytics.events WHERE project_id = ? AND timestamp >= ? AND timestamp < ?)
                OR EXISTS (SELECT FROM analytics.hourly_rollups WHERE project_id = ? AND hour >= ? AND hour < ?)
            """;

    /// Also those that are the raw table's already: handing them over leaves a mark, too.
    private static final String ANNOUNCE =
            """
            WITH announced AS (
                INSERT INTO pipeline.pending_hours (project_id, hour, reason)
                SELECT ?, hour, 'by_hand'
                  FROM generate_series(?::timestamptz, ?::timestamptz - interval '1 hour', interval '1 hour') AS hour
                RETURNING id)
            SELECT max(id) AS last_announcement, clock_timestamp() AS announced_at FROM announced
            """;

    /// The handing over deletes an announcement and leaves a mark in one transaction: once a look
    /// shows no announcement of ours, the marks that it shows include ours.
    private static final String LOOK =
            """
            SELECT (SELECT count(DISTINCT hour) FROM pipeline.pending_hours
                     WHERE project_id = ? AND hour >= ? AND hour < ? AND id <= ?) AS announced,
                   (SELECT count(DISTINCT hour) FROM pipeline.hour_marks
                     WHERE project_id = ? AND hour >= ? AND hour < ? AND id <= ?) AS marked,
                   (SELECT coalesce(max(id), 0) FROM pipeline.hour_marks) AS last_mark,
                   (SELECT count(*) FROM pipeline.raw_hours
                     WHERE project_id = ? AND hour >= ? AND hour < ? AND recomputed_at > ?) AS recomputed
            """;

    private final Connection connection;
    private final String projectId;
    private final OffsetDateTime from;
    private final OffsetDateTime to;
    private long lastAnnouncement;
    // Those that a look may wait for; all, until the announcements are gone.
    private long lastMark = Long.MAX_VALUE;
    private OffsetDateTime announcedAt = OffsetDateTime.MIN;

    /// @param connection commits by itself; stays the caller's to close
    /// @param from start of the first hour
    /// @param to end of the last hour
    public HourRebuild(Connection connection, String projectId, Instant from, Instant to) {
        this.connection = connection;
        this.projectId = projectId;
        this.from = from.atOffset(ZoneOffset.UTC);
        this.to = to.atOffset(ZoneOffset.UTC);
    }

    public int hours() {
        return (int) Duration.between(from, to).dividedBy(HOUR);
    }

    /// Hours that can't be recomputed: their raw rows are no longer, or not yet, kept.
    public List<Instant> withoutPartition() throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(WITHOUT_PARTITION)) {
            statement.setObject(1, from);
            statement.setObject(2, to);
            List<Instant> hours = new ArrayList<>();
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    hours.add(row.getObject("hour", OffsetDateTime.class).toInstant());
                }
            }
            return hours;
        }
    }

    /// Whether the project has any event or rollup there.
    public boolean findsAnything() throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(KNOWN)) {
            range(statement, 1);
            range(statement, 4);
            try (ResultSet row = statement.executeQuery()) {
                return row.next() && row.getBoolean(1);
            }
        }
    }

    /// Once this returns, the hours are recomputed, whatever becomes of this process.
    public void announce() throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(ANNOUNCE)) {
            range(statement, 1);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                lastAnnouncement = row.getLong("last_announcement");
                announcedAt = row.getObject("announced_at", OffsetDateTime.class);
            }
        }
    }

    public Progress look() throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(LOOK)) {
            range(statement, 1);
            statement.setLong(4, lastAnnouncement);
            range(statement, 5);
            statement.setLong(8, lastMark);
            range(statement, 9);
            statement.setObject(12, announcedAt);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                int announced = row.getInt("announced");
                if (announced == 0) {
                    lastMark = Math.min(lastMark, row.getLong("last_mark"));
                }
                return new Progress(announced + row.getInt("marked"), row.getInt("recomputed"));
            }
        }
    }

    private void range(PreparedStatement statement, int first) throws SQLException {
        statement.setString(first, projectId);
        statement.setObject(first + 1, from);
        statement.setObject(first + 2, to);
    }
}
