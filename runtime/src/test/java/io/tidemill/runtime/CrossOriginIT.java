package io.tidemill.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import reactor.core.publisher.Mono;

/// What pages of other origins may do, on a path that takes POST from any page and GET from none.
class CrossOriginIT {

    private static final String ALLOW = "access-control-allow-origin";
    private static final TestFronts FRONTS = new TestFronts();

    private static int port;

    @BeforeAll
    static void start() {
        Route read =
                Route.get("/both", (_, response) -> Responses.text(response, 200, "private\n"));
        Route write =
                Route.post("/both", (_, response) -> Responses.text(response, 200, "taken\n"))
                        .forPagesOfAnyOrigin();
        Route failing =
                Route.post("/fails", (_, _) -> Mono.error(new IllegalStateException("on purpose")))
                        .forPagesOfAnyOrigin();
        port = FRONTS.start(StubPart.serving(read, write, failing)).port();
    }

    @AfterAll
    static void close() {
        FRONTS.close();
    }

    @Test
    void browsersAreToldOnceADayWhatTheyMaySend() throws Exception {
        // when
        HttpResponse<String> preflight = send("OPTIONS", "/both");

        // then
        assertThat(preflight.statusCode()).isEqualTo(204);
        assertThat(preflight.headers().map())
                .containsAllEntriesOf(
                        Map.of(
                                ALLOW,
                                List.of("*"),
                                "access-control-allow-methods",
                                List.of("POST"),
                                "access-control-allow-headers",
                                List.of(
                                        "Content-Type, Content-Encoding, Authorization,"
                                                + " X-Api-Key"),
                                "access-control-max-age",
                                List.of("86400")))
                .doesNotContainKey("access-control-allow-credentials");
    }

    @ParameterizedTest
    @CsvSource({"POST,/both,200", "DELETE,/both,405", "POST,/fails,500", "POST,/misspelt,404"})
    void whateverIsAnsweredMayBeReadByAnyPage(String method, String path, int status)
            throws Exception {
        // when
        HttpResponse<String> response = send(method, path);

        // then
        assertThat(response.statusCode()).isEqualTo(status);
        assertThat(response.headers().allValues(ALLOW)).containsExactly("*");
        assertThat(response.headers().firstValue("access-control-expose-headers"))
                .hasValue(
                        "Retry-After, X-RateLimit-Limit, X-RateLimit-Remaining,"
                                + " X-RateLimit-Reset");
        assertThat(response.headers().map()).doesNotContainKey("access-control-allow-credentials");
    }

    @ParameterizedTest
    @CsvSource({"GET,/both", "HEAD,/both", "GET,/livez", "OPTIONS,/livez"})
    void whatIsNotMeantForOtherOriginsIsNotOpenToThem(String method, String path) throws Exception {
        assertThat(send(method, path).headers().map()).doesNotContainKey(ALLOW);
    }

    private static HttpResponse<String> send(String method, String path) throws Exception {
        return FRONTS.client()
                .send(
                        TestFronts.request(port, path)
                                .header("Origin", "https://example.org")
                                .method(method, BodyPublishers.noBody())
                                .build(),
                        BodyHandlers.ofString());
    }
}
