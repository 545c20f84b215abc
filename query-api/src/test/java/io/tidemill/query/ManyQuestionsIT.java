package io.tidemill.query;

import static io.tidemill.query.Tables.mine;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tidemill.contract.Event;
import io.tidemill.storage.PostgresUrl;
import io.tidemill.testkit.TestPostgres;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ManyQuestionsIT {

    private static final String NOBODY_AT_HAND = "tidemill_query_questions 0.0";
    private static final String ONE_AT_HAND = "tidemill_query_questions 1.0";

    private final PostgresUrl url = TestPostgres.shared().freshDatabase();
    private final Tables tables = new Tables(url);
    private QueryServer server = new QueryServer(new QueryConfig(1, 1, Duration.ofMinutes(1)), url);

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void moreQuestionsThanThereIsRoomForAre503() throws Exception {
        try (Connection lock = tables.connect()) {
            // given
            lockRollups(lock);
            CompletableFuture<HttpResponse<String>> waiting =
                    server.getAsync("/api/analytics/rollups");
            await().until(() -> metrics().contains(ONE_AT_HAND));

            // when
            HttpResponse<String> refused = server.get("/api/events/a");

            // then
            assertThat(refused.statusCode()).isEqualTo(503);
            assertThat(refused.headers().firstValue("retry-after")).contains("2");
            assertThat(refused.body()).contains("\"code\":\"overloaded\"");
            lock.rollback();
            assertThat(waiting.get().statusCode()).isEqualTo(200);
        }
    }

    @Test
    void aQuestionWhoseAskerWentAwayLeavesItsConnectionUsable() throws Exception {
        // given
        tables.insertEvents(mine("a").build());
        try (Connection lock = tables.connect()) {
            lockRollups(lock);
            try (Socket asker = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
                asker.getOutputStream()
                        .write(
                                "GET /api/analytics/rollups HTTP/1.1\r\nHost: h\r\n\r\n"
                                        .getBytes(StandardCharsets.US_ASCII));
                await().until(() -> metrics().contains(ONE_AT_HAND));
            }

            // when
            lock.rollback();
        }

        // then
        await().until(() -> metrics().contains(NOBODY_AT_HAND));
        assertThat(server.status("/api/events/a")).isEqualTo(200);
        assertThat(connections()).isEqualTo(1);
    }

    @Test
    void aQuestionThatTakesTooLongIs422AndSaysWhatToNarrow() throws Exception {
        // given
        server.close();
        server = new QueryServer(new QueryConfig(1, 1, Duration.ofMillis(300)), url);
        Event event = mine("a").build();
        tables.insertEvents(event);
        tables.insertRollupsOf(List.of(event));
        tables.execute("ALTER TABLE analytics.hourly_rollups RENAME TO quick");
        tables.execute(
                "CREATE VIEW analytics.hourly_rollups AS"
                        + " SELECT quick.* FROM analytics.quick, pg_sleep(600)");

        // when
        HttpResponse<String> response = server.get("/api/analytics/rollups?from=0");

        // then
        assertThat(response.statusCode()).isEqualTo(422);
        assertThat(response.body())
                .contains("\"code\":\"too_expensive\"")
                .contains("narrow the time range");
        assertThat(server.status("/api/events/a")).isEqualTo(200);
    }

    private static void lockRollups(Connection connection) throws Exception {
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.execute("LOCK TABLE analytics.hourly_rollups IN ACCESS EXCLUSIVE MODE");
        }
    }

    private String metrics() throws Exception {
        return server.get("/metrics").body();
    }

    private int connections() throws Exception {
        try (Connection connection = tables.connect();
                Statement statement = connection.createStatement();
                ResultSet rows =
                        statement.executeQuery(
                                "SELECT count(*) FROM pg_stat_activity"
                                        + " WHERE datname = current_database()"
                                        + " AND application_name = 'tidemill-query'")) {
            rows.next();
            return rows.getInt(1);
        }
    }
}
