package io.tidemill.sink;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.storage.PostgresUrl;
import io.tidemill.storage.SchemaMigration;
import io.tidemill.testkit.TestPostgres;
import java.io.IOException;
import java.io.InputStream;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;

/// What the role `analyst` finds, and what holds it.
class AnalystRoleIT {

    private final PostgresUrl url = TestPostgres.shared().freshDatabase();
    private final PostgresUrl analyst = TestPostgres.shared().asAnalyst(url);

    @Test
    void everyFunctionForAnalystsHasAComment() throws SQLException {
        assertThat(
                        text(
                                url,
                                """
                                SELECT coalesce(string_agg(proname, ' '), 'none')
                                  FROM pg_proc
                                 WHERE pronamespace = 'analytics'::regnamespace AND obj_description(oid, 'pg_proc') IS NULL
                                """))
                .isEqualTo("none");
    }

    @Test
    void anAnalystReadsTheViewsAndAsksTheFunctions() throws SQLException {
        assertThat(text(analyst, "SELECT count(*) FROM analytics.daily_rollups")).isEqualTo("0");
        assertThat(text(analyst, "SELECT count(*) FROM analytics.top_values")).isEqualTo("0");
        assertThat(text(analyst, "SELECT count(*) FROM analytics.unique_sketches")).isEqualTo("0");
        assertThat(text(analyst, "SELECT analytics.unique_users('p', '-infinity', 'infinity')"))
                .isEqualTo("0");
        assertThat(text(analyst, "SELECT analytics.unique_sessions('p', now(), now())"))
                .isEqualTo("0");
    }

    @Test
    void statementsAndConnectionsOfAnAnalystAreLimited() throws SQLException {
        assertThat(text(analyst, "SHOW statement_timeout")).isEqualTo("1min");
        assertThat(text(analyst, "SHOW idle_in_transaction_session_timeout")).isEqualTo("1min");
        assertThat(text(analyst, "SHOW default_transaction_read_only")).isEqualTo("on");
        assertThat(text(url, "SELECT rolconnlimit FROM pg_roles WHERE rolname = 'analyst'"))
                .isEqualTo("20");
    }

    @Test
    void anAnalystMakesNoLargeObjects() {
        PostgresUrl migrated = TestPostgres.shared().emptyDatabase();
        SchemaMigration.run(migrated, TestPostgres.ANALYST_PASSWORD);

        for (String sql : new String[] {"lo_create(0)", "lo_creat(-1)", "lo_from_bytea(0, '')"}) {
            assertThatThrownBy(
                            () -> text(TestPostgres.shared().asAnalyst(migrated), "SELECT " + sql))
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("permission denied");
        }
    }

    /// In a transaction that is undone: the role belongs to the whole server.
    @Test
    void anAnalystLogsInOnlyOnceThereIsAPassword() throws SQLException, IOException {
        try (Connection connection = TestPostgres.connect(url);
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("ALTER ROLE analyst RENAME TO analyst_set_aside");

            statement.execute(migration(""));
            assertThat(canLogIn(statement)).isFalse();

            statement.execute(migration("it''s secret"));
            assertThat(canLogIn(statement)).isTrue();

            statement.execute(migration(""));
            assertThat(canLogIn(statement)).isTrue();
            connection.rollback();
        }
    }

    private static boolean canLogIn(Statement statement) throws SQLException {
        try (ResultSet row =
                statement.executeQuery(
                        "SELECT rolcanlogin FROM pg_roles WHERE rolname = 'analyst'")) {
            row.next();
            return row.getBoolean(1);
        }
    }

    private static String migration(String password) throws IOException {
        try (InputStream in =
                SchemaMigration.class.getResourceAsStream("/db/migration/R__analyst_role.sql")) {
            String sql = new String(requireNonNull(in, "the migration").readAllBytes(), UTF_8);
            return sql.replace("${analyst_password}", password);
        }
    }

    private static String text(PostgresUrl url, String sql) throws SQLException {
        try (Connection connection = TestPostgres.connect(url);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getString(1);
        }
    }
}
