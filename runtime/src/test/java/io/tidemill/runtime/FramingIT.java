package io.tidemill.runtime;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;

/// What comes over the wire, byte by byte: `|` is the end of a line (CR LF), and the usual escapes
/// stand for single bytes. Whatever two servers might read differently is refused, and the
/// connection closed, so that a request behind it is never answered.
class FramingIT {

    private static final String SMUGGLED = "GET /smuggled HTTP/1.1|Host: h||";

    private static TestFronts fronts;
    private static int port;

    @BeforeAll
    static void start() {
        fronts = new TestFronts();
        Route echo =
                Route.post(
                        "/echo",
                        (request, response) ->
                                request.receive()
                                        .aggregate()
                                        .asString()
                                        .defaultIfEmpty("")
                                        .flatMap(body ->
                                                Mono.from(Responses.text(response, 200, body))));
        Route hello = Route.get("/hello", (_, response) -> Responses.text(response, 200, "hello"));
        port = fronts.start(StubPart.serving(echo, hello)).port();
    }

    @AfterAll
    static void stop() {
        fronts.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                // Lengths
                "POST /echo HTTP/1.1|Host: h|Content-Length: 5|Transfer-Encoding: chunked||0||",
                "POST /echo HTTP/1.1|Host: h|Transfer-Encoding: chunked|Content-Length: 5||0||",
                "POST /echo HTTP/1.1|Host: h|Content-Length: 3|Content-Length: 5||abc",
                "POST /echo HTTP/1.1|Host: h|Content-Length: 3|Content-Length: 3||abc",
                "POST /echo HTTP/1.0|Host: h|Content-Length: 3|Content-Length: 5||abc",
                "POST /echo HTTP/1.1|Host: h|Content-Length: 3, 3||abc",
                "POST /echo HTTP/1.1|Host: h|Content-Length: +3||abc",
                "POST /echo HTTP/1.1|Host: h|Content-Length: -3||abc",
                "POST /echo HTTP/1.1|Host: h|Content-Length: 0x3||abc",
                "POST /echo HTTP/1.1|Host: h|Content-Length: 3 3||abc",
                "POST /echo HTTP/1.1|Host: h|Content-Length: 3.0||abc",
                "POST /echo HTTP/1.1|Host: h|Content-Length:||abc",
                "POST /echo HTTP/1.1|Host: h|Content-Length: 99999999999999999999||abc",
                "POST /echo HTTP/1.1|Host: h|Content-Length : 3||abc",
                "POST /echo HTTP/1.1|Host: h|Content-Length: 3\u000b||abc",
                // Transfer codings
                "POST /echo HTTP/1.1|Host: h|Transfer-Encoding : chunked||0||",
                "POST /echo HTTP/1.1|Host: h|Transfer-Encoding: xchunked||0||",
                "POST /echo HTTP/1.1|Host: h|Transfer-Encoding: chunked, identity||0||",
                "POST /echo HTTP/1.1|Host: h|Transfer-Encoding: identity||0||",
                "POST /echo HTTP/1.1|Host: h|Transfer-Encoding: gzip, chunked||0||",
                "POST /echo HTTP/1.1|Host: h|Transfer-Encoding: chunked, chunked||0||",
                "POST /echo HTTP/1.1|Host: h|Transfer-Encoding: chunked|Transfer-Encoding:"
                        + " identity||0||",
                "POST /echo HTTP/1.1|Host: h|Transfer-Encoding: chunked|Transfer-Encoding:"
                        + " chunked||0||",
                "POST /echo HTTP/1.1|Host: h|Transfer-Encoding: chunked;q=1||0||",
                "POST /echo HTTP/1.1|Host: h|Transfer-Encoding: \"chunked\"||0||",
                "POST /echo HTTP/1.1|Host: h|Transfer-Encoding:||0||",
                "POST /echo HTTP/1.1|Host: h|Transfer-Encoding: \u000bchunked||0||",
                "POST /echo HTTP/1.1|Host: h|Transfer-Encoding: chunked\u007f||0||",
                "POST /echo HTTP/1.0|Host: h|Transfer-Encoding: chunked||0||",
                "POST /echo HTTP/1.0|Host: h|Content-Length: 3|Transfer-Encoding: chunked||0||",
                // Chunks
                "POST /echo HTTP/1.1|Host: h|Transfer-Encoding: chunked||x|abc|0||",
                "POST /echo HTTP/1.1|Host: h|Transfer-Encoding: chunked|||0||",
                "POST /echo HTTP/1.1|Host: h|Transfer-Encoding: chunked||0x3|abc|0||",
                "POST /echo HTTP/1.1|Host: h|Transfer-Encoding: chunked||+3|abc|0||",
                "POST /echo HTTP/1.1|Host: h|Transfer-Encoding: chunked||-1|abc|0||",
                "POST /echo HTTP/1.1|Host: h|Transfer-Encoding: chunked|| 3|abc|0||",
                "POST /echo HTTP/1.1|Host: h|Transfer-Encoding: chunked||3 x|abc|0||",
                "POST /echo HTTP/1.1|Host: h|Transfer-Encoding: chunked||FFFFFFFFFFFFFFFFF|abc",
                "POST /echo HTTP/1.1|Host: h|Transfer-Encoding: chunked||100000003|abc|0||",
                "POST /echo HTTP/1.1|Host: h|Transfer-Encoding: chunked||3|abcd|0||",
                "POST /echo HTTP/1.1|Host: h|Transfer-Encoding: chunked||3\nabc|0||",
                "POST /echo HTTP/1.1|Host: h|Transfer-Encoding: chunked||3|abc\n0||",
                "POST /echo HTTP/1.1|Host: h|Transfer-Encoding: chunked||3\rabc|0||",
                "POST /echo HTTP/1.1|Host: h|Transfer-Encoding: chunked||3;a=\"|abc|0||",
                "POST /echo HTTP/1.1|Host: h|Transfer-Encoding: chunked||3;a\nabc|0||",
                "POST /echo HTTP/1.1|Host: h|Transfer-Encoding: chunked||3;a=\u0000|abc|0||",
                "POST /echo HTTP/1.1|Host: h|Transfer-Encoding: chunked||0|Host: g||",
                "POST /echo HTTP/1.1|Host: h|Transfer-Encoding: chunked||0|Content-Length: 9||",
                "POST /echo HTTP/1.1|Host: h|Transfer-Encoding: chunked||0|X-A: b||",
                "POST /echo HTTP/1.1|Host: h|Transfer-Encoding: chunked||0\n\n",
                // Lines
                "GET /hello HTTP/1.1\nHost: h\n\n",
                "GET /hello HTTP/1.1|Host: h\n\n",
                "GET /hello HTTP/1.1|Host: h\nX-A: b||",
                "GET /hello HTTP/1.1|Host: h|X-A: b| c||",
                "GET /hello HTTP/1.1|Host: h|X-A: b|\tc||",
                "GET /hello HTTP/1.1| Host: h||",
                "GET /hello HTTP/1.1|Host: h| ||",
                "GET /hello HTTP/1.1|Host: h|X-A||",
                "GET /hello HTTP/1.1|Host: h|: b||",
                "GET /hello HTTP/1.1|Host: h|X A: b||",
                "GET /hello HTTP/1.1|Host: h|X-A\u0000: b||",
                "GET /hello HTTP/1.1|Host: h|X-A(: b||",
                "GET /hello HTTP/1.1|Host: h|X-\u00e4: b||",
                "GET /hello HTTP/1.1|Host: h|X-A: b\u0000c||",
                "GET /hello HTTP/1.1|Host: h|X-A: b\rc||",
                "GET /hello HTTP/1.1|Host: h|X-A: b\u0001c||",
                "GET /hello HTTP/1.1|Host: h|X-A: b\u007fc||",
                // Request lines
                "GET  /hello HTTP/1.1|Host: h||",
                "GET /hello  HTTP/1.1|Host: h||",
                "GET\t/hello HTTP/1.1|Host: h||",
                "GET /hello\u000bHTTP/1.1|Host: h||",
                "GET /hello HTTP/1.1 |Host: h||",
                " GET /hello HTTP/1.1|Host: h||",
                "GET /hello HTTP/1.1\r|Host: h||",
                "\u0000\u0001GET /hello HTTP/1.1|Host: h||",
                "GET /hello|Host: h||",
                "GET /hello http/1.1|Host: h||",
                "GET /hello HTTP/1|Host: h||",
                "GET /hello HTTP/1.10|Host: h||",
                "G\u0000T /hello HTTP/1.1|Host: h||",
                "G(T /hello HTTP/1.1|Host: h||",
                "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001|||",
                "GET /he\u0001llo HTTP/1.1|Host: h||",
                "GET /hel\u00e9lo HTTP/1.1|Host: h||",
                "GET /hello#a HTTP/1.1|Host: h||",
                "GET hello HTTP/1.1|Host: h||",
                "GET * HTTP/1.1|Host: h||",
                "GET ftp://h/hello HTTP/1.1|Host: h||",
                // Hosts
                "GET /hello HTTP/1.1||",
                "GET /hello HTTP/1.1|Host: h|Host: h||",
                "GET /hello HTTP/1.1|Host: h|Host: g||",
                "GET /hello HTTP/1.0|Host: h|Host: g||",
                "GET /hello HTTP/1.1|Host:||",
                "GET /hello HTTP/1.1|Host: h/g||",
                "GET /hello HTTP/1.1|Host: u@h||",
                "GET /hello HTTP/1.1|Host: h g||",
                "GET /hello HTTP/1.1|Host: h, g||",
                "GET http://g/hello HTTP/1.1|Host: h||",
                "GET http://u@h/hello HTTP/1.1|Host: h||",
                "GET http:///hello HTTP/1.1|Host: h||"
            })
    void whatIsOpenToTwoReadingsIs400AndTheLastAnswer(String bytes) throws IOException {
        // when
        String answer = exchange(bytes + SMUGGLED);

        // then
        assertThat(answer)
                .startsWith("HTTP/1.1 400 Bad Request\r\n")
                .contains("\"code\":\"malformed_request\"", "connection: close");
        assertThatIsOneProblem(answer);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "GET /hello HTTP/2.0|Host: h||; 505; http_version_not_supported",
                "CONNECT h:443 HTTP/1.1|Host: h:443||; 405; method_not_allowed",
                "PRI * HTTP/2.0||SM||; 505; http_version_not_supported",
                "GET /hello HTTP/1.2|Host: h||; 505; http_version_not_supported",
                "POST /echo HTTP/1.1|Host: h|Expect: a|Content-Length: 3||abc; 417;"
                        + " expectation_failed"
            })
    void whatIsNotSpokenHereIsRefusedWithItsReason(String bytes, int status, String code)
            throws IOException {
        // when
        String answer = exchange(bytes + SMUGGLED);

        // then
        assertThat(answer).startsWith("HTTP/1.1 " + status + " ").contains(code);
        assertThatIsOneProblem(answer);
    }

    @Test
    void whatIsTooLongIsRefusedWithItsReason() throws IOException {
        assertThat(exchange("GET /" + "a".repeat(100_000) + " HTTP/1.1|Host: h||"))
                .startsWith("HTTP/1.1 414 ")
                .contains("\"code\":\"uri_too_long\"");
        assertThat(exchange("GET /hello HTTP/1.1|Host: h|X-A: " + "a".repeat(100_000) + "||"))
                .startsWith("HTTP/1.1 431 ")
                .contains("\"code\":\"headers_too_large\"");
        assertThat(exchange("GET /hello HTTP/1.1|Host: h|" + "A: b|".repeat(100) + "|"))
                .startsWith("HTTP/1.1 431 ")
                .contains("\"code\":\"headers_too_large\"");
        assertThat(exchange("M".repeat(100_000) + " / HTTP/1.1|Host: h||"))
                .startsWith("HTTP/1.1 400 ");
        assertThat(
                        exchange(
                                "POST /echo HTTP/1.1|Host: h|Transfer-Encoding: chunked||3;a="
                                        + "b".repeat(65_536)))
                .containsPattern("^HTTP/1.1 4\\d\\d ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "POST /echo HTTP/1.1|Host: h|Content-Length: 3|Connection: close||abc",
                "POST /echo HTTP/1.1|host: h|content-length:3|connection:close||abc",
                "||POST /echo HTTP/1.1|Host: h|Content-Length: 3|Connection: close||abc",
                "POST /echo HTTP/1.1|Host: h|Transfer-Encoding: CHUNKED|Connection: close||"
                        + "1|a|2;x=\"y\"|bc|0||",
                "POST /echo HTTP/1.0|Content-Length: 3||abc",
                "POST /echo?a=%00&b={\"c\":[1]} HTTP/1.1|Host: [::1]:80|Content-Length: 3"
                        + "|Connection: close||abc",
                "POST http://h:80/echo HTTP/1.1|Host: H:80|Content-Length: 3"
                        + "|Connection: close||abc"
            })
    void whatHasOneReadingIsServed(String bytes) throws IOException {
        assertThat(exchange(bytes)).startsWith("HTTP/1.1 200 OK").endsWith("\r\n\r\nabc");
    }

    @Test
    void pipelinedRequestsAreAnsweredInOrderHoweverMany() throws IOException {
        // given
        StringBuilder requests = new StringBuilder();
        for (int i = 0; i < 1_000; i++) {
            String body = "<" + i + ">";
            requests.append("POST /echo HTTP/1.1|Host: h|Content-Length: ")
                    .append(body.length())
                    .append("||")
                    .append(body);
        }

        // when
        String answers = exchange(requests + "GET /hello HTTP/1.1|Host: h|Connection: close||");

        // then
        int from = 0;
        for (int i = 0; i < 1_000; i++) {
            from = answers.indexOf("\r\n\r\n<" + i + ">HTTP/1.1 200 OK", from);
            assertThat(from).as("answer " + i).isNotNegative();
        }
        assertThat(answers).endsWith("hello");
    }

    @Test
    void aBadRequestBehindAGoodOneIsAnsweredInItsTurn() throws IOException {
        // when
        String answers =
                exchange(
                        "POST /echo HTTP/1.1|Host: h|Content-Length: 3||abc"
                                + "GET /hello HTTP/1.1||"
                                + SMUGGLED);

        // then
        assertThat(answers).containsPattern("(?s)^HTTP/1.1 200 .*\r\n\r\nabcHTTP/1.1 400 ");
        assertThat(answers.split("HTTP/1.1 ", -1)).hasSize(3);
    }

    @Test
    void aClientThatIsStillSendingReadsTheAnswer() throws IOException {
        // given
        String head = "POST /nothing HTTP/1.1|Host: h|Transfer-Encoding: gzip||";

        // when
        String answer = exchange(head + "x".repeat(4 << 20));

        // then
        assertThat(answer).startsWith("HTTP/1.1 400 ");
        assertThatIsOneProblem(answer);
    }

    private static void assertThatIsOneProblem(String answer) {
        assertThat(answer)
                .contains("content-type: application/problem+json")
                .doesNotContain("Exception", "netty", "java");
        assertThat(answer.split("HTTP/1.1 \\d", -1)).hasSize(2);
    }

    /// Everything the server says until it closes.
    private static String exchange(String bytes) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            Thread writer =
                    Thread.ofVirtual()
                            .start(() -> {
                                try {
                                    socket.getOutputStream()
                                            .write(bytes.replace("|", "\r\n").getBytes(ISO_8859_1));
                                } catch (IOException e) {
                                    // The server had its say before all was sent.
                                }
                            });
            String answer = new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
            writer.interrupt();
            return answer;
        }
    }
}
