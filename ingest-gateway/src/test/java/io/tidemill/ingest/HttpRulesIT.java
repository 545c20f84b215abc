package io.tidemill.ingest;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.testkit.TestKafka;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// What HTTP has to say around the events: refused requests, connections, browsers.
class HttpRulesIT {

    private static final String EVENTS = "/api/events";

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

    static Stream<Arguments> compressions() {
        return Stream.of(
                Arguments.of("gzip", (UnaryOperator<byte[]>) Compressed::gzip),
                Arguments.of("deflate", (UnaryOperator<byte[]>) Compressed::zlib),
                Arguments.of("zstd", (UnaryOperator<byte[]>) Compressed::zstd));
    }

    @ParameterizedTest
    @MethodSource("compressions")
    void bombsAreRefusedAsTooLarge(String encoding, UnaryOperator<byte[]> compression)
            throws IOException, InterruptedException {
        // when
        HttpResponse<String> response =
                postCompressed(encoding, compression.apply(new byte[64 << 20]));

        // then
        assertThat(response.statusCode()).isEqualTo(413);
        assertThat(json(response).get("code").asString()).isEqualTo("request_too_large");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "application/json|gzip|{}|400|content_encoding_broken",
                "application/json|br|{}|415|unsupported_content_encoding",
                "application/json|gzip, gzip|{}|415|unsupported_content_encoding",
                "text/html|identity|{}|415|unsupported_media_type",
                "application/json;charset=utf-16|identity|{}|415|unsupported_media_type",
                "application/json|identity|[|400|malformed_json",
                "application/json|identity|[]|400|no_events",
                "application/json|identity||400|no_events"
            })
    void whatIsWrongWithTheRequestItselfIsAProblem(
            String contentType, String encoding, String body, int status, String code)
            throws IOException, InterruptedException {
        // when
        HttpResponse<String> response =
                gateway.send(
                        gateway.request(EVENTS)
                                .setHeader("Content-Type", contentType)
                                .header("Content-Encoding", encoding)
                                .POST(BodyPublishers.ofString(body == null ? "" : body)));

        // then
        assertThat(response.statusCode()).isEqualTo(status);
        assertThat(response.headers().firstValue("Content-Type"))
                .hasValue("application/problem+json");
        assertThat(json(response).get("code").asString()).isEqualTo(code);
    }

    @Test
    void tooManyEventsAreRefusedWithTheLimitAndTheIndex() throws IOException, InterruptedException {
        // when
        HttpResponse<String> response = gateway.post(EVENTS, "[" + "1,".repeat(5_000) + "1]");

        // then
        assertThat(response.statusCode()).isEqualTo(413);
        assertThat(json(response).get("detail").asString()).contains("5000 events", "index 5000");
    }

    @Test
    void aLongerBodyThanTheLimitIsRefusedBeforeItIsSent() throws IOException {
        // when
        String response =
                exchange(
                        """
                        POST /api/events HTTP/1.1
                        Host: a
                        Content-Type: application/json
                        Expect: 100-continue
                        Content-Length: 1048577

                        """);

        // then
        assertThat(response).startsWith("HTTP/1.1 413").contains("request_too_large");
    }

    @Test
    void aChunkedBodyIsRefusedOnceItIsLongerThanTheLimit() throws IOException {
        // given
        String chunk = "10000\n" + "x".repeat(65_536) + "\n";

        // when
        String response =
                exchange(
                        "POST /api/events HTTP/1.1\nHost: a\nContent-Type: application/json\n"
                                + "Transfer-Encoding: chunked\n\n"
                                + chunk.repeat(16)
                                + "1\nx\n0\n\n");

        // then
        assertThat(response).startsWith("HTTP/1.1 413").contains("request_too_large");
    }

    /// Sends bytes as they are, but for the ends of lines, and reads until the other side closes.
    private static String exchange(String request) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), gateway.port())) {
            socket.getOutputStream().write(request.replace("\n", "\r\n").getBytes(US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), UTF_8);
        }
    }

    private static HttpResponse<String> postCompressed(String encoding, byte[] body)
            throws IOException, InterruptedException {
        return gateway.send(
                gateway.request(EVENTS)
                        .header("Content-Encoding", encoding)
                        .POST(BodyPublishers.ofByteArray(body)));
    }

    private static JsonNode json(HttpResponse<String> response) {
        return JsonMapper.shared().readTree(response.body());
    }

    @Test
    void aRejectedEventLeavesTheConnectionOpen() throws IOException {
        // given
        String request =
                "POST /api/events HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                        + "Content-Length: 2\r\n\r\n{}";
        String endOfAnswer = "\"total\":1}}";

        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), gateway.port())) {
            // when
            StringBuilder answers = new StringBuilder();
            for (int i = 0; i < 2; i++) {
                socket.getOutputStream().write(request.getBytes(US_ASCII));
                int from = answers.length();
                while (answers.indexOf(endOfAnswer, from) < 0) {
                    answers.append((char) socket.getInputStream().read());
                }
            }

            // then
            assertThat(answers).containsPattern("(?s)^HTTP/1.1 400.*HTTP/1.1 400");
        }
    }

    @Test
    void browsersMaySendFromAnyOriginWithoutCredentials() throws IOException, InterruptedException {
        // when
        HttpResponse<String> preflight =
                gateway.send(
                        gateway.request(EVENTS)
                                .method("OPTIONS", BodyPublishers.noBody())
                                .header("Origin", "https://example.org"));
        HttpResponse<String> response = gateway.post(EVENTS, event(UUID.randomUUID().toString()));

        // then
        assertThat(preflight.statusCode()).isEqualTo(204);
        assertThat(preflight.headers().firstValue("Access-Control-Allow-Headers"))
                .hasValue("Content-Type, Content-Encoding, Authorization, X-Api-Key");
        assertThat(preflight.headers().firstValue("Access-Control-Max-Age")).hasValue("86400");
        assertThat(response.headers().firstValue("Access-Control-Allow-Origin")).hasValue("*");
        assertThat(response.headers().firstValue("Access-Control-Allow-Credentials")).isEmpty();
    }

    private static String event(String id) {
        return """
        {"event_type":"t","event_id":"%s","session_id":"s","timestamp":"%s"}\
        """
                .formatted(id, Instant.now());
    }
}
