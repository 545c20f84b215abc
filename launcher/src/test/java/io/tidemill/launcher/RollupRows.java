package io.tidemill.launcher;

import io.tidemill.contract.Event;
import io.tidemill.contract.HourlyRollup;
import io.tidemill.contract.RollupKey;
import io.tidemill.storage.PostgresUrl;
import io.tidemill.testkit.GroupBy;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/// `analytics.hourly_rollups`, read back to be compared with a plain GROUP BY.
final class RollupRows {

    private static final TypeReference<TreeMap<String, Long>> COUNTS = new TypeReference<>() {};
    private static final String SELECT =
            """
            SELECT project_id, extract(epoch FROM hour)::bigint * 1000 AS hour_millis, total_events,
                   unique_sessions, unique_users, event_counts, tool_usage, risk_distribution
              FROM analytics.hourly_rollups\
            """;

    private static final String TOTAL =
            "SELECT coalesce(sum(total_events), 0) FROM analytics.hourly_rollups WHERE hour = ?";
    private static final String DIFFERING =
            """
            SELECT count(*)
              FROM analytics.raw_rollups(NULL, ?::timestamptz, ?::timestamptz + interval '1 hour') AS raw
              FULL JOIN (SELECT * FROM analytics.hourly_rollups WHERE hour = ?::timestamptz) AS rollup
                   USING (project_id, hour)
             WHERE (raw.total_events, raw.unique_sessions, raw.unique_users,
                    raw.event_counts, raw.tool_usage, raw.risk_distribution)
                   IS DISTINCT FROM
                   (rollup.total_events, rollup.unique_sessions, rollup.unique_users,
                    rollup.event_counts, rollup.tool_usage, rollup.risk_distribution)\
            """;

    private RollupRows() {}

    /// Events of all projects in the hour, by their rollups.
    static long total(PostgresUrl url, Instant hour) throws SQLException {
        return number(url, TOTAL, hour);
    }

    /// Whether some rollup of the hour isn't what its raw rows give.
    static boolean differFromRaw(PostgresUrl url, Instant hour) throws SQLException {
        return number(url, DIFFERING, hour) > 0;
    }

    private static long number(PostgresUrl url, String sql, Instant hour) throws SQLException {
        try (Connection connection =
                        DriverManager.getConnection(url.jdbcUrl(), url.jdbcProperties());
                PreparedStatement statement = connection.prepareStatement(sql)) {
            int parameters = statement.getParameterMetaData().getParameterCount();
            for (int parameter = 1; parameter <= parameters; parameter++) {
                statement.setObject(parameter, hour.atOffset(ZoneOffset.UTC));
            }
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        }
    }

    static boolean isTrue(PostgresUrl url, String sql, Instant hour) throws SQLException {
        return "t".equals(text(url, sql, hour));
    }

    /// Zero where there is none.
    static BigDecimal decimal(PostgresUrl url, String sql, Instant hour) throws SQLException {
        String number = text(url, sql, hour);
        return number == null ? BigDecimal.ZERO : new BigDecimal(number);
    }

    private static @Nullable String text(PostgresUrl url, String sql, Instant hour)
            throws SQLException {
        try (Connection connection =
                        DriverManager.getConnection(url.jdbcUrl(), url.jdbcProperties());
                PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setObject(1, hour.atOffset(ZoneOffset.UTC));
            try (ResultSet row = statement.executeQuery()) {
                return row.next() ? row.getString(1) : null;
            }
        }
    }

    static Map<RollupKey, HourlyRollup> read(PostgresUrl url) throws SQLException {
        Map<RollupKey, HourlyRollup> rows = new HashMap<>();
        try (Connection connection =
                        DriverManager.getConnection(url.jdbcUrl(), url.jdbcProperties());
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(SELECT)) {
            while (row.next()) {
                HourlyRollup rollup =
                        new HourlyRollup(
                                row.getString("project_id"),
                                row.getLong("hour_millis"),
                                0,
                                row.getLong("total_events"),
                                row.getLong("unique_sessions"),
                                row.getLong("unique_users"),
                                counts(row.getString("event_counts")),
                                counts(row.getString("tool_usage")),
                                counts(row.getString("risk_distribution")));
                rows.put(rollup.key(), rollup);
            }
        }
        return rows;
    }

    static Map<RollupKey, HourlyRollup> expected(Collection<Event> events) {
        return GroupBy.of(events);
    }

    private static SortedMap<String, Long> counts(String json) {
        return JsonMapper.shared().readValue(json, COUNTS);
    }
}
