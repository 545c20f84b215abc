package io.tidemill.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.contract.Event;
import io.tidemill.projects.Projects;
import io.tidemill.testkit.TestKafka;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The ingest routes over real HTTP, down to the records in a real broker.
class GatewayIT {

    private static final String EVENTS = "/api/events";
    private static final String TRACK = "/api/analytics/track";
    private static final String BAD = "{\"session_id\":\"s\"}";

    private static RunningGateway gateway;

    @BeforeAll
    static void start() {
        TestKafka kafka = TestKafka.shared();
        String prefix = kafka.freshPrefix();
        kafka.createTopics(prefix, 3, 1);
        gateway =
                RunningGateway.start(
                                kafka.connection(prefix),
                                Map.of("TIDEMILL_MAX_REQUEST_BYTES", "1MiB"))
                        .awaitUp();
    }

    @AfterAll
    static void stop() {
        gateway.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "application/json|{\"events\":[%s,%s]}",
                "application/json|[%s,%s]",
                "text/plain;charset=UTF-8|[%s,%s]",
                "application/x-ndjson|%s\\n\\n%s"
            })
    void everyFormIsPublishedAndAnswered(String contentType, String form)
            throws IOException, InterruptedException {
        // given
        String one = id();
        String two = id();
        String body = form.replace("\\n", "\n").formatted(event(one), event(two));

        // when
        HttpResponse<String> response =
                gateway.send(
                        gateway.request(EVENTS)
                                .setHeader("Content-Type", contentType)
                                .POST(BodyPublishers.ofString(body)));

        // then
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body())
                .isEqualTo(
                        """
                        {"success":true,"events_processed":2,"event_ids":["%s","%s"],\
                        "stats":{"processed":2,"skipped":0,"errors":0,"total":2}}\
                        """
                                .formatted(one, two));
        assertThat(publishedIds()).contains(one, two);
    }

    @Test
    void aSingleEventIsPublishedAsItWasSent() throws IOException, InterruptedException {
        // given
        String id = id();
        long before = System.currentTimeMillis();

        // when
        HttpResponse<String> response = gateway.post(EVENTS, event(id));

        // then
        assertThat(response.statusCode()).isEqualTo(200);
        Event event = published(id);
        assertThat(event.projectId()).isEqualTo(Projects.OPEN_PROJECT);
        assertThat(event.properties()).hasToString("{\"n\": 1.0}");
        assertThat(event.receivedAtMillis()).isBetween(before, System.currentTimeMillis());
    }

    @Test
    void goodEventsAreDurableBesideBadAndRepeatedOnes() throws IOException, InterruptedException {
        // given
        String id = id();
        String event = event(id);

        // when
        HttpResponse<String> response =
                gateway.post(EVENTS, "[%s,%s,%s]".formatted(BAD, event, event));

        // then
        assertThat(response.statusCode()).isEqualTo(207);
        assertThat(response.body())
                .isEqualTo(
                        """
                        {"success":false,"events_processed":1,"event_ids":[null,"%s","%s"],\
                        "errors":[{"event_index":0,"code":"event_type_missing",\
                        "field":"event_type","error":"event_type is required"}],\
                        "stats":{"processed":1,"skipped":1,"errors":1,"total":3}}\
                        """
                                .formatted(id, id));
        assertThat(gateway.published()).filteredOn(it -> it.eventId().equals(id)).hasSize(1);
    }

    @Test
    void aRequestWithoutAValidEventIsABadRequest() throws IOException, InterruptedException {
        // when
        HttpResponse<String> response = gateway.post(EVENTS, "[5," + BAD + "]");

        // then
        assertThat(response.statusCode()).isEqualTo(400);
        JsonNode answer = json(response);
        assertThat(answer.get("success").asBoolean()).isFalse();
        assertThat(answer.get("errors").get(0).get("code").asString()).isEqualTo("not_an_object");
        assertThat(answer.get("stats").get("errors").asInt()).isEqualTo(2);
    }

    @Test
    void theRouteOfSingleEventsAnswersInItsOwnShape() throws IOException, InterruptedException {
        // when
        HttpResponse<String> good =
                gateway.post(TRACK, "{\"event_type\":\"t\",\"sessionId\":\"s\"}");
        HttpResponse<String> bad = gateway.post(TRACK, "{\"event_type\":\"t\",\"user_id\":\"u\"}");
        HttpResponse<String> broken = gateway.post(TRACK, "{\"event_type\":");

        // then
        assertThat(good.statusCode()).isEqualTo(200);
        String id = json(good).get("event_id").asString();
        assertThat(good.body()).isEqualTo("{\"ok\":true,\"event_id\":\"%s\"}", id);
        assertThat(published(id).demoMode()).isTrue();
        assertThat(bad.statusCode()).isEqualTo(400);
        assertThat(bad.body())
                .isEqualTo(
                        """
                        {"ok":false,"error":{"code":"session_id_missing","field":"session_id",\
                        "detail":"session_id is required"}}\
                        """);
        assertThat(broken.statusCode()).isEqualTo(400);
        assertThat(json(broken).get("error").get("code").asString()).isEqualTo("malformed_json");
    }

    @ParameterizedTest
    @MethodSource("io.tidemill.ingest.HttpRulesIT#compressions")
    void compressedBodiesAreRead(String encoding, UnaryOperator<byte[]> compression)
            throws IOException, InterruptedException {
        // given
        String id = id();

        // when
        HttpResponse<String> response =
                postCompressed(encoding, compression.apply(event(id).getBytes(UTF_8)));

        // then
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(publishedIds()).contains(id);
    }

    @Test
    void theCountersAddUpToWhatWasSent() throws IOException, InterruptedException {
        // given
        double before = counted("");
        String event = event(id());

        // when
        gateway.post(EVENTS, "[%s,%s,%s]".formatted(BAD, event, event));

        // then
        assertThat(counted("") - before).isEqualTo(3);
        assertThat(counted("result=\"rejected\"")).isPositive();
        assertThat(counted("result=\"accepted\"")).isPositive();
        assertThat(counted("result=\"skipped\"")).isPositive();
        assertThat(gateway.scrape())
                .contains(
                        "tidemill_ingest_inflight_bytes 0.0",
                        "tidemill_ingest_producer_buffer_available_bytes 6.7108864E7",
                        "tidemill_ingest_ack_duration_seconds_count",
                        "tidemill_ingest_request_duration_seconds_count{route=\"/api/events\"");
    }

    private static double counted(String label) {
        return gateway.scrape()
                .lines()
                .filter(line -> line.startsWith("tidemill_ingest_events_total{"))
                .filter(line -> line.contains(label))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                .sum();
    }

    private static HttpResponse<String> postCompressed(String encoding, byte[] body)
            throws IOException, InterruptedException {
        return gateway.send(
                gateway.request(EVENTS)
                        .header("Content-Encoding", encoding)
                        .POST(BodyPublishers.ofByteArray(body)));
    }

    private static Event published(String id) {
        return gateway.published().stream()
                .filter(event -> event.eventId().equals(id))
                .findAny()
                .orElseThrow();
    }

    private static Set<String> publishedIds() {
        Set<String> ids = new HashSet<>();
        gateway.published().forEach(event -> ids.add(event.eventId()));
        return ids;
    }

    private static String id() {
        return UUID.randomUUID().toString();
    }

    private static String event(String id) {
        return """
        {"event_type":"t","event_id":"%s","session_id":"s","timestamp":"%s",\
        "properties":{"n": 1.0}}\
        """
                .formatted(id, Instant.now());
    }

    private static JsonNode json(HttpResponse<String> response) {
        return JsonMapper.shared().readTree(response.body());
    }
}
