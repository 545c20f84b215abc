package io.tidemill.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tidemill.contract.Topics;
import io.tidemill.embedded.EmbeddedKafka;
import io.tidemill.runtime.Health;
import io.tidemill.runtime.KafkaConnection;
import io.tidemill.runtime.KafkaTopics;
import io.tidemill.testkit.TestKafka;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Without Kafka, past capacity, and while stopping: 503 with `Retry-After`, and never a 2xx that
/// does not hold.
class OutageIT {

    private static final String EVENTS = "/api/events";
    private static final String EVENT = "{\"event_type\":\"t\",\"session_id\":\"s\"}";
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @Test
    void whatIsAcknowledgedBeforeAnOutageAndAfterItIsThere(@TempDir Path directory)
            throws Exception {
        // given
        List<String> acknowledged = new ArrayList<>();
        EmbeddedKafka kafka = EmbeddedKafka.start(directory, 0);
        int port = kafka.port();
        KafkaConnection connection = new KafkaConnection(kafka.bootstrap(), "outage.", Map.of());
        createTopics(connection);
        try (RunningGateway gateway =
                RunningGateway.start(connection, Map.of("TIDEMILL_INGEST_DELIVERY_TIMEOUT", "2s"))
                        .awaitUp()) {
            acknowledged.add(acknowledged(gateway.post(EVENTS, EVENT)));

            // when
            kafka.close();
            List<HttpResponse<String>> during = new ArrayList<>();
            await().atMost(PATIENCE)
                    .until(() -> {
                        during.add(gateway.post(EVENTS, EVENT));
                        return code(during.getLast()).equals("kafka_unavailable");
                    });

            // then
            assertThat(during)
                    .allSatisfy(response -> {
                        assertThat(response.statusCode()).isEqualTo(503);
                        assertThat(response.headers().firstValue("Retry-After")).isPresent();
                    });
            assertThat(gateway.gateway().health().status()).isEqualTo(Health.Status.DOWN);

            try (EmbeddedKafka again = EmbeddedKafka.start(directory, port)) {
                gateway.awaitUp();
                acknowledged.add(acknowledged(gateway.post(EVENTS, EVENT)));
                assertThat(again.port()).isEqualTo(port);
                assertThat(gateway.published())
                        .extracting(event -> event.eventId())
                        .containsAll(acknowledged);
            }
        }
    }

    @Test
    void untilKafkaIsReachedTheGatewayIsStarting() throws IOException, InterruptedException {
        // given
        KafkaConnection nowhere = new KafkaConnection("127.0.0.1:1", "nowhere.", Map.of());

        // when
        try (RunningGateway gateway = RunningGateway.start(nowhere, Map.of())) {
            HttpResponse<String> response = gateway.post("/api/analytics/track", EVENT);

            // then
            assertThat(response.statusCode()).isEqualTo(503);
            assertThat(response.headers().firstValue("Retry-After")).isPresent();
            assertThat(code(response)).isEqualTo("kafka_unavailable");
            assertThat(gateway.gateway().health().status()).isEqualTo(Health.Status.STARTING);
        }
    }

    @Test
    void bytesThatWaitForOtherRequestsAreBounded() throws IOException, InterruptedException {
        // given
        try (RunningGateway gateway =
                        onSharedKafka(
                                Map.of(
                                        "TIDEMILL_MAX_REQUEST_BYTES", "64KiB",
                                        "TIDEMILL_INGEST_IN_FLIGHT_BYTES", "64KiB"));
                Socket slow = new Socket(InetAddress.getLoopbackAddress(), gateway.port())) {
            slow.getOutputStream()
                    .write(
                            ("POST /api/events HTTP/1.1\r\nHost: a\r\nContent-Type:"
                                            + " application/json\r\nContent-Length: 65536\r\n\r\n"
                                            + " ".repeat(65_000))
                                    .getBytes(StandardCharsets.US_ASCII));
            await().atMost(PATIENCE)
                    .until(() -> gateway.scrape().contains("inflight_bytes 65000.0"));

            // when
            HttpResponse<String> response = gateway.post(EVENTS, EVENT + " ".repeat(1_000));

            // then
            assertThat(response.statusCode()).isEqualTo(503);
            assertThat(response.headers().firstValue("Retry-After")).isPresent();
            assertThat(code(response)).isEqualTo("overloaded");
        }
    }

    @Test
    void aDrainingGatewayAnswersRequestsAtHandAndRefusesNewOnes()
            throws IOException, InterruptedException, ExecutionException {
        // given
        try (RunningGateway gateway = onSharedKafka(Map.of("TIDEMILL_INGEST_LINGER", "100ms"));
                Socket atHand = new Socket(InetAddress.getLoopbackAddress(), gateway.port())) {
            byte[] request =
                    ("POST /api/events HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type:"
                                    + " application/json\r\nContent-Length: "
                                    + EVENT.length()
                                    + "\r\n\r\n"
                                    + EVENT)
                            .getBytes(StandardCharsets.US_ASCII);
            atHand.getOutputStream().write(request, 0, request.length - 1);
            await().atMost(PATIENCE).until(() -> !gateway.scrape().contains("inflight_bytes 0.0"));

            // when
            gateway.gateway().drain();
            HttpResponse<String> response = gateway.post(EVENTS, EVENT);
            CompletableFuture<String> answer =
                    CompletableFuture.supplyAsync(() -> {
                        try {
                            return new String(
                                    atHand.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                        } catch (IOException e) {
                            throw new IllegalStateException(e);
                        }
                    });
            atHand.getOutputStream().write(request, request.length - 1, 1);

            // then
            assertThat(response.statusCode()).isEqualTo(503);
            assertThat(code(response)).isEqualTo("draining");
            assertThat(gateway.gateway().health().status()).isEqualTo(Health.Status.DRAINING);
            assertThat(answer.get()).startsWith("HTTP/1.1 200");
        }
    }

    private static RunningGateway onSharedKafka(Map<String, String> settings) {
        TestKafka kafka = TestKafka.shared();
        String prefix = kafka.freshPrefix();
        kafka.createTopics(prefix, 1, 1);
        return RunningGateway.start(kafka.connection(prefix), settings).awaitUp();
    }

    private static void createTopics(KafkaConnection kafka)
            throws ExecutionException, InterruptedException {
        try (Admin admin = Admin.create(kafka.clientConfig("test"))) {
            for (Topics.Spec topic : new Topics(kafka.topicPrefix()).all(3, 1)) {
                KafkaTopics.ensure(admin, topic.name(), topic.partitions(), topic.settings());
            }
        }
    }

    private static String acknowledged(HttpResponse<String> response) {
        assertThat(response.statusCode()).isEqualTo(200);
        return json(response).get("event_ids").get(0).asString();
    }

    /// The code of a refusal, or of the only event's error.
    private static String code(HttpResponse<String> response) {
        JsonNode answer = json(response);
        return answer.has("code")
                ? answer.get("code").asString()
                : answer.get("errors").get(0).get("code").asString();
    }

    private static JsonNode json(HttpResponse<String> response) {
        return JsonMapper.shared().readTree(response.body());
    }
}
