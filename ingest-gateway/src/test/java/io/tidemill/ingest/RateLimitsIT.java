package io.tidemill.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.projects.KeyHash;
import io.tidemill.projects.KeyUse;
import io.tidemill.projects.Project;
import io.tidemill.projects.ProjectKey;
import io.tidemill.projects.Projects;
import io.tidemill.projects.ProjectsFile;
import io.tidemill.projects.RateLimits;
import io.tidemill.testkit.TestKafka;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/// Projects that send faster than they may, and one beside them that does not. Each test has a
/// project of its own; a bucket holds one largest request and fills at one a second, so that what a
/// test takes does not come back while it runs.
class RateLimitsIT {

    private static final String EVENTS = "/api/events";
    private static final int MAX_EVENTS = 1_000;
    private static final int MAX_BYTES = 1 << 20;

    @TempDir private static Path folder;

    private static RunningGateway gateway;

    @BeforeAll
    static void start() {
        ProjectsFile projects = new ProjectsFile(folder.resolve("projects.json"));
        Projects _ =
                projects.edit(_ ->
                        Projects.of(
                                List.of(
                                        project("events", new RateLimits(1L, null)),
                                        project("bytes", new RateLimits(null, 1L)),
                                        project("both", new RateLimits(1L, 1L)),
                                        project("bad", new RateLimits(1L, null)),
                                        project("empty", new RateLimits(1L, null)),
                                        project("quiet", new RateLimits(1L, 1L)),
                                        project("free", RateLimits.UNLIMITED))));
        TestKafka kafka = TestKafka.shared();
        String prefix = kafka.freshPrefix();
        kafka.createTopics(prefix, 3, 1);
        gateway =
                RunningGateway.start(
                                kafka.connection(prefix),
                                Map.of(
                                        "TIDEMILL_PROJECTS_FILE", projects.path().toString(),
                                        "TIDEMILL_MAX_REQUEST_EVENTS", "" + MAX_EVENTS,
                                        "TIDEMILL_MAX_REQUEST_BYTES", "" + MAX_BYTES))
                        .awaitUp();
    }

    @AfterAll
    static void stop() {
        gateway.close();
    }

    @Test
    void aLargestRequestPassesHoweverLowTheRateAndTheNextWaits()
            throws IOException, InterruptedException {
        // when
        HttpResponse<String> first = post("events", events(MAX_EVENTS));
        HttpResponse<String> second = post("events", events(MAX_EVENTS / 2));

        // then
        assertThat(first.statusCode()).isEqualTo(200);
        assertThat(header(first, "X-RateLimit-Limit")).isEqualTo(MAX_EVENTS);
        assertThat(header(first, "X-RateLimit-Remaining")).isZero();
        assertThat(header(first, "X-RateLimit-Reset")).isEqualTo(MAX_EVENTS);
        assertThat(second.statusCode()).isEqualTo(429);
        assertThat(second.headers().firstValue("Content-Type"))
                .contains("application/problem+json");
        assertThat(JsonMapper.shared().readTree(second.body()).path("code").asString())
                .isEqualTo("rate_limited");
        assertThat(header(second, "X-RateLimit-Limit")).isEqualTo(MAX_EVENTS);
        assertThat(header(second, "X-RateLimit-Reset")).isBetween(900L, 1_000L);
        assertThat(header(second, "Retry-After")).isBetween(1L, 500L);
        assertThat(second.headers().firstValue("Access-Control-Allow-Origin")).contains("*");
        assertThat(second.headers().firstValue("Access-Control-Expose-Headers").orElseThrow())
                .contains("Retry-After", "X-RateLimit-Remaining");
    }

    @Test
    void bytesAreCountedAfterDecompression() throws IOException, InterruptedException {
        // given
        byte[] body = Compressed.gzip(text(700_000).getBytes(UTF_8));

        // when
        HttpResponse<String> first = postGzip("bytes", body);
        HttpResponse<String> second = postGzip("bytes", body);

        // then
        assertThat(body.length).isLessThan(10_000);
        assertThat(first.statusCode()).isEqualTo(200);
        assertThat(header(first, "X-RateLimit-Limit")).isEqualTo(MAX_BYTES);
        assertThat(header(first, "X-RateLimit-Remaining")).isLessThan(MAX_BYTES - 700_000);
        assertThat(second.statusCode()).isEqualTo(429);
        assertThat(second.body()).contains("more bytes than it may");
        assertThat(header(second, "Retry-After")).isGreaterThan(300_000);
    }

    @Test
    void anAnnouncedBodyThatIsTooMuchIsNotParsed() throws IOException, InterruptedException {
        // given
        assertThat(post("both", text(900_000)).statusCode()).isEqualTo(200);
        double throttled = throttledEvents();

        // when
        HttpResponse<String> response = post("both", text(900_000));

        // then
        assertThat(response.statusCode()).isEqualTo(429);
        assertThat(response.body()).contains("more bytes than it may");
        assertThat(throttledEvents()).isEqualTo(throttled);
    }

    @Test
    void eventsThatAreNotValidCountToo() throws IOException, InterruptedException {
        // when
        HttpResponse<String> response = post("bad", "[{},{},{}]");

        // then
        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(header(response, "X-RateLimit-Remaining")).isEqualTo(MAX_EVENTS - 3);
    }

    @Test
    void oneNoisyProjectShedsOnlyItself() throws IOException, InterruptedException {
        // given
        assertThat(post("empty", events(MAX_EVENTS)).statusCode()).isEqualTo(200);
        double before = throttledRequests();

        // when
        for (int i = 0; i < 20; i++) {
            assertThat(post("empty", events(500)).statusCode()).isEqualTo(429);
            assertThat(post("quiet", events(1)).statusCode()).isEqualTo(200);
            HttpResponse<String> free = post("free", events(1));
            assertThat(free.statusCode()).isEqualTo(200);
            assertThat(free.headers().firstValue("X-RateLimit-Limit")).isEmpty();
        }

        // then
        assertThat(throttledRequests()).isEqualTo(before + 20);
    }

    private static double throttledRequests() {
        return counter("tidemill_ingest_throttled_total{limit=\"events\"}");
    }

    private static double throttledEvents() {
        return counter("tidemill_ingest_events_total{code=\"rate_limited\",result=\"throttled\"}");
    }

    private static double counter(String name) {
        return gateway.scrape()
                .lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
                .sum();
    }

    private static Project project(String id, RateLimits limits) {
        ProjectKey key =
                new ProjectKey(
                        "k_" + id,
                        KeyHash.of(secret(id)),
                        Set.of(KeyUse.WRITE),
                        Instant.parse("2025-10-18T01:00:00Z"),
                        "");
        return new Project(id, false, limits, null, null, List.of(key));
    }

    private static String secret(String project) {
        return "wk_of-the-project-" + project;
    }

    private static long header(HttpResponse<String> response, String name) {
        return response.headers().firstValueAsLong(name).orElseThrow();
    }

    private static String events(int count) {
        return String.join(
                        ",",
                        Collections.nCopies(count, "{\"event_type\":\"t\",\"session_id\":\"s\"}"))
                .transform(events -> "[" + events + "]");
    }

    /// Four events of so many bytes together.
    private static String text(int bytes) {
        String event =
                "{\"event_type\":\"t\",\"session_id\":\"s\",\"prompt_text\":\""
                        + "x".repeat(bytes / 4)
                        + "\"}";
        return "[" + String.join(",", Collections.nCopies(4, event)) + "]";
    }

    private static HttpResponse<String> post(String project, String body)
            throws IOException, InterruptedException {
        return gateway.send(
                gateway.request(EVENTS)
                        .header("X-Api-Key", secret(project))
                        .POST(BodyPublishers.ofString(body)));
    }

    private static HttpResponse<String> postGzip(String project, byte[] body)
            throws IOException, InterruptedException {
        return gateway.send(
                gateway.request(EVENTS)
                        .header("X-Api-Key", secret(project))
                        .header("Content-Encoding", "gzip")
                        .POST(BodyPublishers.ofByteArray(body)));
    }
}
