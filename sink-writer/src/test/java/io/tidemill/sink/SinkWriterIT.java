package io.tidemill.sink;

import static io.tidemill.sink.PipelineFixture.HOUR;
import static io.tidemill.sink.PipelineFixture.PATIENCE;
import static io.tidemill.sink.PipelineFixture.events;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tidemill.contract.Event;
import io.tidemill.contract.HourlyRollup;
import io.tidemill.testkit.Events;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SinkWriterIT {

    private final PipelineFixture pipeline = new PipelineFixture(3);

    @AfterEach
    void close() {
        pipeline.close();
    }

    @Test
    void everyDistinctEventBecomesOneRowHoweverOftenItWasSent() throws Exception {
        // given
        long seed = new Random().nextLong();
        System.out.println("seed " + seed);
        List<Event> sent = new ArrayList<>();
        for (Event event : events("once", 3_000)) {
            sent.addAll(Collections.nCopies(1 + (sent.size() % 3), event));
        }
        Collections.shuffle(sent, new Random(seed));

        // when
        pipeline.send(sent.subList(0, sent.size() / 2));
        SinkWriter sink = pipeline.startSink();
        pipeline.send(sent);

        // then
        pipeline.awaitEvents(3_000);
        await().atMost(PATIENCE)
                .until(() -> rows("written") + rows("unchanged") == sent.size() + sent.size() / 2);
        assertThat(rows("written")).isEqualTo(3_000);
        assertThat(sink.health().isUp()).isTrue();
    }

    @Test
    void aRowHoldsWhatWasSent() throws Exception {
        // given
        String clef = "\uD834\uDD1E";
        Event event =
                Events.event()
                        .project("p\t1")
                        .id("\\N")
                        .type("a\\b\nc\rd")
                        .user("")
                        .tool("tool \\. " + clef)
                        .properties(
                                "{\"a\":\"line\\nend \\\\ \\t\",\"b\":[1,2.50,null,{\"c\":{}}]}")
                        .metadata("{}")
                        .prompt("tab\tquote\"quote'")
                        .response(clef.repeat(40_000))
                        .at(HOUR.plusMillis(7))
                        .clockOffset(-12)
                        .build();

        // when
        pipeline.send(List.of(event));
        pipeline.startSink();

        // then
        pipeline.awaitEvents(1);
        assertThat(pipeline.text("SELECT project_id FROM analytics.events")).isEqualTo("p\t1");
        assertThat(pipeline.text("SELECT event_id FROM analytics.events")).isEqualTo("\\N");
        assertThat(pipeline.text("SELECT event_type FROM analytics.events"))
                .isEqualTo("a\\b\nc\rd");
        assertThat(pipeline.text("SELECT user_id FROM analytics.events")).isEmpty();
        assertThat(pipeline.text("SELECT session_id FROM analytics.events")).isEqualTo("null");
        assertThat(pipeline.text("SELECT tool_name FROM analytics.events"))
                .isEqualTo(event.toolName());
        assertThat(
                        pipeline.text(
                                "SELECT properties = '"
                                        + event.properties()
                                        + "' FROM analytics.events"))
                .isEqualTo("t");
        assertThat(pipeline.text("SELECT metadata FROM analytics.events")).isEqualTo("{}");
        assertThat(pipeline.text("SELECT prompt_text FROM analytics.events"))
                .isEqualTo(event.promptText());
        assertThat(pipeline.text("SELECT ai_response FROM analytics.events"))
                .isEqualTo(event.aiResponse());
        assertThat(
                        pipeline.number(
                                "SELECT extract(epoch FROM timestamp) * 1000 FROM analytics.events"
                                        .replace("SELECT ", "SELECT (")
                                        .replace(" FROM analytics", ")::bigint FROM analytics")))
                .isEqualTo(event.timestampMillis());
        assertThat(pipeline.number("SELECT clock_offset_ms FROM analytics.events")).isEqualTo(-12);
    }

    @Test
    void badRecordsAreSetAsideAndTheirNeighboursLand() throws Exception {
        // given
        pipeline.send("key".getBytes(UTF_8), "not an event".getBytes(UTF_8));
        List<Event> good = events("good", 2_500);
        pipeline.send(good.subList(0, 700));
        pipeline.send(List.of(Events.event().at(HOUR).properties("{\"a\":").build()));
        pipeline.send(good.subList(700, 2_100));
        pipeline.send(
                List.of(
                        Events.event().at(HOUR).properties("{\"a\":\"\\u0000\"}").build(),
                        Events.event().at(HOUR).prompt("nul \0 character").build(),
                        Events.event()
                                .at(HOUR)
                                .id(
                                        "x"
                                                + new Random(1)
                                                        .ints(9_000, 'a', 'z')
                                                        .collect(
                                                                StringBuilder::new,
                                                                StringBuilder::appendCodePoint,
                                                                StringBuilder::append))
                                .build(),
                        Events.event().at("2001-01-01T00:00:00Z").build(),
                        Events.event().at(Long.MAX_VALUE).build()));
        pipeline.send(good.subList(2_100, 2_500));

        // when
        pipeline.startSink();

        // then
        pipeline.awaitEvents(2_500);
        pipeline.awaitRows("SELECT count(*) FROM analytics.rejected_events", 7);
        assertThat(
                        pipeline.text(
                                "SELECT string_agg(reason || ' ' || n, ', ' ORDER BY reason) FROM (SELECT reason, count(*) AS n FROM analytics.rejected_events GROUP BY 1) AS r"))
                .isEqualTo("malformed_record 1, refused_by_postgres 4, timestamp_out_of_window 2");
        assertThat(
                        pipeline.text(
                                "SELECT convert_from(record_value, 'UTF8') FROM analytics.rejected_events WHERE reason = 'malformed_record'"))
                .isEqualTo("not an event");
    }

    @Test
    void anOlderRevisionNeverReplacesANewerOne() throws Exception {
        // given
        pipeline.startSink();
        pipeline.send(rollup(5, 10, "tool-a", "tool-b"));
        pipeline.awaitRows("SELECT count(*) FROM analytics.hourly_rollups WHERE revision = 5", 1);

        // when
        pipeline.send(rollup(4, 9, "tool-c"));
        pipeline.send(rollup(7, 12, "tool-a"));
        pipeline.send(rollup(6, 11, "tool-b", "tool-c"));

        // then
        pipeline.awaitRows(
                "SELECT sum(next_offset) FROM pipeline.consumer_offsets WHERE topic LIKE '%rollups.hourly'",
                4);
        assertThat(
                        pipeline.text(
                                "SELECT revision || ' ' || total_events || ' ' || tool_usage FROM analytics.hourly_rollups"))
                .isEqualTo("7 12 {\"tool-a\": 12}");
        assertThat(
                        pipeline.text(
                                "SELECT string_agg(dimension || '=' || value || '=' || events, ' ' ORDER BY dimension) FROM analytics.hourly_rollup_dimensions"))
                .isEqualTo("event_type=click=12 tool=tool-a=12");
    }

    @Test
    void duplicatesOfStoredRowsChangeNothing() throws Exception {
        // given
        pipeline.startSink();
        List<Event> events = events("twice", 500);
        pipeline.send(events);
        pipeline.awaitEvents(500);

        // when
        pipeline.send(
                events.stream()
                        .map(event ->
                                Events.event()
                                        .id(event.eventId())
                                        .user(event.userId())
                                        .at(event.timestampMillis())
                                        .prompt("another content")
                                        .build())
                        .toList());

        // then
        pipeline.awaitStored(1_000);
        assertThat(
                        pipeline.number(
                                "SELECT count(*) FROM analytics.events WHERE prompt_text IS NULL"))
                .isEqualTo(500);
        await().atMost(PATIENCE).until(() -> rows("unchanged") == 500);
    }

    @Test
    void everyMeterIsInTheDocumentation() throws Exception {
        // given
        pipeline.startSink();
        pipeline.send(events("metered", 10));
        pipeline.awaitEvents(10);
        await().atMost(PATIENCE)
                .until(() ->
                        pipeline.metrics.registry().find("tidemill.sink.index.bytes").gauge()
                                != null);

        // when
        String page = Files.readString(Path.of("../docs/metrics.md"));
        List<String> meters =
                pipeline.metrics.registry().getMeters().stream()
                        .map(meter -> meter.getId().getName())
                        .filter(name -> name.startsWith("tidemill.sink."))
                        .distinct()
                        .toList();

        // then
        assertThat(meters)
                .isNotEmpty()
                .allSatisfy(name -> assertThat(page).contains("`" + name.replace('.', '_')));
    }

    private static HourlyRollup rollup(long revision, long total, String... tools) {
        TreeMap<String, Long> usage = new TreeMap<>();
        for (String tool : tools) {
            usage.put(tool, total);
        }
        return new HourlyRollup(
                "demo",
                HOUR.toEpochMilli(),
                revision,
                total,
                1,
                1,
                new TreeMap<>(Map.of("click", total)),
                usage,
                new TreeMap<>());
    }

    private double rows(String result) {
        return pipeline.counter("tidemill.sink.rows", "result", result);
    }
}
