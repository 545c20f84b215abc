package io.tidemill.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.storage.PostgresUrl;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.LocalDate;
import org.junit.jupiter.api.Test;

class SharedPostgresIT {

    private static final String INSERT =
            """
            INSERT INTO analytics.events (project_id, event_id, event_type, demo_mode, timestamp, received_at)
            VALUES ('demo', 'e1', 'page_viewed', false, '2025-10-18T01:00:00Z', now())
            """;

    private final TestPostgres postgres = TestPostgres.shared();

    @Test
    void freshDatabasesHaveTheSchemaAndNothingOfEachOther() throws Exception {
        // given
        PostgresUrl first = postgres.freshDatabase();
        PostgresUrl second = postgres.freshDatabase();
        postgres.createEventPartitions(first, LocalDate.parse("2025-10-18"));

        // when
        execute(first, INSERT);

        // then
        assertThat(countEvents(first)).isOne();
        assertThat(countEvents(second)).isZero();
    }

    @Test
    void analystsReadAndDontWrite() throws Exception {
        // given
        PostgresUrl url = postgres.freshDatabase();
        postgres.createEventPartitions(url, LocalDate.parse("2025-10-18"));

        // when
        PostgresUrl analyst = postgres.asAnalyst(url);

        // then
        assertThat(countEvents(analyst)).isZero();
        assertThatThrownBy(() -> execute(analyst, INSERT)).isInstanceOf(SQLException.class);
    }

    private static void execute(PostgresUrl url, String sql) throws SQLException {
        try (Connection connection = TestPostgres.connect(url);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static long countEvents(PostgresUrl url) throws SQLException {
        try (Connection connection = TestPostgres.connect(url);
                Statement statement = connection.createStatement();
                ResultSet count = statement.executeQuery("SELECT count(*) FROM analytics.events")) {
            assertThat(count.next()).isTrue();
            return count.getLong(1);
        }
    }
}
