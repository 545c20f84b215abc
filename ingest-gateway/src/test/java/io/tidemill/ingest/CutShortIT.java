package io.tidemill.ingest;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tidemill.contract.Event;
import io.tidemill.testkit.TestKafka;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Instant;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Bodies whose end never comes, after lines that are good by themselves. Only the end of a body
/// says that the sender meant it: what was refused, or given up, leaves nothing in Kafka.
class CutShortIT {

    private static final String HEAD =
            """
            POST /api/events HTTP/1.1
            Host: h
            Content-Type: application/x-ndjson
            Transfer-Encoding: chunked

            """;

    private static RunningGateway gateway;

    @BeforeAll
    static void start() {
        TestKafka kafka = TestKafka.shared();
        String prefix = kafka.freshPrefix();
        kafka.createTopics(prefix, 3, 1);
        gateway =
                RunningGateway.start(
                                kafka.connection(prefix),
                                Map.of("TIDEMILL_HTTP_BODY_TIMEOUT", "300ms"))
                        .awaitUp();
    }

    @AfterAll
    static void stop() {
        gateway.close();
    }

    @Test
    void aBodyThatEndsTooLateLeavesNothing() throws Exception {
        assertThat(exchange(HEAD + chunk(event("late")), false)).startsWith("HTTP/1.1 408 ");
        assertThatIsNotPublished("late");
    }

    @Test
    void aBodyThatBreaksOffInAChunkLeavesNothing() throws Exception {
        assertThat(exchange(HEAD + chunk(event("broken")) + "x\n", false))
                .startsWith("HTTP/1.1 400 ")
                .contains("malformed_request");
        assertThatIsNotPublished("broken");
    }

    @Test
    void aBodyWhoseSenderGoesAwayLeavesNothing() throws Exception {
        assertThat(exchange(HEAD + chunk(event("left")), true)).isEmpty();
        assertThatIsNotPublished("left");
    }

    @Test
    void aSenderThatHasSaidAllItHasToSayIsAnswered() throws Exception {
        assertThat(exchange(HEAD + chunk(event("whole")) + "0\n\n", true))
                .startsWith("HTTP/1.1 200 ")
                .contains("\"events_processed\":1");
    }

    @Test
    void sendersThatComeAndGoLeaveNothing() throws Exception {
        // given
        long seed = System.nanoTime();
        Random random = new Random(seed);
        byte[] request = bytes(HEAD + chunk(event("gone")));
        double before = measured("tidemill_http_connections");

        // when
        for (int i = 0; i < 1_000; i++) {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), gateway.port())) {
                socket.setSoLinger(random.nextBoolean(), 0);
                socket.getOutputStream().write(request, 0, random.nextInt(request.length + 1));
            }
        }

        // then
        await("seed " + seed).until(() -> measured("tidemill_http_connections") <= before);
        assertThat(measured("tidemill_ingest_inflight_bytes")).as("seed " + seed).isZero();
        assertThatIsNotPublished("gone");
    }

    /// Once nobody works on its request any more.
    private static void assertThatIsNotPublished(String id) throws Exception {
        await().until(() -> measured("tidemill_ingest_inflight_requests") == 0);
        String marker = "behind-" + id;
        assertThat(gateway.post("/api/events", event(marker)).statusCode()).isEqualTo(200);
        assertThat(gateway.published())
                .extracting(Event::eventId)
                .contains(marker)
                .doesNotContain(id);
    }

    private static double measured(String gauge) {
        return gateway.scrape()
                .lines()
                .filter(line -> line.startsWith(gauge + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(gauge.length())))
                .sum();
    }

    private static String event(String id) {
        return """
        {"event_type":"t","session_id":"s","event_id":"%s","timestamp":"%s"}
        """
                .formatted(id, Instant.now());
    }

    private static String chunk(String content) {
        // Line ends in the content become two bytes, too.
        int length = content.replace("\n", "\r\n").length();
        return Integer.toHexString(length) + "\n" + content + "\n";
    }

    /// What the server says to that until it closes.
    private static String exchange(String bytes, boolean nothingMoreComes) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), gateway.port())) {
            socket.getOutputStream().write(bytes(bytes));
            if (nothingMoreComes) {
                socket.shutdownOutput();
            }
            return new String(socket.getInputStream().readAllBytes(), US_ASCII);
        }
    }

    private static byte[] bytes(String lines) {
        return lines.replace("\n", "\r\n").getBytes(US_ASCII);
    }
}
