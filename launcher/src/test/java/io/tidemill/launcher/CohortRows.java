package io.tidemill.launcher;

import io.tidemill.contract.CohortCell;
import io.tidemill.storage.PostgresUrl;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.LocalDate;
import java.util.HashMap;
import java.util.Map;

/// Retention cohorts of the project `default`, as they are in Postgres.
final class CohortRows {

    private static final String KEPT =
            """
            SELECT cohort_day, day_number, users FROM analytics.retention_cohorts
             WHERE project_id = 'default' AND cohort_day < ?
            """;

    private static final String RAW =
            "SELECT cohort_day, day_number, users FROM analytics.raw_retention('default') WHERE"
                    + " cohort_day < ?";

    private CohortRows() {}

    /// Those of users first seen before a day.
    static Map<CohortCell, Long> before(PostgresUrl url, LocalDate day) throws SQLException {
        return read(url, KEPT, day);
    }

    /// The same, computed from raw events.
    static Map<CohortCell, Long> ofRawBefore(PostgresUrl url, LocalDate day) throws SQLException {
        return read(url, RAW, day);
    }

    private static Map<CohortCell, Long> read(PostgresUrl url, String sql, LocalDate day)
            throws SQLException {
        Map<CohortCell, Long> cells = new HashMap<>();
        try (Connection connection =
                        DriverManager.getConnection(url.jdbcUrl(), url.jdbcProperties());
                PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setObject(1, day);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    long cohort = row.getObject("cohort_day", LocalDate.class).toEpochDay();
                    cells.put(
                            new CohortCell("default", cohort, row.getInt("day_number")),
                            row.getLong("users"));
                }
            }
        }
        return cells;
    }
}
