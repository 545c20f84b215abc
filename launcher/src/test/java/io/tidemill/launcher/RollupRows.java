package io.tidemill.launcher;

import io.tidemill.contract.Event;
import io.tidemill.contract.HourlyRollup;
import io.tidemill.contract.RollupKey;
import io.tidemill.storage.PostgresUrl;
import io.tidemill.testkit.GroupBy;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
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

    private RollupRows() {}

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
