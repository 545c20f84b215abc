package io.tidemill.sink;

import io.tidemill.contract.Event;
import io.tidemill.storage.PostgresUrl;
import io.tidemill.testkit.Events;
import io.tidemill.testkit.TestPostgres;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/// What a database holds, asked on a connection of its own each time.
final class Stored {

    private Stored() {}

    /// The first column of the first row.
    static String text(PostgresUrl postgres, String sql) throws SQLException {
        try (Connection connection = TestPostgres.connect(postgres);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            return row.next() ? String.valueOf(row.getString(1)) : "no row";
        }
    }

    static void execute(PostgresUrl postgres, String sql) throws SQLException {
        try (Connection connection = TestPostgres.connect(postgres);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /// The raw events, with what rollups of users need.
    static List<Event> events(PostgresUrl postgres) throws SQLException {
        List<Event> rows = new ArrayList<>();
        try (Connection connection = TestPostgres.connect(postgres);
                Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery(
                                "SELECT *, (extract(epoch FROM timestamp) * 1000)::bigint AS millis FROM analytics.events")) {
            while (row.next()) {
                rows.add(
                        Events.event()
                                .id(row.getString("event_id"))
                                .project(row.getString("project_id"))
                                .user(row.getString("user_id"))
                                .at(row.getLong("millis"))
                                .build());
            }
        }
        return rows;
    }
}
