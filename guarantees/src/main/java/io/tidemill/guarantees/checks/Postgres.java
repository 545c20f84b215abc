package io.tidemill.guarantees.checks;

import io.tidemill.contract.Event;
import io.tidemill.contract.EventCodec;
import io.tidemill.contract.EventIdentity;
import io.tidemill.contract.MalformedRecordException;
import io.tidemill.guarantees.checks.Cohorts.Cell;
import io.tidemill.guarantees.checks.Counts.Hour;
import io.tidemill.guarantees.checks.RevisionsGrow.Part;
import io.tidemill.storage.PostgresUrl;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The tables, read as they are, with SQL of its own. Not thread-safe.
public final class Postgres implements AutoCloseable {

    private static final int FETCHED_AT_ONCE = 5_000;

    private static final String EVENTS =
            """
            SELECT project_id, event_id, (extract(epoch FROM timestamp) * 1000)::bigint AS timestamp_ms,
                   event_type, user_id, session_id, tool_name, action, demo_mode,
                   properties::text AS properties, metadata::text AS metadata, prompt_text, ai_response
              FROM analytics.events
            """;

    /// A plain GROUP BY for each number, written to be obviously right.
    private static final String RAW =
            """
            WITH raw AS MATERIALIZED (
                SELECT project_id, date_trunc('hour', timestamp, 'UTC') AS hour, user_id, session_id, event_type, tool_name,
                       CASE WHEN event_type = 'risk_mode_changed'
                             AND (jsonb_typeof(properties -> 'risk_mode') IN ('string', 'boolean')
                                  OR properties ->> 'risk_mode' ~ '^[0-9]{1,15}$')
                            THEN properties ->> 'risk_mode' END AS risk_mode
                  FROM analytics.events)
            SELECT project_id, hour, 'events' AS name, count(*) AS number FROM raw GROUP BY 1, 2
            UNION ALL
            SELECT project_id, hour, 'users', count(DISTINCT user_id) FROM raw GROUP BY 1, 2
            UNION ALL
            SELECT project_id, hour, 'sessions', count(DISTINCT session_id) FROM raw GROUP BY 1, 2
            UNION ALL
            SELECT project_id, hour, 'event_type/' || event_type, count(*) FROM raw GROUP BY 1, 2, 3
            UNION ALL
            SELECT project_id, hour, 'tool/' || tool_name, count(*) FROM raw WHERE tool_name IS NOT NULL GROUP BY 1, 2, 3
            UNION ALL
            SELECT project_id, hour, 'risk_mode/' || risk_mode, count(*) FROM raw WHERE risk_mode IS NOT NULL GROUP BY 1, 2, 3
            """;

    private static final String ROLLUPS =
            """
            SELECT project_id, hour, each.name, each.number
              FROM analytics.hourly_rollups
             CROSS JOIN LATERAL (
                   SELECT 'events', total_events
                   UNION ALL SELECT 'users', unique_users
                   UNION ALL SELECT 'sessions', unique_sessions
                   UNION ALL SELECT 'event_type/' || key, value::bigint FROM jsonb_each_text(event_counts)
                   UNION ALL SELECT 'tool/' || key, value::bigint FROM jsonb_each_text(tool_usage)
                   UNION ALL SELECT 'risk_mode/' || key, value::bigint FROM jsonb_each_text(risk_distribution))
                   AS each (name, number)
            """;

    private static final String DIMENSIONS =
            """
            SELECT project_id, hour, dimension || '/' || value AS name, events AS number
              FROM analytics.hourly_rollup_dimensions
             WHERE dimension IN ('event_type', 'tool', 'risk_mode')
            """;

    private static final String REVISIONS =
            "SELECT project_id, hour, part, revision FROM pipeline.rollup_parts";

    private static final String COHORTS =
            "SELECT project_id, cohort_day, day_number, users FROM analytics.retention_cohorts";

    private static final String RAW_HOURS = "SELECT project_id, hour FROM pipeline.raw_hours";

    private static final String COMPLETE_THROUGH =
            """
            SELECT complete_through, (SELECT count(*) FROM pipeline.held_hours) AS held
              FROM pipeline.completeness
            """;

    private final Connection connection;

    /// How far the tables are.
    ///
    /// @param completeThrough null before the first time
    /// @param heldHours hours that wait to be recomputed or compared
    public record Freshness(@Nullable Instant completeThrough, long heldHours) {

        public boolean isCompleteThrough(Instant instant) {
            return heldHours == 0 && completeThrough != null && !completeThrough.isBefore(instant);
        }
    }

    private Postgres(Connection connection) {
        this.connection = connection;
    }

    public static Postgres open(PostgresUrl url) throws SQLException {
        Connection connection = DriverManager.getConnection(url.jdbcUrl(), url.jdbcProperties());
        connection.setAutoCommit(false);
        return new Postgres(connection);
    }

    public Freshness freshness() throws SQLException {
        List<Freshness> found =
                rows(
                        COMPLETE_THROUGH,
                        row ->
                                new Freshness(
                                        instant(row, "complete_through"), row.getLong("held")));
        return found.isEmpty() ? new Freshness(null, 0) : found.getFirst();
    }

    /// The newest revision applied of each part of each hour.
    public Map<Part, Long> revisions() throws SQLException {
        Map<Part, Long> revisions = new HashMap<>();
        rows(
                REVISIONS,
                row ->
                        revisions.put(
                                part(hour(row), row.getString("part")), row.getLong("revision")));
        return revisions;
    }

    List<StoredEvent> events() throws SQLException {
        return rows(EVENTS, StoredEvent::of);
    }

    /// Identities of readable records of a topic that were set aside, with the reasons.
    Map<EventIdentity, Set<String>> setAside(String topic) throws SQLException {
        Map<EventIdentity, Set<String>> reasons = new HashMap<>();
        rows(
                "SELECT reason, record_value FROM analytics.rejected_events"
                        + " WHERE record_value IS NOT NULL AND topic = '"
                        + topic
                        + "'",
                row -> {
                    Event event = decodedOrNull(row.getBytes("record_value"));
                    return event == null
                            || reasons.computeIfAbsent(event.identity(), _ -> new HashSet<>())
                                    .add(row.getString("reason"));
                });
        return reasons;
    }

    Counts raw() throws SQLException {
        return counts(RAW);
    }

    Counts rollups() throws SQLException {
        return counts(ROLLUPS);
    }

    /// Without totals, which have no row there.
    Counts dimensions() throws SQLException {
        return counts(DIMENSIONS);
    }

    Map<Cell, Long> cohorts() throws SQLException {
        Map<Cell, Long> cells = new HashMap<>();
        rows(
                COHORTS,
                row ->
                        cells.put(
                                new Cell(
                                        row.getString("project_id"),
                                        row.getObject("cohort_day", LocalDate.class),
                                        row.getInt("day_number")),
                                row.getLong("users")));
        return cells;
    }

    /// Hours that the raw table owns.
    Set<Hour> rawHours() throws SQLException {
        return new HashSet<>(rows(RAW_HOURS, Postgres::hour));
    }

    static Part part(Hour hour, String part) {
        return new Part(hour + " " + part);
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }

    static @Nullable Event decodedOrNull(byte[] value) {
        try {
            return EventCodec.decode(value);
        } catch (MalformedRecordException _) {
            return null;
        }
    }

    private Counts counts(String sql) throws SQLException {
        Counts counts = new Counts();
        rows(
                sql,
                row -> {
                    counts.put(hour(row), row.getString("name"), row.getLong("number"));
                    return true;
                });
        return counts;
    }

    private static Hour hour(ResultSet row) throws SQLException {
        OffsetDateTime start = row.getObject("hour", OffsetDateTime.class);
        return new Hour(row.getString("project_id"), start.toInstant().toEpochMilli());
    }

    private static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
        OffsetDateTime value = row.getObject(column, OffsetDateTime.class);
        return value == null ? null : value.toInstant();
    }

    @FunctionalInterface
    private interface Reader<T> {
        T read(ResultSet row) throws SQLException;
    }

    private <T> List<T> rows(String sql, Reader<T> reader) throws SQLException {
        List<T> read = new ArrayList<>();
        try (Statement statement = connection.createStatement()) {
            statement.setFetchSize(FETCHED_AT_ONCE);
            try (ResultSet row = statement.executeQuery(sql)) {
                while (row.next()) {
                    read.add(reader.read(row));
                }
            }
        }
        connection.commit();
        return read;
    }
}
