package io.tidemill.query;

import static io.tidemill.query.Tables.mine;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.storage.PostgresUrl;
import io.tidemill.testkit.TestPostgres;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class EventByIdIT {

    private final PostgresUrl url = TestPostgres.shared().freshDatabase();
    private final Tables tables = new Tables(url);
    private final QueryServer server = QueryServer.on(url);

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void anEventIsFoundByItsIdWithAllItsFields() throws Exception {
        // given
        tables.insertEvents(
                mine("a/b c")
                        .type("tool_used")
                        .session("s1")
                        .tool("editor")
                        .action("open")
                        .demoMode()
                        .properties("{\"nested\":{\"n\":1e3},\"text\":\"é\"}")
                        .metadata("{\"k\":null}")
                        .prompt("why?")
                        .response("<b>because</b>")
                        .at("2025-10-18T01:02:03.004Z")
                        .receivedAt("2025-10-18T01:02:03.104Z")
                        .clockOffset(-5)
                        .build());

        // when
        HttpResponse<String> response = server.get("/api/events/a%2Fb%20c");

        // then
        assertThat(response.headers().firstValue("cache-control")).contains("no-store");
        assertThat(response.headers().firstValue("content-type")).contains("application/json");
        assertThat(response.body())
                .isEqualTo(
                        """
                        {"id":"a/b c","event_id":"a/b c","event_type":"tool_used",\
                        "user_id":"ann","session_id":"s1",\
                        "timestamp":"2025-10-18T01:02:03.004Z",\
                        "received_at":"2025-10-18T01:02:03.104Z","clock_offset_ms":-5,\
                        "tool_name":"editor","action":"open","demo_mode":true,\
                        "properties":{"text": "é", "nested": {"n": 1000}},\
                        "metadata":{"k": null},\
                        "prompt_text":"why?","ai_response":"<b>because</b>"}\
                        """);
    }

    @Test
    void ofSeveralEventsWithOneIdTheNewestIsGivenUnlessATimePicksOne() throws Exception {
        // given
        tables.insertEvents(
                mine("twice").type("older").at("2025-10-18T01:00:00.001Z").build(),
                mine("twice").type("newer").at("2025-10-19T01:00:00.000Z").build());

        // when
        JsonNode newest = server.json("/api/events/twice");

        // then
        assertThat(newest.get("event_type").stringValue()).isEqualTo("newer");
        assertThat(type("/api/events/twice?timestamp=2025-10-18T01:00:00.001Z")).isEqualTo("older");
        assertThat(type("/api/events/twice?timestamp=1760749200001")).isEqualTo("older");
        assertThat(server.status("/api/events/twice?timestamp=1760749200002")).isEqualTo(404);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/api/events/%00", "/api/events/nobody", "/api/events/%F0%9F%98%80"})
    void anIdThatNobodyHasIs404(String target) throws Exception {
        assertThat(server.status(target)).isEqualTo(404);
    }

    private String type(String target) throws Exception {
        return server.json(target).get("event_type").stringValue();
    }
}
