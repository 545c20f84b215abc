package io.tidemill.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.contract.Event;
import io.tidemill.testkit.TestKafka;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Every hostile input over real HTTP: it has its answer, which tells nothing of the inside, and
/// only what was accepted is in Kafka.
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class HostileInputsIT {

    private static final String EVENTS = "/api/events";
    private static final List<String> ACCEPTED = new ArrayList<>();

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

    static List<HostileInputs.Input> inputs() {
        return HostileInputs.all(System.currentTimeMillis());
    }

    @Order(1)
    @ParameterizedTest
    @MethodSource("inputs")
    void everyInputHasItsAnswer(HostileInputs.Input input) throws Exception {
        // when
        HttpResponse<String> response = send(input);

        // then
        assertThat(response.statusCode()).as(response.body()).isEqualTo(input.status());
        assertThat(response.body()).doesNotContain("Exception", "io.tidemill", "jackson", "netty");
        assertThat(response.headers().map()).doesNotContainKeys("server", "x-powered-by");
        JsonNode answer = JsonMapper.shared().readTree(response.body());
        if (input.code() == null) {
            ACCEPTED.add(answer.get("event_ids").get(0).asString());
        } else {
            JsonNode place = answer.has("errors") ? answer.get("errors").get(0) : answer;
            assertThat(place.get("code").asString()).isEqualTo(input.code());
        }
    }

    @Order(2)
    @Test
    void onlyWhatWasAcceptedIsPublishedAndAsItWasSent() {
        // when
        List<Event> published = gateway.published();

        // then
        assertThat(published)
                .extracting(Event::eventId)
                .containsExactlyInAnyOrderElementsOf(ACCEPTED);
        List<String> sent =
                inputs().stream()
                        .filter(input -> input.code() == null)
                        .map(input -> new String(input.body(), UTF_8))
                        .toList();
        assertThat(published)
                .filteredOn(event -> event.properties() != null)
                .allSatisfy(event -> assertThat(sent).anyMatch(body -> body.contains(kept(event))));
    }

    /// What was sent as the event's properties, or as its only unknown field.
    private static String kept(Event event) {
        String properties = String.valueOf(event.properties());
        return properties.startsWith("{\"project_id\"")
                ? properties.substring(1, properties.length() - 1)
                : properties;
    }

    private static HttpResponse<String> send(HostileInputs.Input input)
            throws IOException, InterruptedException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + gateway.port() + EVENTS))
                        .POST(BodyPublishers.ofByteArray(input.body()));
        if (!input.contentType().isEmpty()) {
            request.header("Content-Type", input.contentType());
        }
        if (!input.encoding().isEmpty()) {
            request.header("Content-Encoding", input.encoding());
        }
        return gateway.send(request);
    }
}
