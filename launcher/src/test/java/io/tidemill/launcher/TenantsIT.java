package io.tidemill.launcher;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tidemill.contract.HourlyRollup;
import io.tidemill.runtime.Env;
import io.tidemill.storage.PostgresUrl;
import io.tidemill.testkit.TestKafka;
import io.tidemill.testkit.TestPostgres;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Two projects on one pipeline: the same events sent to both, with keys that the command line
/// made.
class TenantsIT {

    private static final Duration SOON = Duration.ofSeconds(60);

    @TempDir private static Path folder;

    private static String writeShop;
    private static String readShop;
    private static String writeBlog;
    private static String readBlog;
    private static PostgresUrl postgres;
    private static Pipeline pipeline;
    private static HttpClient http;

    @BeforeAll
    static void start() throws Exception {
        List<String> shop = keys("create", "shop", "--write", "--read");
        writeShop = shop.get(0);
        readShop = shop.get(1);
        List<String> blog = keys("create", "blog", "--write", "--read");
        writeBlog = blog.get(0);
        readBlog = blog.get(1);
        TestKafka kafka = TestKafka.shared();
        postgres = TestPostgres.shared().freshDatabase();
        Env env =
                new Env(
                        Map.of(
                                "TIDEMILL_KAFKA_BOOTSTRAP", kafka.bootstrap(),
                                "TIDEMILL_TOPIC_PREFIX", kafka.freshPrefix(),
                                "TIDEMILL_POSTGRES_URL", SampleEvents.address(postgres),
                                "TIDEMILL_DATA_DIR", folder.toString(),
                                // Keys make it safe to be reached by others.
                                "TIDEMILL_HTTP_HOST", "0.0.0.0",
                                "TIDEMILL_HTTP_PORT", "0"));
        Plan plan = Plan.read(env, Set.of(), EnumSet.allOf(PartKind.class));
        pipeline = new Pipeline(plan, new StopSignal(), System.out);
        pipeline.start();
        pipeline.awaitReady(Optional.of(SOON));
        http = HttpClient.newHttpClient();
    }

    @AfterAll
    static void stop() {
        http.close();
        pipeline.close();
    }

    @Test
    void eachHasItsOwnRowsRollupsAndReads() throws Exception {
        // given
        Instant hour = Instant.now().truncatedTo(ChronoUnit.HOURS);

        // when
        post(writeShop, event("same", hour), event("shop-only", hour));
        post(writeBlog, event("same", hour));

        // then
        Set<String> expected = Set.of("shop same", "shop shop-only", "blog same");
        await().atMost(SOON).untilAsserted(() -> assertThat(rows()).isEqualTo(expected));
        await().atMost(SOON)
                .untilAsserted(() -> {
                    assertThat(totals()).isEqualTo(Map.of("shop", 2L, "blog", 1L));
                    assertThat(rollups(readShop, hour)).isEqualTo(2);
                    assertThat(rollups(readBlog, hour)).isEqualTo(1);
                });
        assertThat(ids(readShop)).containsExactlyInAnyOrder("same", "shop-only");
        assertThat(ids(readBlog)).containsExactly("same");
        assertThat(get(readBlog, "/api/events/shop-only").statusCode()).isEqualTo(404);
        assertThat(get(writeShop, "/api/events").statusCode()).isEqualTo(403);
        assertThat(get("", "/api/events").statusCode()).isEqualTo(401);
    }

    @Test
    void refusalsAreAsDescribed() throws Exception {
        // given
        OpenApi openApi = new OpenApi(get("", ApiDescription.PATH).body());

        // then
        for (String path : List.of("/api/events", "/api/analytics/track")) {
            assertThat(openApi.differences("GET", path, get("", path))).isEmpty();
            assertThat(openApi.differences("GET", path, get(writeShop, path))).isEmpty();
            for (String key : List.of("", readShop)) {
                HttpResponse<String> refused = postTo(path, key);
                assertThat(refused.statusCode()).isEqualTo(key.isEmpty() ? 401 : 403);
                assertThat(openApi.differences("POST", path, refused)).isEmpty();
            }
        }
    }

    @Test
    void limitsAreAnsweredAsDescribed() throws Exception {
        // given
        OpenApi openApi = new OpenApi(get("", ApiDescription.PATH).body());
        addByHand("limited", "\"bytes_per_second\":1");
        addByHand("off", "\"ingest_disabled\":true");
        HttpRequest.Builder aBucketOfSpaces =
                request(secretOf("limited"), "/api/events")
                        .header("Content-Type", "application/json")
                        .header("Content-Encoding", "gzip")
                        .POST(BodyPublishers.ofByteArray(gzip(" ".repeat(10 << 20))));
        await().atMost(SOON).until(() -> send(aBucketOfSpaces).statusCode() != 401);
        await().atMost(SOON)
                .until(() -> postTo("/api/events", secretOf("off")).statusCode() == 503);

        for (String path : List.of("/api/events", "/api/analytics/track")) {
            // when
            HttpResponse<String> throttled = postTo(path, secretOf("limited"));
            HttpResponse<String> switchedOff = postTo(path, secretOf("off"));

            // then
            Answers.require(openApi, "POST", path, throttled, 429);
            assertThat(throttled.headers().firstValueAsLong("Retry-After")).isPresent();
            Answers.require(openApi, "POST", path, switchedOff, 503);
            assertThat(Answers.code(switchedOff)).isEqualTo("ingest_disabled");
        }
    }

    private static void addByHand(String project, String field) throws Exception {
        Path file = folder.resolve("projects.json");
        String hash =
                HexFormat.of()
                        .formatHex(
                                MessageDigest.getInstance("SHA-256")
                                        .digest(secretOf(project).getBytes(UTF_8)));
        String added =
                """
                {"projects":{"%s":{%s,"keys":[{"id":"%s","sha256":"%s","uses":["write"],\
                "created_at":"2025-10-18T01:00:00Z","label":""}]},\
                """
                        .formatted(project, field, project, hash);
        Files.writeString(
                file,
                Files.readString(file).replaceFirst("\\{\\s*\"projects\"\\s*:\\s*\\{", added));
    }

    private static String secretOf(String project) {
        return "wk_a_secret_of_" + project;
    }

    private static byte[] gzip(String body) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(body.getBytes(UTF_8));
        }
        return bytes.toByteArray();
    }

    private static HttpResponse<String> postTo(String path, String key) throws Exception {
        return send(
                request(key, path)
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString("{}")));
    }

    private static HttpResponse<String> send(HttpRequest.Builder request)
            throws IOException, InterruptedException {
        return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private static List<String> keys(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of("keys", "--data-dir", "" + folder));
        command.addAll(List.of(arguments));
        try (TidemillProcess process =
                TidemillProcess.start(folder, Map.of(), command.toArray(String[]::new))) {
            assertThat(process.awaitExit()).isZero();
            return process.lines().stream().filter(line -> line.matches("[wr]k_\\w+")).toList();
        }
    }

    private static String event(String id, Instant hour) {
        return """
        {"event_type":"seen","event_id":"%s","session_id":"s","user_id":"ann","timestamp":"%s"}\
        """
                .formatted(id, hour);
    }

    private static void post(String key, String... events) throws Exception {
        HttpResponse<String> response =
                send(
                        request(key, "/api/events")
                                .header("Content-Type", "application/json")
                                .POST(
                                        BodyPublishers.ofString(
                                                "[" + String.join(",", events) + "]")));
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    }

    private static HttpResponse<String> get(String key, String path)
            throws IOException, InterruptedException {
        return send(request(key, path));
    }

    private static HttpRequest.Builder request(String key, String path) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(pipeline.httpAddress().orElseThrow() + path));
        return key.isEmpty() ? request : request.header("Authorization", "Bearer " + key);
    }

    private static List<String> ids(String key) throws Exception {
        JsonNode answer = JsonMapper.shared().readTree(get(key, "/api/events").body());
        return answer.path("events").values().stream()
                .map(event -> event.path("event_id").asString())
                .toList();
    }

    private static long rollups(String key, Instant hour) throws Exception {
        String body = get(key, "/api/analytics/rollups?from=" + hour).body();
        return JsonMapper.shared().readTree(body).path("total_events").asLong();
    }

    private static Set<String> rows() throws SQLException {
        Set<String> rows = new HashSet<>();
        try (Connection connection =
                        DriverManager.getConnection(postgres.jdbcUrl(), postgres.jdbcProperties());
                Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery(
                                "SELECT project_id, event_id FROM analytics.events")) {
            while (row.next()) {
                rows.add(row.getString(1) + " " + row.getString(2));
            }
        }
        return rows;
    }

    private static Map<String, Long> totals() throws SQLException {
        Map<String, Long> totals = new HashMap<>();
        for (HourlyRollup rollup : RollupRows.read(postgres).values()) {
            totals.merge(rollup.projectId(), rollup.totalEvents(), Long::sum);
        }
        return totals;
    }
}
