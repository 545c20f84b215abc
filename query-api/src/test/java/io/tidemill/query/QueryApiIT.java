package io.tidemill.query;

import static io.tidemill.query.QueryServer.ids;
import static io.tidemill.query.Tables.mine;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.contract.Event;
import io.tidemill.storage.PostgresUrl;
import io.tidemill.testkit.Events;
import io.tidemill.testkit.TestPostgres;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class QueryApiIT {

    private static final String DAY = "from=2025-10-18T00:00:00Z&to=2025-10-19T00:00:00Z";

    private final PostgresUrl url = TestPostgres.shared().freshDatabase();
    private final Tables tables = new Tables(url);
    private final QueryServer server = QueryServer.on(url);

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void anotherProjectsEventsAreNowhere() throws Exception {
        // given
        Event theirs = Events.event().project("other").id("theirs").user("eve").build();
        tables.insertEvents(mine("mine").build(), theirs);
        tables.insertRollupsOf(List.of(theirs));
        tables.insertSketches();

        // when
        HttpResponse<String> byId = server.get("/api/events/theirs");

        // then
        assertThat(byId.statusCode()).isEqualTo(404);
        assertThat(byId.body()).contains("\"code\":\"not_found\"");
        assertThat(ids(server.json("/api/analytics/track?" + DAY))).containsExactly("mine");
        assertThat(ids(server.json("/api/events"))).containsExactly("mine");
        assertThat(ids(server.json("/api/events?user_id=eve"))).isEmpty();
        JsonNode rollups = server.json("/api/analytics/rollups?" + DAY);
        assertThat(rollups.get("count").intValue()).isZero();
        assertThat(rollups.get("total_users").intValue()).isEqualTo(1);
    }

    @Test
    void questionsAreTimedByRouteAndStatus() throws Exception {
        // given
        server.get("/api/events/nobody");

        // when
        String metrics = server.get("/metrics").body();

        // then
        assertThat(metrics)
                .contains(
                        "tidemill_query_requests_seconds_count{route=\"/api/events/{event_id}\","
                                + "status=\"404\"} 1")
                .contains("tidemill_query_questions 0.0");
    }
}
