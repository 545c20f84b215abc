package io.tidemill.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A port in clear text that offers HTTP/2, met by clients that speak HTTP/1.1, or nothing.
class ClearTextHttp2IT {

    private static final Duration SHORT = Duration.ofMillis(300);
    private static final Duration LONG = Duration.ofMinutes(5);

    private final TestFronts fronts = new TestFronts();

    @AfterEach
    void close() {
        fronts.close();
    }

    @Test
    void aRequestThatAsksForAnUpgradeIsServedAsItIs() throws Exception {
        // given
        int port = start(LONG, LONG);
        HttpRequest asking = TestFronts.request(port, "/hello").version(Version.HTTP_2).build();

        // when
        HttpResponse<String> response = fronts.client().send(asking, BodyHandlers.ofString());

        // then
        assertThat(response.version()).isEqualTo(Version.HTTP_1_1);
        assertThat(response.body()).isEqualTo("hello");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "POST /hello HTTP/1.1\nHost: h\nContent-Length: 3\nTransfer-Encoding: chunked\n\n0\n\n",
                "PRI * HTTP/2.1\n\nSM\n\n",
                "PUT /hello HTTP/1.1\n\n"
            })
    void whatIsNoPrefaceIsReadAsStrictlyAsEver(String request) throws Exception {
        assertThat(TestFronts.exchange(start(LONG, LONG), request))
                .containsPattern("^HTTP/1.1 (400|505) ")
                .contains("application/problem+json");
    }

    @Test
    void requestsFollowEachOtherOnAConnection() throws Exception {
        assertThat(
                        TestFronts.exchange(
                                start(LONG, LONG),
                                """
                                GET /hello HTTP/1.1
                                Host: h

                                GET /hello HTTP/1.1
                                Host: h
                                Connection: close

                                """))
                .containsPattern("(?s)^HTTP/1.1 200 .*helloHTTP/1.1 200 .*hello$");
    }

    @ParameterizedTest
    @ValueSource(strings = {"P", "PRI * HTTP/2.0\r\n\r\nS"})
    void aPrefaceThatNeverEndsEndsTheConnection(String begun) throws Exception {
        assertThat(answerTo(start(SHORT, LONG), begun)).isEmpty();
    }

    @Test
    void aConnectionThatSaysNothingIsClosed() throws Exception {
        assertThat(answerTo(start(LONG, SHORT), "")).isEmpty();
    }

    private int start(Duration headTimeout, Duration idleTimeout) {
        FrontLimits limits = new FrontLimits(headTimeout, LONG, LONG, idleTimeout, 10);
        Route hello = Route.get("/hello", (_, response) -> Responses.text(response, 200, "hello"));
        return fronts.start(
                        new HttpSettings("127.0.0.1", 0, 0, limits, null, true),
                        StubPart.serving(hello))
                .port();
    }

    private static String answerTo(int port, String bytes) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.getOutputStream().write(bytes.getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        }
    }
}
