package io.tidemill.query;

import io.tidemill.contract.Event;
import io.tidemill.contract.HourlyRollup;
import io.tidemill.contract.JsonText;
import io.tidemill.contract.RollupCodec;
import io.tidemill.projects.Projects;
import io.tidemill.storage.PostgresUrl;
import io.tidemill.testkit.Events;
import io.tidemill.testkit.GroupBy;
import io.tidemill.testkit.TestPostgres;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Fills the tables that the read side reads, with plain SQL.
final class Tables {

    private final PostgresUrl url;

    Tables(PostgresUrl url) {
        this.url = url;
    }

    /// An event that a request without keys may read.
    static Events mine(String id) {
        return Events.event().project(Projects.OPEN_PROJECT).id(id).user("ann");
    }

    void insertEvents(Event... events) throws SQLException {
        insertEvents(List.of(events));
    }

    void insertEvents(Collection<Event> events) throws SQLException {
        TestPostgres.shared()
                .createEventPartitions(
                        url, events.stream().map(Tables::day).distinct().toArray(LocalDate[]::new));
        try (Connection connection = connect();
                PreparedStatement insert =
                        connection.prepareStatement(
                                """
                                INSERT INTO analytics.events (project_id, event_id, event_type,
                                    user_id, session_id, tool_name, action, demo_mode,
                                    properties, metadata, prompt_text, ai_response,
                                    timestamp, received_at, clock_offset_ms)
                                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?::jsonb, ?::jsonb, ?, ?, ?, ?, ?)
                                """)) {
            for (Event event : events) {
                bind(insert, event);
                insert.addBatch();
            }
            insert.executeBatch();
        }
    }

    /// The rollups that these events add up to.
    void insertRollupsOf(Collection<Event> events) throws SQLException {
        try (Connection connection = connect();
                PreparedStatement insert =
                        connection.prepareStatement(
                                """
                                INSERT INTO analytics.hourly_rollups (project_id, hour,
                                    total_events, unique_sessions, unique_users,
                                    event_counts, tool_usage, risk_distribution, revision)
                                VALUES (?, ?, ?, ?, ?, ?::jsonb, ?::jsonb, ?::jsonb, 1)
                                """)) {
            for (HourlyRollup rollup : GroupBy.of(events).values()) {
                insert.setString(1, rollup.projectId());
                insert.setObject(2, time(rollup.hourMillis()));
                insert.setLong(3, rollup.totalEvents());
                insert.setLong(4, rollup.uniqueSessions());
                insert.setLong(5, rollup.uniqueUsers());
                insert.setString(6, RollupCodec.countsAsJson(rollup.eventCounts()));
                insert.setString(7, RollupCodec.countsAsJson(rollup.toolUsage()));
                insert.setString(8, RollupCodec.countsAsJson(rollup.riskDistribution()));
                insert.addBatch();
            }
            insert.executeBatch();
        }
    }

    /// The sketches of the hours of all events that are there.
    void insertSketches() throws SQLException {
        execute(
                """
                INSERT INTO analytics.unique_sketches (project_id, grain, start, kind, sketch)
                SELECT project_id, 'hour', hour, kind,
                       analytics.unique_union_of(
                           ARRAY[analytics.raw_unique_hashes(project_id, kind, hour, hour + interval '1 hour')])
                  FROM (SELECT DISTINCT project_id, date_trunc('hour', timestamp, 'UTC') AS hour
                          FROM analytics.events) AS hours
                 CROSS JOIN (VALUES ('sessions'), ('users')) AS kinds (kind)
                """);
    }

    void execute(String sql) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    Connection connect() throws SQLException {
        return TestPostgres.connect(url);
    }

    private static void bind(PreparedStatement insert, Event event) throws SQLException {
        insert.setString(1, event.projectId());
        insert.setString(2, event.eventId());
        insert.setString(3, event.eventType());
        insert.setString(4, event.userId());
        insert.setString(5, event.sessionId());
        insert.setString(6, event.toolName());
        insert.setString(7, event.action());
        insert.setBoolean(8, event.demoMode());
        insert.setString(9, text(event.properties()));
        insert.setString(10, text(event.metadata()));
        insert.setString(11, event.promptText());
        insert.setString(12, event.aiResponse());
        insert.setObject(13, time(event.timestampMillis()));
        insert.setObject(14, time(event.receivedAtMillis()));
        insert.setObject(15, event.clockOffsetMillis());
    }

    private static @Nullable String text(@Nullable JsonText json) {
        return json == null ? null : json.toString();
    }

    private static OffsetDateTime time(long millis) {
        return Instant.ofEpochMilli(millis).atOffset(ZoneOffset.UTC);
    }

    private static LocalDate day(Event event) {
        return LocalDate.ofInstant(Instant.ofEpochMilli(event.timestampMillis()), ZoneOffset.UTC);
    }
}
