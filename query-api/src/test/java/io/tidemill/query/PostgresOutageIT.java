package io.tidemill.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tidemill.embedded.EmbeddedPostgres;
import io.tidemill.storage.PostgresUrl;
import io.tidemill.storage.SchemaMigration;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PostgresOutageIT {

    @TempDir private Path directory;

    @Test
    void withoutPostgresQuestionsAre503UntilItIsBack() throws Exception {
        // given
        EmbeddedPostgres first = EmbeddedPostgres.start(directory, 0);
        PostgresUrl url = first.url();
        SchemaMigration.run(url, "");
        try (QueryServer server = QueryServer.on(url)) {
            assertThat(server.status("/api/analytics/rollups")).isEqualTo(200);
            awaitStatus(server, "/readyz", 200);

            // when
            first.close();

            // then
            HttpResponse<String> refused = server.get("/api/analytics/rollups");
            assertThat(refused.statusCode()).isEqualTo(503);
            assertThat(refused.headers().firstValue("retry-after")).contains("2");
            assertThat(refused.body())
                    .contains("\"code\":\"database_unavailable\"")
                    .doesNotContain("Exception", url.password());
            awaitStatus(server, "/readyz", 503);
            assertThat(server.get("/api/health").body()).contains("Postgres does not answer");
            assertThat(server.status("/livez")).isEqualTo(200);

            try (EmbeddedPostgres _ = EmbeddedPostgres.start(directory, url.port())) {
                awaitStatus(server, "/api/analytics/rollups", 200);
                awaitStatus(server, "/readyz", 200);
            }
        }
    }

    private static void awaitStatus(QueryServer server, String target, int status) {
        await().atMost(Duration.ofMinutes(1)).until(() -> server.status(target) == status);
    }
}
