package io.tidemill.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/// Clients that say they have no more to say while their answers are still to come.
@ParameterizedClass
@ValueSource(booleans = {false, true})
class HalfClosedIT {

    private static final Duration LONG = Duration.ofMinutes(5);
    private static final String HEAD =
            "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\n";

    private final TestFronts fronts = new TestFronts();
    private final Sinks.Empty<Void> release = Sinks.empty();
    private final List<String> bodies = Collections.synchronizedList(new ArrayList<>());
    private final int port;

    HalfClosedIT(boolean http2) {
        port = start(http2);
    }

    @AfterEach
    void close() {
        fronts.close();
    }

    @Test
    void aWholeRequestIsAnswered() throws Exception {
        // given
        try (Socket socket = halfClosed(HEAD + "abc")) {
            await().until(() -> bodies.contains("abc"));

            // when
            release.tryEmitEmpty().orThrow();

            // then
            assertThat(restOf(socket)).startsWith("HTTP/1.1 200 ").endsWith("\r\n\r\nabc");
        }
        assertThatNoConnectionIsLeft();
    }

    @Test
    void allWholeRequestsAreAnsweredInOrder() throws Exception {
        // given
        release.tryEmitEmpty().orThrow();

        // when
        String answers;
        try (Socket socket = halfClosed(HEAD + "abc" + HEAD + "def" + HEAD + "gh")) {
            answers = restOf(socket);
        }

        // then
        assertThat(answers)
                .containsPattern("(?s)^HTTP/1.1 200 .*\r\n\r\nabcHTTP/1.1 200 .*\r\n\r\ndef$");
        assertThatNoConnectionIsLeft();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "P",
                "POST /echo HT",
                HEAD,
                HEAD + "ab",
                "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"
            })
    void aRequestThatIsNotWholeEndsTheConnectionAndHasNoBody(String bytes) throws Exception {
        try (Socket socket = halfClosed(bytes)) {
            assertThat(restOf(socket)).isEmpty();
        }
        assertThatNoConnectionIsLeft();
        assertThat(bodies).isEmpty();
    }

    private void assertThatNoConnectionIsLeft() {
        await().until(() -> fronts.metrics().scrape().contains("tidemill_http_connections 0.0"));
    }

    private int start(boolean http2) {
        Route echo =
                Route.post(
                        "/echo",
                        (request, response) ->
                                request.receive()
                                        .aggregate()
                                        .asString()
                                        .doOnNext(bodies::add)
                                        .flatMap(body ->
                                                release.asMono()
                                                        .then(
                                                                Mono.from(
                                                                        Responses.text(
                                                                                response, 200,
                                                                                body)))));
        FrontLimits limits = new FrontLimits(LONG, LONG, LONG, LONG, 10);
        return fronts.start(
                        new HttpSettings("127.0.0.1", 0, 0, limits, null, http2),
                        StubPart.serving(echo))
                .port();
    }

    private Socket halfClosed(String bytes) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.getOutputStream().write(bytes.getBytes(StandardCharsets.US_ASCII));
        socket.shutdownOutput();
        return socket;
    }

    private static String restOf(Socket socket) throws IOException {
        return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    }
}
