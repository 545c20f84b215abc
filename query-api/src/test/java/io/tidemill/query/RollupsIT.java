package io.tidemill.query;

import static io.tidemill.query.Tables.mine;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.contract.Event;
import io.tidemill.storage.PostgresUrl;
import io.tidemill.testkit.TestPostgres;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class RollupsIT {

    private final PostgresUrl url = TestPostgres.shared().freshDatabase();
    private final Tables tables = new Tables(url);
    private final QueryServer server = QueryServer.on(url);

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void rollupsListTheHoursThatStartInTheRange() throws Exception {
        // given
        List<Event> events =
                List.of(
                        mine("a").session("s1").tool("editor").at("2025-10-18T00:59:59Z").build(),
                        mine("b").session("s1").at("2025-10-18T01:00:00Z").build(),
                        mine("c").session("s2").user("bob").at("2025-10-18T01:30:00Z").build(),
                        mine("d").riskMode("high").at("2025-10-18T02:00:00Z").build(),
                        mine("e").session("s3").user("eve").at("2025-10-18T03:00:00Z").build());
        tables.insertEvents(events);
        tables.insertRollupsOf(events);
        tables.execute(
                "INSERT INTO pipeline.completeness (complete_through)"
                        + " VALUES ('2025-10-18T02:30:00.5Z')");

        // when
        HttpResponse<String> response =
                server.get(
                        "/api/analytics/rollups?from=2025-10-18T00:00:00.001Z"
                                + "&to=2025-10-18T02:00:00.001Z");

        // then
        assertThat(response.body())
                .isEqualTo(
                        """
                        {"ok":true,"count":2,"hours":2,"total_events":3,"total_sessions":2,\
                        "total_users":2,"complete_through":"2025-10-18T02:30:00.500Z",\
                        "rollups":[\
                        {"hour":"2025-10-18T02:00:00.000Z",\
                        "event_counts":{"risk_mode_changed": 1},"tool_usage":{},\
                        "risk_distribution":{"high": 1},"unique_sessions":0,"unique_users":1,\
                        "total_events":1},\
                        {"hour":"2025-10-18T01:00:00.000Z",\
                        "event_counts":{"page_viewed": 2},"tool_usage":{},\
                        "risk_distribution":{},"unique_sessions":2,"unique_users":2,\
                        "total_events":2}]}\
                        """);
    }

    @Test
    void anHourThatWaitsForItsRecomputationHoldsTheRangesThatTouchIt() throws Exception {
        // given
        tables.execute(
                "INSERT INTO pipeline.completeness (complete_through)"
                        + " VALUES ('2025-10-18T02:30:00Z')");
        tables.execute(
                "INSERT INTO pipeline.hour_marks (project_id, hour, complete_through) SELECT"
                        + " project, '2025-10-18T01:00:00Z', '2025-10-18T02:10:00Z'"
                        + " FROM unnest(ARRAY['"
                        + mine("a").build().projectId()
                        + "', 'another']) AS project");

        // when
        String touching =
                "/api/analytics/rollups?from=2025-10-18T01:00:00Z&to=2025-10-18T03:00:00Z";
        String after = "/api/analytics/rollups?from=2025-10-18T02:00:00Z&to=2025-10-18T03:00:00Z";

        // then
        assertThat(server.json(touching).get("complete_through").stringValue())
                .isEqualTo("2025-10-18T02:10:00.000Z");
        assertThat(server.json(after).get("complete_through").stringValue())
                .isEqualTo("2025-10-18T02:30:00.000Z");
    }

    @Test
    void rollupsBeforeAnythingIsCompleteSaySo() throws Exception {
        // when
        JsonNode answer = server.json("/api/analytics/rollups");

        // then
        assertThat(answer.get("complete_through").isNull()).isTrue();
        assertThat(answer.get("hours").intValue()).isEqualTo(168);
        assertThat(answer.get("rollups").isEmpty()).isTrue();
    }
}
