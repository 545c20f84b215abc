package io.tidemill.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class OperationRoutesIT {

    private static final Route HELLO =
            Route.get("/hello", (_, response) -> Responses.text(response, 200, "hello\n"));

    private final TestFronts fronts = new TestFronts();

    @AfterEach
    void close() {
        fronts.close();
    }

    @Test
    void aProcessWhosePartsAreUpIsReadyAndHealthy() throws Exception {
        // given
        HttpFront front = fronts.start(StubPart.serving());

        // when
        HttpResponse<String> health = fronts.get(front.port(), "/api/health");

        // then
        assertThat(health.statusCode()).isEqualTo(200);
        assertThat(health.body())
                .matches(
                        "\\{\"status\":\"ok\",\"timestamp\":\"\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:"
                                + "\\d\\d\\.\\d{3}Z\",\"parts\":\\{\"stub\":\\{\"status\":\"up\","
                                + "\"detail\":\"ok\"}}}");
        assertThat(fronts.get(front.port(), "/health").statusCode()).isEqualTo(200);
        assertThat(fronts.get(front.port(), "/readyz").statusCode()).isEqualTo(200);
    }

    @Test
    void aPartThatIsDownMakesTheProcessUnreadyButNotDead() throws Exception {
        // given
        StubPart down = new StubPart("sink", Health.down("Postgres is away"), List.of());
        HttpFront front = fronts.start(StubPart.serving(), down);

        // when
        HttpResponse<String> ready = fronts.get(front.port(), "/readyz");

        // then
        assertThat(ready.statusCode()).isEqualTo(503);
        assertThat(ready.body()).isEqualTo("sink down: Postgres is away\n");
        assertThat(fronts.get(front.port(), "/livez").statusCode()).isEqualTo(200);
        HttpResponse<String> health = fronts.get(front.port(), "/api/health");
        assertThat(health.statusCode()).isEqualTo(503);
        assertThat(health.body())
                .contains("\"status\":\"unavailable\"")
                .contains("\"sink\":{\"status\":\"down\",\"detail\":\"Postgres is away\"}");
    }

    @Test
    void metersAreServedAsPrometheusText() throws Exception {
        // given
        fronts.metrics().registry().counter("tidemill.test.things").increment(3);
        HttpFront front = fronts.start(StubPart.serving());

        // when
        HttpResponse<String> response = fronts.get(front.port(), "/metrics");

        // then
        assertThat(response.headers().firstValue("content-type"))
                .contains("text/plain; version=0.0.4; charset=utf-8");
        assertThat(response.body())
                .contains("tidemill_test_things_total 3.0")
                .contains("jvm_memory_used_bytes");
    }

    @Test
    void withAnAdminPortProbesAndMetersAreServedThereOnly() throws Exception {
        // given
        HttpFront front =
                fronts.start(
                        new HttpSettings("127.0.0.1", 0, TestFronts.freePort()),
                        StubPart.serving(HELLO));

        // when
        int onAdminPort = fronts.get(front.adminPort(), "/readyz").statusCode();

        // then
        assertThat(onAdminPort).isEqualTo(200);
        assertThat(front.adminPort()).isNotEqualTo(front.port());
        for (String path : List.of("/livez", "/readyz", "/metrics")) {
            assertThat(fronts.get(front.adminPort(), path).statusCode()).isEqualTo(200);
            assertThat(fronts.get(front.port(), path).statusCode()).isEqualTo(404);
        }
        assertThat(fronts.get(front.port(), "/api/health").statusCode()).isEqualTo(200);
        assertThat(fronts.get(front.adminPort(), "/hello").statusCode()).isEqualTo(404);
    }
}
