package io.tidemill.launcher;

import static io.tidemill.launcher.DescribedServers.EVENTS;
import static io.tidemill.launcher.DescribedServers.EVENT_ID;
import static io.tidemill.launcher.DescribedServers.TRACK;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.ingest.parsing.Rejection;
import io.tidemill.runtime.Part;
import io.tidemill.runtime.Route;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// `openapi.yaml` against a whole pipeline that runs, and against one that reaches neither Kafka
/// nor Postgres: every answer is as it is described, and every route is.
class OpenApiIT {

    private static DescribedServers servers;
    private static OpenApi openApi;

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        servers = new DescribedServers(folder);
        openApi = new OpenApi(servers.get(servers.whole(), ApiDescription.PATH).body());
    }

    @AfterAll
    static void stop() {
        servers.close();
    }

    @Test
    void theDescriptionHoldsTogether() {
        assertThat(openApi.document().get("openapi").asString()).startsWith("3.1.");
        assertThat(openApi.danglingReferences()).isEmpty();
        assertThat(openApi.document().findValuesAsString("operationId"))
                .hasSizeGreaterThan(10)
                .doesNotHaveDuplicates();
    }

    @Test
    void everyRouteOfEveryPartIsDescribed() {
        for (Part part : servers.parts()) {
            for (Route route : part.routes()) {
                assertThat(openApi.paths()).contains(route.path());
                assertThat(openApi.methods(route.path())).contains(route.method().name());
            }
        }
    }

    static Set<String> paths() {
        return openApi.paths();
    }

    @ParameterizedTest
    @MethodSource("paths")
    void aPathTakesTheMethodsThatAreDescribedAndNoOther(String path) throws Exception {
        // given
        Set<String> described = new TreeSet<>(openApi.methods(path));
        if (described.contains("GET")) {
            described.add("HEAD");
        }
        String target = path.replace("{event_id}", EVENT_ID);

        // when
        HttpResponse<String> answer =
                servers.send(
                        servers.whole()
                                .request(target)
                                .method("PATCH", BodyPublishers.noBody())
                                .build());

        // then
        assertThat(answer.statusCode()).isEqualTo(405);
        assertThat(answer.headers().firstValue("allow")).hasValue(String.join(", ", described));
        assertThat(openApi.differences("/components/responses/Problem", answer)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "/api/analytics/track,200",
        "/api/analytics/track?limit=1,200",
        "/api/analytics/track?hours=0,400",
        "/api/analytics/rollups?hours=48,200",
        "/api/analytics/rollups?from=1&to=0,400",
        "/api/analytics/retention?unit=day,200",
        "/api/analytics/retention?unit=hour,400",
        "/api/events?limit=1,200",
        "/api/events?event_type=nothing,200",
        "/api/events?cursor=x,400",
        "/api/events/openapi-1,200",
        "/api/events/openapi-1?timestamp=x,400",
        "/api/events/nothing,404",
        "/api/health,200",
        "/health,200",
        "/livez,200",
        "/readyz,200",
        "/metrics,200",
        "/openapi.yaml,200"
    })
    void aReadIsAnsweredAsDescribed(String target, int status) throws Exception {
        assertAsDescribed(servers.get(servers.whole(), target), target, status);
    }

    @ParameterizedTest
    @CsvSource({
        "/api/analytics/track,503",
        "/api/analytics/rollups,503",
        "/api/analytics/retention,503",
        "/api/events,503",
        "/api/events/x,503",
        "/api/health,503",
        "/health,503",
        "/livez,200",
        "/readyz,503"
    })
    void withoutKafkaAndPostgresReadsAreAnsweredAsDescribed(String target, int status)
            throws Exception {
        assertAsDescribed(servers.get(servers.alone(), target), target, status);
    }

    @ParameterizedTest
    @ValueSource(strings = {TRACK, EVENTS})
    void withoutKafkaNoEventIsTaken(String path) throws Exception {
        // when
        HttpResponse<String> answer = servers.post(servers.alone(), path, Provocations.event(""));

        // then
        Answers.require(openApi, "POST", path, answer, 503);
        assertThat(Answers.code(answer)).isEqualTo(Rejection.KAFKA_UNAVAILABLE.code());
    }

    static Stream<Arguments> provocations() {
        return Stream.of(TRACK, EVENTS)
                .flatMap(path ->
                        Arrays.stream(Rejection.values())
                                .filter(code -> servers.whole().of(code, path).isPresent())
                                .map(code -> Arguments.of(path, code)));
    }

    @ParameterizedTest
    @MethodSource("provocations")
    void everyRejectionIsAnsweredAsDescribed(String path, Rejection rejection) throws Exception {
        // when
        HttpResponse<String> answer =
                servers.send(servers.whole().of(rejection, path).orElseThrow());

        // then
        Answers.require(openApi, "POST", path, answer, rejection.status());
        assertThat(Answers.code(answer)).isEqualTo(rejection.code());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/api/analytics/track|{%s}|200",
                "/api/events|{%s}|200",
                "/api/events|[{%s},{}]|207",
                "/api/events|{\"events\":[{%s}]}|200"
            })
    void anAcceptedEventIsAnsweredAsDescribed(String path, String form, int status)
            throws Exception {
        // given
        String body = form.replace("%s", "\"event_type\":\"t\",\"session_id\":\"s\"");

        // then
        Answers.require(openApi, "POST", path, servers.post(servers.whole(), path, body), status);
    }

    @ParameterizedTest
    @ValueSource(strings = {TRACK, EVENTS})
    void beaconsNeedNoPreflightAndOtherRequestsHaveOne(String path) throws Exception {
        // given
        HttpRequest beacon =
                servers.whole()
                        .request(path)
                        .header("Content-Type", "text/plain;charset=UTF-8")
                        .POST(BodyPublishers.ofString(Provocations.event("")))
                        .build();
        HttpRequest preflight =
                servers.whole()
                        .request(path)
                        .header("Access-Control-Request-Method", "POST")
                        .header("Access-Control-Request-Headers", "authorization,content-type")
                        .method("OPTIONS", BodyPublishers.noBody())
                        .build();

        // then
        Answers.require(openApi, "POST", path, servers.send(beacon), 200);
        Answers.require(openApi, "OPTIONS", path, servers.send(preflight), 204);
    }

    @Test
    void whatIsNotThereIsAProblem() throws Exception {
        // when
        HttpResponse<String> answer = servers.get(servers.whole(), "/nothing");

        // then
        assertThat(answer.statusCode()).isEqualTo(404);
        assertThat(openApi.differences("/components/responses/Problem", answer)).isEmpty();
    }

    @Test
    void whatTheFrontRefusesIsAProblem() throws Exception {
        // given
        HttpRequest.Builder longHeader =
                servers.whole().request(EVENTS).header("X-Long", "x".repeat(10_000));

        // then
        assertRefused(servers.get(servers.whole(), EVENTS + "?" + "x".repeat(5_000)), 414);
        assertRefused(servers.send(longHeader.build()), 431);
    }

    private static void assertRefused(HttpResponse<String> answer, int status) {
        Answers.require(openApi, "GET", EVENTS, answer, status);
    }

    private static void assertAsDescribed(HttpResponse<String> answer, String target, int status) {
        String path = target.replaceAll("\\?.*", "");
        boolean byId = path.startsWith(EVENTS + "/");
        Answers.require(openApi, "GET", byId ? EVENTS + "/{event_id}" : path, answer, status);
    }
}
