package io.tidemill.query;

import static io.tidemill.query.QueryServer.ids;
import static io.tidemill.query.Tables.mine;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.contract.Event;
import io.tidemill.storage.PostgresUrl;
import io.tidemill.testkit.TestPostgres;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class EventListIT {

    private static final String DAY = "from=2025-10-18T00:00:00Z&to=2025-10-19T00:00:00Z";

    private final PostgresUrl url = TestPostgres.shared().freshDatabase();
    private final Tables tables = new Tables(url);
    private final QueryServer server = QueryServer.on(url);

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void trackListsTheEventsOfARangeNewestFirst() throws Exception {
        // given
        tables.insertEvents(
                mine("a").at("2025-10-17T23:59:59.999Z").build(),
                mine("b").at("2025-10-18T00:00:00.000Z").build(),
                mine("c").at("2025-10-18T23:59:59.999Z").build(),
                mine("d").at("2025-10-19T00:00:00.000Z").build());

        // when
        JsonNode answer = server.json("/api/analytics/track?" + DAY);

        // then
        assertThat(ids(answer)).containsExactly("c", "b");
        assertThat(answer.get("ok").booleanValue()).isTrue();
        assertThat(answer.get("count").intValue()).isEqualTo(2);
        assertThat(answer.get("total_in_range").intValue()).isEqualTo(2);
        assertThat(answer.get("next_cursor").isNull()).isTrue();
    }

    @Test
    void trackWithoutParametersIsTheLastDay() throws Exception {
        // given
        Instant now = Instant.now();
        tables.insertEvents(
                mine("recent").at(now.minus(Duration.ofHours(23))).build(),
                mine("old").at(now.minus(Duration.ofHours(25))).build());

        // when
        JsonNode answer = server.json("/api/analytics/track");

        // then
        assertThat(ids(answer)).containsExactly("recent");
        assertThat(ids(server.json("/api/analytics/track?hours=26")))
                .containsExactly("recent", "old");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/api/analytics/track?", "/api/events?"})
    void pagesHoldEveryEventOnceAlsoWithEqualTimes(String route) throws Exception {
        // given
        List<Event> events = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            events.add(mine("id-" + i).at("2025-10-18T0" + i / 25 + ":00:00Z").build());
        }
        tables.insertEvents(events);

        // when
        List<String> read = readAll(route + DAY + "&limit=7");

        // then
        assertThat(read)
                .containsExactlyElementsOf(
                        events.stream()
                                .sorted(
                                        Comparator.comparingLong(Event::timestampMillis)
                                                .thenComparing(Event::eventId)
                                                .reversed())
                                .map(Event::eventId)
                                .toList());
    }

    @Test
    void aRangeUpToNowStandsStillWhileItIsRead() throws Exception {
        // given
        Instant now = Instant.now();
        tables.insertEvents(
                mine("a").at(now.minusSeconds(2)).build(),
                mine("b").at(now.minusSeconds(1)).build());
        JsonNode first = server.json("/api/analytics/track?hours=1&limit=1");
        tables.insertEvents(mine("new").at(Instant.now()).build());

        // when
        JsonNode second =
                server.json(
                        "/api/analytics/track?hours=1&limit=5&cursor="
                                + first.get("next_cursor").stringValue());

        // then
        assertThat(ids(first)).containsExactly("b");
        assertThat(ids(second)).containsExactly("a");
        assertThat(second.get("total_in_range").intValue()).isEqualTo(2);
    }

    @Test
    void eventsAreFilteredByWhatTheyEqual() throws Exception {
        // given
        tables.insertEvents(
                mine("a").type("x").user("ann").session("s1").build(),
                mine("b").type("x").user("bob").session("s1").build(),
                mine("c")
                        .type("y")
                        .user("ann")
                        .session("s2")
                        .properties("{\"k\":\"Needle\"}")
                        .build());

        // when
        JsonNode answer = server.json("/api/events?event_type=x&limit=1");

        // then
        assertThat(ids(answer)).containsExactly("b");
        assertThat(answer.get("total").intValue()).isEqualTo(2);
        assertThat(answer.get("total_is_estimate").booleanValue()).isFalse();
        assertThat(answer.get("limit").intValue()).isEqualTo(1);
        assertThat(answer.get("has_more").booleanValue()).isTrue();
        assertThat(ids(server.json("/api/events?event_type=x&user_id=ann"))).containsExactly("a");
        assertThat(ids(server.json("/api/events?session_id=s2"))).containsExactly("c");
        assertThat(ids(server.json("/api/events?search=needLE"))).containsExactly("c");
        assertThat(ids(server.json("/api/events?search=needle%25"))).isEmpty();
    }

    @Test
    void aCursorIsOfNoUseToAnotherQuestion() throws Exception {
        // given
        tables.insertEvents(mine("a").build(), mine("b").build());
        String cursor =
                server.json("/api/events?limit=1&user_id=ann").get("next_cursor").stringValue();

        // when
        int status = server.status("/api/events?limit=1&user_id=bob&cursor=" + cursor);

        // then
        assertThat(status).isEqualTo(400);
        assertThat(server.status("/api/analytics/track?limit=1&cursor=" + cursor)).isEqualTo(400);
        assertThat(server.status("/api/events?limit=9&user_id=ann&cursor=" + cursor))
                .isEqualTo(200);
    }

    private List<String> readAll(String target) throws Exception {
        List<String> read = new ArrayList<>();
        JsonNode page = server.json(target);
        read.addAll(ids(page));
        while (!page.get("next_cursor").isNull()) {
            page = server.json(target + "&cursor=" + page.get("next_cursor").stringValue());
            read.addAll(ids(page));
        }
        return read;
    }
}
