package io.tidemill.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

class SlowClientsIT {

    private static final Duration SHORT = Duration.ofMillis(300);
    private static final Duration LONG = Duration.ofMinutes(5);

    private final TestFronts fronts = new TestFronts();
    private final Sinks.One<String> answer = Sinks.one();

    @AfterEach
    void close() {
        fronts.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"G", "GET /hello HT", "GET /hello HTTP/1.1\r\nHost: localhost\r\nX-A: "})
    void aHeadThatNeverEndsIsAnswered408(String begun) throws Exception {
        // given
        int port = start(SHORT, LONG, 10);

        // when
        String answer = answerTo(port, begun);

        // then
        assertThat(answer).startsWith("HTTP/1.1 408 ");
    }

    @Test
    void aBodyThatNeverEndsIsAnswered408() throws Exception {
        // given
        int port = start(LONG, SHORT, 10);

        // when
        String answer =
                answerTo(
                        port,
                        "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nabc");

        // then
        assertThat(answer).startsWith("HTTP/1.1 408 ");
    }

    @Test
    void theSecondRequestOfAConnectionHasItsOwnDeadline() throws Exception {
        // given
        int port = start(SHORT, LONG, 10);

        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            send(socket, "GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n");
            assertThat(socket.getInputStream().read()).isEqualTo('H');

            // when
            send(socket, "GET /livez HT");

            // then
            assertThat(restOf(socket)).contains(" 200 ").contains("HTTP/1.1 408 ");
        }
    }

    @Test
    void aBodyThatKeepsComingIsAnswered408AllTheSame() throws Exception {
        // given
        int port = start(LONG, SHORT, 10);

        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            send(
                    socket,
                    "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 999999999\r\n\r\n");

            // when
            while (socket.getInputStream().available() == 0) {
                send(socket, "a");
            }

            // then
            assertThat(restOf(socket)).startsWith("HTTP/1.1 408 ");
        }
    }

    @Test
    void aHeadBehindAnUnansweredRequestHasItsTimeFromThatAnswerOn() throws Exception {
        // given
        int port = start(SHORT, LONG, 10);
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            send(socket, "GET /waits HTTP/1.1\r\nHost: localhost\r\n\r\nGET /wai");
            String anotherHeadThatIsLate = answerTo(port, "GET /wai");
            assertThat(anotherHeadThatIsLate).startsWith("HTTP/1.1 408 ");

            // when
            answer.tryEmitValue("answered").orThrow();

            // then
            assertThat(restOf(socket))
                    .containsPattern("(?s)^HTTP/1.1 200 .*answeredHTTP/1.1 408 .*request_timeout");
        }
    }

    @Test
    void aConnectionThatIdlesIsClosed() throws Exception {
        // given
        int port = start(new FrontLimits(LONG, LONG, LONG, SHORT, 10));

        // then
        assertThat(answerTo(port, "")).isEmpty();
        assertThat(answerTo(port, "GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n"))
                .endsWith("ok\n");
        assertThat(answerTo(port, "\r\n\r\n")).isEmpty();
    }

    @Test
    void aClientThatDoesNotReadItsAnswerIsDisconnected() throws Exception {
        // given
        int port = start(new FrontLimits(LONG, LONG, SHORT, LONG, 10));
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {

            // when
            send(socket, "GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n");

            // then
            await().until(
                            () -> fronts.metrics().scrape(),
                            containsString(
                                    "tidemill_http_connections_ended_total{reason=\"slow_reader\"}"
                                            + " 1.0"));
            await().until(
                            () -> fronts.metrics().scrape(),
                            containsString("tidemill_http_connections 0.0"));
        }
    }

    @Test
    void connectionsPastTheLimitAreClosedAndTheOthersServed() throws Exception {
        // given
        int port = start(LONG, LONG, 1);
        try (Socket first = new Socket(InetAddress.getLoopbackAddress(), port)) {
            send(first, "GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n");
            assertThat(first.getInputStream().read()).isEqualTo('H');

            // when
            String second = answerTo(port, "");

            // then
            assertThat(second).isEmpty();
        }
    }

    private int start(Duration headTimeout, Duration bodyTimeout, int maxConnections) {
        return start(new FrontLimits(headTimeout, bodyTimeout, LONG, LONG, maxConnections));
    }

    private int start(FrontLimits limits) {
        Route echo =
                Route.post(
                        "/echo",
                        (request, response) ->
                                request.receive()
                                        .aggregate()
                                        .asString()
                                        .flatMap(body ->
                                                Mono.from(Responses.text(response, 200, body))));
        Route waits =
                Route.get(
                        "/waits",
                        (_, response) ->
                                answer.asMono()
                                        .flatMap(text ->
                                                Mono.from(Responses.text(response, 200, text))));
        Route large =
                Route.get(
                        "/large",
                        (_, response) -> Responses.text(response, 200, "a".repeat(64 << 20)));
        HttpSettings settings = new HttpSettings("127.0.0.1", 0, 0, limits);
        return fronts.start(settings, StubPart.serving(echo, waits, large)).port();
    }

    /// What the server says until it closes the connection.
    private static String answerTo(int port, String bytes) throws Exception {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            send(socket, bytes);
            return restOf(socket);
        }
    }

    private static void send(Socket socket, String bytes) throws IOException {
        socket.getOutputStream().write(bytes.getBytes(StandardCharsets.US_ASCII));
    }

    private static String restOf(Socket socket) throws IOException {
        return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    }
}
