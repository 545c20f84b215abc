package io.tidemill.ingest;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tidemill.contract.Event;
import io.tidemill.projects.KeyHash;
import io.tidemill.projects.KeyUse;
import io.tidemill.projects.Project;
import io.tidemill.projects.ProjectKey;
import io.tidemill.projects.Projects;
import io.tidemill.projects.ProjectsFile;
import io.tidemill.projects.RateLimits;
import io.tidemill.testkit.TestKafka;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

/// Who may write what, over real HTTP and into a real Kafka.
class KeysIT {

    private static final String EVENTS = "/api/events";
    private static final String TRACK = "/api/analytics/track";
    private static final String SHOP = "wk_of-the-shop-0001";
    private static final String BLOG = "wk_of-the-blog-0001";
    private static final String READER = "rk_of-the-shop-0001";
    private static final String BOTH = "imported-secret-0001";
    private static final String CLOSED = "wk_of-the-closed-01";
    private static final String UNKNOWN = "wk_of-nobody-at-all";
    private static final int MAX_KEYLESS_BYTES = 8 << 10;
    private static final int MAX_EVENTS = 10;

    @TempDir private static Path folder;

    private static ProjectsFile projects;
    private static RunningGateway gateway;

    @BeforeAll
    static void start() {
        projects = new ProjectsFile(folder.resolve("projects.json"));
        Projects _ =
                projects.edit(_ ->
                        Projects.of(
                                List.of(
                                        project(
                                                "shop",
                                                RateLimits.UNLIMITED,
                                                key(SHOP, KeyUse.WRITE),
                                                key(READER, KeyUse.READ),
                                                key(BOTH, KeyUse.WRITE, KeyUse.READ)),
                                        project(
                                                "blog",
                                                RateLimits.UNLIMITED,
                                                key(BLOG, KeyUse.WRITE)),
                                        new Project(
                                                "closed",
                                                true,
                                                RateLimits.UNLIMITED,
                                                null,
                                                null,
                                                List.of(key(CLOSED, KeyUse.WRITE))))));
        TestKafka kafka = TestKafka.shared();
        String prefix = kafka.freshPrefix();
        kafka.createTopics(prefix, 3, 1);
        gateway =
                RunningGateway.start(
                                kafka.connection(prefix),
                                Map.of(
                                        "TIDEMILL_PROJECTS_FILE",
                                        projects.path().toString(),
                                        "TIDEMILL_MAX_KEYLESS_REQUEST_BYTES",
                                        Integer.toString(MAX_KEYLESS_BYTES),
                                        "TIDEMILL_MAX_REQUEST_EVENTS",
                                        Integer.toString(MAX_EVENTS)))
                        .awaitUp();
    }

    @AfterAll
    static void stop() {
        gateway.close();
    }

    @Test
    void theProjectIsThatOfTheKeyInTheHeaders() throws IOException, InterruptedException {
        // given
        Map<String, String> projectsById = new HashMap<>();
        String[][] headers = {
            {"Authorization", "Bearer " + SHOP, "shop"},
            {"authorization", "bearer " + BLOG, "blog"},
            {"X-Api-Key", BLOG, "blog"},
            {"X-Api-Key", BOTH, "shop"}
        };

        // when
        for (String[] header : headers) {
            String id = id();
            projectsById.put(id, header[2]);
            HttpResponse<String> response =
                    gateway.send(request(event(id)).header(header[0], header[1]));
            assertThat(response.statusCode()).isEqualTo(200);
        }

        // then
        assertThat(published(projectsById.keySet())).isEqualTo(projectsById);
    }

    @Test
    void aBeaconCarriesItsKeyInTheBodyAndNothingKeepsIt() throws IOException, InterruptedException {
        // given
        Map<String, String> projectsById = new HashMap<>();
        String[][] forms = {
            {EVENTS, "application/json", "{\"api_key\":\"%2$s\",\"events\":[%1$s]}"},
            {EVENTS, "application/json", "{\"events\":[%1$s],\"api_key\":\"%2$s\"}"},
            {EVENTS, "text/plain;charset=UTF-8", "{\"apiKey\":\"%2$s\",\"events\":[%1$s]}"},
            {EVENTS, "text/plain", "{\"api_key\":\"%2$s\",%3$s}"},
            {TRACK, "application/json", "{%3$s,\"api_key\":\"%2$s\"}"}
        };

        // when
        for (String[] form : forms) {
            String id = id();
            projectsById.put(id, "blog");
            String event = event(id);
            String fields = event.substring(1, event.length() - 1);
            HttpResponse<String> response =
                    gateway.send(
                            gateway.request(form[0])
                                    .setHeader("Content-Type", form[1])
                                    .POST(
                                            BodyPublishers.ofString(
                                                    form[2].formatted(event, BLOG, fields))));
            assertThat(response.statusCode()).as(form[2]).isEqualTo(200);
            assertThat(response.body()).doesNotContain(BLOG);
        }

        // then
        assertThat(published(projectsById.keySet())).isEqualTo(projectsById);
        assertThat(gateway.records())
                .noneMatch(record -> new String(record.value(), UTF_8).contains(BLOG));
    }

    @Test
    void noProjectIsTakenFromTheBody() throws IOException, InterruptedException {
        // given
        String id = id();
        String body =
                event(id).replaceFirst("\\{", "{\"project_id\":\"blog\",\"project\":\"blog\",");

        // when
        HttpResponse<String> response = post(EVENTS, SHOP, body);

        // then
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(published(id).projectId()).isEqualTo("shop");
    }

    static Stream<HttpRequest.Builder> strangers() {
        String event = event("stranger");
        String keyed = event.replaceFirst("\\{", "{\"api_key\":\"" + UNKNOWN + "\",");
        return Stream.of(
                request(event),
                request(event).header("Authorization", "Bearer " + UNKNOWN),
                request(event).header("X-Api-Key", UNKNOWN),
                request(event).header("Authorization", "Basic " + SHOP),
                request(event).header("Authorization", "Bearer " + SHOP).header("X-Api-Key", BLOG),
                request(keyed),
                request(keyed.replace(UNKNOWN, "")),
                request("{\"events\":[" + keyed.replace(UNKNOWN, SHOP) + "]}"),
                request("[" + keyed.replace(UNKNOWN, SHOP) + "]"),
                request("not json"),
                request(""),
                request(keyed.replace(UNKNOWN, SHOP))
                        .setHeader("Content-Type", "application/x-ndjson"),
                request(keyed.replace(UNKNOWN, SHOP)).header("Content-Encoding", "gzip"),
                // A key in the address ends up in logs of everybody in between.
                gateway.request(EVENTS + "?api_key=" + SHOP).POST(BodyPublishers.ofString(event)),
                gateway.request(TRACK).POST(BodyPublishers.ofString(event)));
    }

    @ParameterizedTest
    @MethodSource("strangers")
    void whoHasNoKeyIsToldTheSameAsWhoHasAWrongOne(HttpRequest.Builder request)
            throws IOException, InterruptedException {
        // when
        HttpResponse<String> response = gateway.send(request);

        // then
        assertThat(response.statusCode()).isEqualTo(401);
        assertThat(response.headers().firstValue("WWW-Authenticate")).contains("Bearer");
        assertThat(response.headers().firstValue("Content-Type"))
                .contains("application/problem+json");
        assertThat(response.headers().firstValue("Access-Control-Allow-Origin")).contains("*");
        assertThat(response.body())
                .isEqualTo(
                        """
                        {"type":"about:blank","title":"Unauthorized","status":401,\
                        "code":"unauthorized","detail":"a write key is needed: Authorization: Bearer,\
                         X-Api-Key, or api_key in the body's object"}\
                        """);
    }

    @Test
    void whatStrangersSendIsNotPublished() throws IOException, InterruptedException {
        // when
        for (HttpRequest.Builder request : strangers().toList()) {
            gateway.send(request);
        }

        // then
        assertThat(gateway.published()).noneMatch(event -> event.eventId().equals("stranger"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"header", "body"})
    void aReadKeyDoesNotWrite(String place) throws IOException, InterruptedException {
        // when
        HttpResponse<String> response =
                place.equals("header")
                        ? post(EVENTS, READER, event(id()))
                        : gateway.post(
                                EVENTS,
                                "{\"api_key\":\""
                                        + READER
                                        + "\",\"events\":["
                                        + event(id())
                                        + "]}");

        // then
        assertThat(response.statusCode()).isEqualTo(403);
        assertThat(code(response)).isEqualTo("wrong_key_kind");
    }

    @Test
    void aProjectThatIsSwitchedOffTakesNothing() throws IOException, InterruptedException {
        // when
        HttpResponse<String> response = post(EVENTS, CLOSED, event(id()));

        // then
        assertThat(response.statusCode()).isEqualTo(503);
        assertThat(code(response)).isEqualTo("ingest_disabled");
        assertThat(response.headers().firstValue("Retry-After")).contains("60");
    }

    @Test
    void aBodyThatNobodyVouchesForIsShort() throws IOException, InterruptedException {
        // given
        String id = id();
        String filler = ",\"prompt_text\":\"" + "x".repeat(MAX_KEYLESS_BYTES) + "\"}";
        String body = event(id).replaceFirst("}$", filler);
        String keyed = body.replaceFirst("\\{", "{\"api_key\":\"" + SHOP + "\",");

        // then
        assertThat(gateway.post(EVENTS, body).statusCode()).isEqualTo(413);
        assertThat(gateway.post(EVENTS, keyed).statusCode()).isEqualTo(413);
        assertThat(post(EVENTS, SHOP, body).statusCode()).isEqualTo(200);
    }

    @Test
    void aBodyThatGrowsWhenItIsDecompressedIsShortToo() throws IOException, InterruptedException {
        // given
        byte[] bomb = Compressed.gzip(new byte[MAX_KEYLESS_BYTES + 1]);

        // when
        HttpResponse<String> response =
                gateway.send(
                        gateway.request(EVENTS)
                                .header("Content-Encoding", "gzip")
                                .POST(BodyPublishers.ofByteArray(bomb)));

        // then
        assertThat(response.statusCode()).isEqualTo(413);
    }

    @Test
    void withAWrongKeyInTheHeadersNobodyWaitsForTheBody() throws IOException {
        // given
        String head =
                "POST /api/events HTTP/1.1\r\nHost: localhost\r\nX-Api-Key: "
                        + UNKNOWN
                        + "\r\n"
                        + "Content-Type: application/json\r\nContent-Length: 100000\r\n\r\n";

        // when
        String answer;
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), gateway.port())) {
            socket.getOutputStream().write(head.getBytes(US_ASCII));
            answer = new String(socket.getInputStream().readAllBytes(), UTF_8);
        }

        // then
        assertThat(answer)
                .startsWith("HTTP/1.1 401 Unauthorized\r\n")
                .doesNotContain(UNKNOWN)
                .containsIgnoringCase("connection: close");
    }

    @Test
    void keysComeAndGoWithoutARestart() throws IOException, InterruptedException {
        // given
        String secret = "wk_comes-and-goes-01";
        ProjectKey key = key(secret, KeyUse.WRITE);
        assertThat(post(EVENTS, secret, event(id())).statusCode()).isEqualTo(401);

        // when
        Projects _ = projects.edit(now -> now.with("fresh", key));

        // then
        String id = id();
        await().until(() -> post(EVENTS, secret, event(id)).statusCode() == 200);
        assertThat(published(id).projectId()).isEqualTo("fresh");
        Projects _ = projects.edit(now -> now.withoutKeys(key::equals));
        await().until(() -> post(EVENTS, secret, event(id)).statusCode() == 401);
    }

    @Test
    void aPreflightNeedsNoKey() throws IOException, InterruptedException {
        // when
        HttpResponse<String> response =
                gateway.send(gateway.request(EVENTS).method("OPTIONS", BodyPublishers.noBody()));

        // then
        assertThat(response.statusCode()).isEqualTo(204);
    }

    private static Project project(String id, RateLimits limits, ProjectKey... keys) {
        return new Project(id, false, limits, null, null, List.of(keys));
    }

    private static ProjectKey key(String secret, KeyUse... uses) {
        return new ProjectKey(
                "k_" + UUID.randomUUID().toString().substring(0, 8),
                KeyHash.of(secret),
                Set.of(uses),
                Instant.parse("2025-10-18T01:00:00Z"),
                "");
    }

    private static HttpRequest.Builder request(String body) {
        return gateway.request(EVENTS).POST(BodyPublishers.ofString(body));
    }

    private static HttpResponse<String> post(String path, String key, String body)
            throws IOException, InterruptedException {
        return gateway.send(
                gateway.request(path)
                        .header("Authorization", "Bearer " + key)
                        .POST(BodyPublishers.ofString(body)));
    }

    private static String code(HttpResponse<String> response) {
        return JsonMapper.shared().readTree(response.body()).path("code").asString();
    }

    private static String event(String id) {
        return """
        {"event_type":"t","session_id":"s","event_id":"%s","timestamp":"%s"}\
        """
                .formatted(id, Instant.now());
    }

    private static String id() {
        return UUID.randomUUID().toString();
    }

    private static Event published(String id) {
        return gateway.published().stream()
                .filter(event -> event.eventId().equals(id))
                .findFirst()
                .orElseThrow();
    }

    /// The projects of events that are on the topic, by their ids.
    private static Map<String, String> published(Set<String> ids) {
        return gateway.published().stream()
                .filter(event -> ids.contains(event.eventId()))
                .collect(Collectors.toMap(Event::eventId, Event::projectId));
    }
}
