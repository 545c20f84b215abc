package io.tidemill.query;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.projects.KeyHash;
import io.tidemill.projects.KeyUse;
import io.tidemill.projects.Project;
import io.tidemill.projects.ProjectKey;
import io.tidemill.projects.Projects;
import io.tidemill.projects.ProjectsFile;
import io.tidemill.projects.RateLimits;
import io.tidemill.storage.PostgresUrl;
import io.tidemill.testkit.Events;
import io.tidemill.testkit.TestPostgres;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Who may read what, over real HTTP.
class ReadKeysIT {

    private static final String SHOP = "rk_of-the-shop-0001";
    private static final String BLOG = "rk_of-the-blog-0001";
    private static final String WRITER = "wk_of-the-shop-0001";

    @TempDir private static Path folder;

    private static QueryServer server;
    private static HttpClient client;

    @BeforeAll
    static void start() throws Exception {
        PostgresUrl url = TestPostgres.shared().freshDatabase();
        long now = Instant.now().toEpochMilli();
        new Tables(url)
                .insertEvents(
                        Events.event().project("shop").id("in-shop").user("ann").at(now).build(),
                        Events.event().project("blog").id("in-blog").user("ann").at(now).build());
        ProjectsFile projects = new ProjectsFile(folder.resolve("projects.json"));
        Projects _ =
                projects.edit(_ ->
                        Projects.of(
                                List.of(
                                        // Switched off for writing: reads go on.
                                        project(
                                                "shop",
                                                true,
                                                key("k_1", SHOP, KeyUse.READ),
                                                key("k_2", WRITER, KeyUse.WRITE)),
                                        project("blog", false, key("k_3", BLOG, KeyUse.READ)))));
        server = new QueryServer(QueryServer.CONFIG, url, projects);
        client = HttpClient.newHttpClient();
    }

    @AfterAll
    static void stop() {
        client.close();
        server.close();
    }

    @Test
    void aKeyReadsItsProjectAlone() throws IOException, InterruptedException {
        for (String target : List.of("/api/events", "/api/analytics/track")) {
            assertThat(get(target, SHOP).body()).contains("in-shop").doesNotContain("in-blog");
            assertThat(get(target, BLOG).body()).contains("in-blog").doesNotContain("in-shop");
        }
        assertThat(get("/api/events/in-shop", SHOP).statusCode()).isEqualTo(200);
        assertThat(get("/api/events/in-shop", BLOG).statusCode()).isEqualTo(404);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/api/events",
                "/api/events/in-shop",
                "/api/analytics/track",
                "/api/analytics/rollups",
                "/api/analytics/retention",
                "/api/events?limit=none"
            })
    void everyRouteTakesAKeyThatReads(String target) throws IOException, InterruptedException {
        // when
        HttpResponse<String> none = server.get(target);
        HttpResponse<String> unknown = get(target, "rk_of-nobody-at-all");
        HttpResponse<String> writer = get(target, WRITER);

        // then
        assertThat(none.statusCode()).isEqualTo(401);
        assertThat(none.headers().firstValue("WWW-Authenticate")).contains("Bearer");
        assertThat(none.body()).contains("\"code\":\"unauthorized\"");
        assertThat(unknown.statusCode()).isEqualTo(401);
        assertThat(unknown.body()).isEqualTo(none.body());
        assertThat(writer.statusCode()).isEqualTo(403);
        assertThat(writer.body()).contains("\"code\":\"wrong_key_kind\"");
    }

    @Test
    void theOtherHeaderServesAsWell() throws IOException, InterruptedException {
        // when
        HttpResponse<String> response =
                client.send(
                        request("/api/events/in-shop").header("X-Api-Key", SHOP).build(),
                        BodyHandlers.ofString());

        // then
        assertThat(response.statusCode()).isEqualTo(200);
    }

    @Test
    void noParameterChoosesTheProject() throws IOException, InterruptedException {
        // when
        HttpResponse<String> response = get("/api/events?project=blog", SHOP);

        // then
        assertThat(response.statusCode()).isEqualTo(400);
    }

    @Test
    void healthTakesNoKey() throws IOException, InterruptedException {
        assertThat(server.status("/livez")).isEqualTo(200);
        assertThat(server.status("/metrics")).isEqualTo(200);
    }

    private static HttpResponse<String> get(String target, String key)
            throws IOException, InterruptedException {
        return client.send(
                request(target).header("Authorization", "Bearer " + key).build(),
                BodyHandlers.ofString());
    }

    private static HttpRequest.Builder request(String target) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + target));
    }

    private static Project project(String id, boolean ingestDisabled, ProjectKey... keys) {
        return new Project(id, ingestDisabled, RateLimits.UNLIMITED, null, null, List.of(keys));
    }

    private static ProjectKey key(String id, String secret, KeyUse use) {
        return new ProjectKey(
                id, KeyHash.of(secret), Set.of(use), Instant.parse("2025-10-18T01:00:00Z"), "");
    }
}
