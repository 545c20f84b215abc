package io.tidemill.query;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.contract.Event;
import io.tidemill.contract.JsonText;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class AnswerWriterTest {

    private static final long TIME = Instant.parse("2025-10-18T01:00:00Z").toEpochMilli();

    private static final Event FULL =
            new Event(
                    "p",
                    "e\"1",
                    "<script>",
                    "ann",
                    "s",
                    "editor",
                    "open",
                    true,
                    JsonText.of("{\"a\": [1, null]}"),
                    JsonText.of("{}"),
                    "line\nbreak",
                    "ok",
                    TIME,
                    TIME + 7,
                    -3L);

    private static final Event BARE =
            new Event(
                    "p", "e2", "t", "ann", null, null, null, false, null, null, null, null, TIME,
                    TIME, null);

    @Test
    void anEventHasAllItsFields() {
        assertThat(AnswerWriter.event(FULL))
                .hasToString(
                        """
                        {"id":"e\\"1","event_id":"e\\"1","event_type":"<script>",\
                        "user_id":"ann","session_id":"s",\
                        "timestamp":"2025-10-18T01:00:00.000Z",\
                        "received_at":"2025-10-18T01:00:00.007Z","clock_offset_ms":-3,\
                        "tool_name":"editor","action":"open","demo_mode":true,\
                        "properties":{"a": [1, null]},"metadata":{},\
                        "prompt_text":"line\\nbreak","ai_response":"ok"}\
                        """);
    }

    @Test
    void whatAnEventLacksIsNull() {
        assertThat(AnswerWriter.event(BARE))
                .hasToString(
                        """
                        {"id":"e2","event_id":"e2","event_type":"t",\
                        "user_id":"ann","session_id":null,\
                        "timestamp":"2025-10-18T01:00:00.000Z",\
                        "received_at":"2025-10-18T01:00:00.000Z","clock_offset_ms":null,\
                        "tool_name":null,"action":null,"demo_mode":false,\
                        "properties":null,"metadata":null,\
                        "prompt_text":null,"ai_response":null}\
                        """);
    }

    @Test
    void aPageSaysWhetherAndWhereItGoesOn() {
        EventPage page = new EventPage(5);

        assertThat(AnswerWriter.track(page, 0, null))
                .hasToString(
                        """
                        {"ok":true,"count":0,"total_in_range":0,"events":[],"next_cursor":null}\
                        """);
        assertThat(AnswerWriter.events(page, new AnswerWriter.Total(9, true), 5, "c"))
                .hasToString(
                        """
                        {"events":[],"total":9,"total_is_estimate":true,"limit":5,\
                        "has_more":false,"next_cursor":"c"}\
                        """);
    }

    @Test
    void rollupsAddUpWhatCanBeAdded() {
        // given
        RollupQueries.Hour hour =
                new RollupQueries.Hour(
                        Instant.ofEpochMilli(TIME),
                        3,
                        2,
                        1,
                        JsonText.of("{\"a\": 3}"),
                        JsonText.of("{}"),
                        JsonText.of("{}"));
        RollupQueries.Answer answer =
                new RollupQueries.Answer(
                        new TimeRange(TIME, TIME + 2 * 3_600_000),
                        List.of(hour, hour),
                        new RollupQueries.Uniques(5, 4),
                        null);

        // when
        JsonText json = AnswerWriter.rollups(answer);

        // then
        String row =
                """
                {"hour":"2025-10-18T01:00:00.000Z","event_counts":{"a": 3},"tool_usage":{},\
                "risk_distribution":{},"unique_sessions":2,"unique_users":1,"total_events":3}\
                """;
        assertThat(json)
                .hasToString(
                        """
                        {"ok":true,"count":2,"hours":2,"total_events":6,"total_sessions":5,\
                        "total_users":4,"complete_through":null,"rollups":[%s,%s]}\
                        """
                                .formatted(row, row));
    }
}
