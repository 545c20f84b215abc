package io.tidemill.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.runtime.StartupException;
import io.tidemill.storage.PostgresUrl;
import io.tidemill.storage.SchemaMigration;
import io.tidemill.testkit.TestPostgres;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The schema, as the sink and analysts find it.
class SchemaMigrationIT {

    private final TestPostgres server = TestPostgres.shared();

    @Test
    void manyProcessesMayMigrateAtOnce() throws Exception {
        // given
        PostgresUrl url = server.emptyDatabase();
        List<Future<?>> migrations = new ArrayList<>();

        // when
        try (ExecutorService processes = Executors.newFixedThreadPool(6)) {
            for (int i = 0; i < 6; i++) {
                migrations.add(
                        processes.submit(
                                () -> SchemaMigration.run(url, TestPostgres.ANALYST_PASSWORD)));
            }
        }

        // then
        for (Future<?> migration : migrations) {
            migration.get();
        }
        assertThat(number(url, "SELECT count(*) FROM analytics.events")).isZero();
    }

    @Test
    void migratingAgainChangesNothing() throws Exception {
        PostgresUrl url = server.freshDatabase();
        String count = "SELECT count(*) FROM pipeline.flyway_schema_history";
        long before = number(url, count);

        SchemaMigration.run(url, TestPostgres.ANALYST_PASSWORD);

        assertThat(number(url, count)).isEqualTo(before);
    }

    @Test
    void aNewerSchemaIsRefusedInOneLine() throws Exception {
        // given
        PostgresUrl url = server.freshDatabase();
        execute(
                url,
                "INSERT INTO pipeline.flyway_schema_history (installed_rank, version, description, type, script, checksum, installed_by, execution_time, success) VALUES (99, '99', 'later', 'SQL', 'V99__later.sql', 1, 'x', 1, true)");

        // when, then
        assertThatThrownBy(() -> SchemaMigration.run(url, TestPostgres.ANALYST_PASSWORD))
                .isInstanceOf(StartupException.class)
                .hasMessage(
                        "the database has schema version 99, newer than this Tidemill knows: start a newer one");
    }

    @Test
    void aDatabaseThatIsNotThereIsToldInOneLine() {
        PostgresUrl url = server.freshDatabase();
        PostgresUrl missing =
                new PostgresUrl(url.host(), url.port(), "missing", url.user(), url.password());

        assertThatThrownBy(() -> SchemaMigration.run(missing, ""))
                .isInstanceOf(StartupException.class)
                .message()
                .startsWith("the database postgresql://")
                .hasLineCount(1)
                .doesNotContain(url.password());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT count(*) FROM analytics.events",
                "SELECT count(*) FROM analytics.hourly_rollups",
                "SELECT count(*) FROM analytics.hourly_rollup_dimensions",
                "SELECT count(*) FROM analytics.freshness",
                "SELECT count(reason) FROM analytics.rejected_events"
            })
    void anAnalystReads(String sql) throws Exception {
        assertThat(number(analyst(), sql)).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT record_value FROM analytics.rejected_events",
                "SELECT * FROM analytics.rejected_events",
                "SELECT * FROM pipeline.consumer_offsets",
                "SELECT pipeline.create_events_partition(current_date)",
                "DELETE FROM analytics.events",
                "UPDATE analytics.hourly_rollups SET total_events = 0",
                "INSERT INTO analytics.hourly_rollup_dimensions VALUES ('p', now(), 'd', 'v', 1)",
                "TRUNCATE analytics.events",
                "CREATE TABLE analytics.mine (a int)",
                "CREATE TABLE public.mine (a int)",
                "CREATE TEMPORARY TABLE mine (a int)",
                "COPY analytics.events TO PROGRAM 'true'"
            })
    void anAnalystDoesNothingElse(String sql) {
        PostgresUrl analyst = analyst();

        assertThatThrownBy(() -> execute(analyst, "SET default_transaction_read_only = off", sql))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("permission denied");
    }

    @Test
    void anAnalystReadsPartitionsThatAreCreatedLater() throws Exception {
        PostgresUrl url = server.freshDatabase();
        execute(url, "SELECT pipeline.create_events_partition('2025-10-18')");

        assertThat(number(server.asAnalyst(url), "SELECT count(*) FROM analytics.events_20251018"))
                .isZero();
    }

    @Test
    void everythingForAnalystsHasAComment() throws Exception {
        PostgresUrl url = server.freshDatabase();

        assertThat(
                        number(
                                url,
                                """
                                SELECT count(*)
                                  FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
                                  JOIN pg_attribute ON attrelid = pg_class.oid AND attnum > 0 AND NOT attisdropped
                                 WHERE nspname = 'analytics' AND relkind IN ('r', 'p', 'v')
                                   AND (col_description(pg_class.oid, attnum) IS NULL OR obj_description(pg_class.oid, 'pg_class') IS NULL)
                                """))
                .isZero();
    }

    @Test
    void partitionsNearTodayAreCreatedAndOthersOnlyFound() throws Exception {
        PostgresUrl url = server.freshDatabase();
        execute(url, "SELECT pipeline.create_events_partition('2001-01-01')");

        long found =
                number(
                        url,
                        """
                        SELECT count(*) FROM pipeline.prepare_events_partitions(
                            ARRAY['2001-01-01', '2001-01-02', current_date - 31, current_date - 32, current_date + 7, current_date + 8]::date[], 7)
                        """);

        assertThat(found).isEqualTo(3);
    }

    /// Of a database that was migrated itself: a copy has lost what its template revoked.
    private PostgresUrl analyst() {
        PostgresUrl url = server.emptyDatabase();
        SchemaMigration.run(url, TestPostgres.ANALYST_PASSWORD);
        return server.asAnalyst(url);
    }

    private static long number(PostgresUrl url, String sql) throws SQLException {
        try (Connection connection = TestPostgres.connect(url);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        }
    }

    private static void execute(PostgresUrl url, String... statements) throws SQLException {
        try (Connection connection = TestPostgres.connect(url);
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }
}
