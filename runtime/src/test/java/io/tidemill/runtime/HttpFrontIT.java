package io.tidemill.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.netty.channel.AbortedException;

class HttpFrontIT {

    private static final Route HELLO =
            Route.get("/hello", (_, response) -> Responses.text(response, 200, "hello\n"));
    private static final Route GREET =
            Route.get(
                    "/greet/{name}",
                    (request, response) ->
                            Responses.text(response, 200, String.valueOf(request.param("name"))));

    private final TestFronts fronts = new TestFronts();

    @AfterEach
    void close() {
        fronts.close();
    }

    @Test
    void aRouteAnswersWithItsLengthAndType() throws Exception {
        // given
        HttpFront front = fronts.start(StubPart.serving(HELLO));

        // when
        HttpResponse<String> response = fronts.get(front.port(), "/hello?a=b");

        // then
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).isEqualTo("hello\n");
        assertThat(response.headers().map())
                .containsEntry("content-length", List.of("6"))
                .containsEntry("content-type", List.of("text/plain; charset=utf-8"))
                .containsEntry("x-content-type-options", List.of("nosniff"))
                .doesNotContainKeys("server", "transfer-encoding");
    }

    @Test
    void aNamedSegmentReachesTheHandlerDecoded() throws Exception {
        HttpFront front = fronts.start(StubPart.serving(GREET));

        assertThat(fronts.get(front.port(), "/greet/a%2Fb%20c+d").body()).isEqualTo("a/b c+d");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/nothing", "/hello/", "/greet/%zz", "/greet/"})
    void aPathThatNobodyServesIs404(String path) throws Exception {
        // given
        HttpFront front = fronts.start(StubPart.serving(HELLO, GREET));

        // when
        String answer =
                TestFronts.exchange(
                        front.port(),
                        """
                        GET %s HTTP/1.1
                        Host: h
                        Connection: close

                        """
                                .formatted(path));

        // then
        assertThat(answer)
                .startsWith("HTTP/1.1 404 Not Found")
                .contains("content-type: application/problem+json")
                .contains("\"code\":\"not_found\"")
                .contains("\"status\":404");
    }

    @Test
    void aMethodThatThePathDoesNotTakeIs405AndSaysWhichItTakes() throws Exception {
        // given
        Route post = Route.post("/hello", HELLO.handler());
        HttpFront front = fronts.start(StubPart.serving(HELLO, post));

        // when
        HttpResponse<String> response =
                fronts.client()
                        .send(
                                TestFronts.request(front.port(), "/hello").DELETE().build(),
                                BodyHandlers.ofString());

        // then
        assertThat(response.statusCode()).isEqualTo(405);
        assertThat(response.headers().firstValue("allow")).contains("GET, HEAD, POST");
        assertThat(response.body()).contains("\"code\":\"method_not_allowed\"");
    }

    @Test
    void headAnswersTheHeadersOfGetAndKeepsTheConnection() throws Exception {
        // given
        HttpFront front = fronts.start(StubPart.serving(HELLO));

        // when
        String answers =
                TestFronts.exchange(
                        front.port(),
                        """
                        HEAD /hello HTTP/1.1
                        Host: h

                        GET /hello HTTP/1.1
                        Host: h
                        Connection: close

                        """);

        // then
        assertThat(answers.split("HTTP/1.1 200 OK", -1)).hasSize(3);
        assertThat(answers.split("content-length: 6", -1)).hasSize(3);
        assertThat(answers.split("hello\n", -1)).hasSize(2);
    }

    @Test
    void aTargetInAbsoluteFormIsServedByItsPath() throws Exception {
        // given
        HttpFront front = fronts.start(StubPart.serving(HELLO));

        // when
        String answer =
                TestFronts.exchange(
                        front.port(),
                        """
                        GET http://h/hello HTTP/1.1
                        Host: h
                        Connection: close

                        """);

        // then
        assertThat(answer).startsWith("HTTP/1.1 200 OK").endsWith("hello\n");
    }

    @Test
    void aHandlerThatThrowsOrFailsIs500WithoutATrace() throws Exception {
        // given
        Route throwing =
                Route.get(
                        "/throws",
                        (_, _) -> {
                            throw new IllegalStateException("secret detail");
                        });
        Route failing =
                Route.get(
                        "/fails", (_, _) -> Mono.error(new IllegalStateException("secret detail")));
        Route deep =
                Route.get(
                        "/deep",
                        (_, _) -> {
                            throw new StackOverflowError("secret detail");
                        });
        HttpFront front = fronts.start(StubPart.serving(throwing, failing, deep));

        // when
        List<HttpResponse<String>> responses =
                List.of(
                        fronts.get(front.port(), "/throws"),
                        fronts.get(front.port(), "/fails"),
                        fronts.get(front.port(), "/deep"));

        // then
        assertThat(responses)
                .allSatisfy(response -> {
                    assertThat(response.statusCode()).isEqualTo(500);
                    assertThat(response.body())
                            .contains("\"code\":\"internal_error\"")
                            .doesNotContain("secret", "Exception", "io.tidemill");
                });
    }

    @Test
    void aClientThatWentAwayIsNotAnErrorOfOurs() throws Exception {
        // given
        Logger logger = (Logger) LoggerFactory.getLogger(Router.class);
        ListAppender<ILoggingEvent> logged = new ListAppender<>();
        logged.start();
        logger.addAppender(logged);
        logger.setLevel(Level.TRACE);
        fronts.onClose(() -> logger.detachAppender(logged));
        Route gone = Route.get("/gone", (_, _) -> Mono.error(AbortedException.beforeSend()));
        HttpFront front = fronts.start(StubPart.serving(gone));

        // when
        fronts.get(front.port(), "/gone");

        // then
        assertThat(logged.list).isEmpty();
    }

    @Test
    void twoRoutesForOneMethodAndPathAreAMistake() {
        assertThatThrownBy(() -> fronts.start(StubPart.serving(HELLO, HELLO)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("two routes for GET /hello");
    }
}
