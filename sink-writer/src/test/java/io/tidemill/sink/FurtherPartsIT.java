package io.tidemill.sink;

import static io.tidemill.sink.PipelineFixture.HOUR;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.contract.DimensionCounts;
import io.tidemill.contract.DirtyHour;
import io.tidemill.contract.Event;
import io.tidemill.contract.HourlyRollup;
import io.tidemill.contract.Hours;
import io.tidemill.contract.MeasureNumbers;
import io.tidemill.contract.RollupKey;
import io.tidemill.contract.settings.SettingsHistory;
import io.tidemill.contract.settings.SettingsReader;
import io.tidemill.contract.settings.SettingsVersion;
import io.tidemill.sink.Reconciliation.ComparedHour;
import io.tidemill.sink.Reconciliation.Range;
import io.tidemill.sink.Reconciliation.Status;
import io.tidemill.testkit.Events;
import io.tidemill.testkit.FurtherGroupBy;
import io.tidemill.testkit.GroupBy;
import io.tidemill.testkit.TestPostgres;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Dimensions and measures of the settings, from the topic to the tables, and as SQL recomputes
/// them.
class FurtherPartsIT {

    private static final String SETTINGS =
            """
            {"dimensions": [{"name": "model", "path": "llm.model"},
                            {"name": "status", "path": "status", "event_type": "called"}],
             "measures": [{"name": "cost_usd", "path": "cost_usd", "by": ["model", "tool", "status"]},
                          {"name": "seconds", "path": "ms", "factor": 0.001, "event_type": "called",
                           "where": {"status": "ok", "llm.cached": false}, "by": ["event_type"]}]}
            """;

    private final PipelineFixture pipeline = new PipelineFixture(1);
    private final long seed = Long.getLong("seed", System.nanoTime());

    @AfterEach
    void close() {
        pipeline.close();
    }

    @Test
    void postgresRecomputesAllPartsAsTheRulesSay() throws Exception {
        // given
        SettingsVersion version = version(3, HOUR.toEpochMilli(), SETTINGS);
        SettingsHistory history = SettingsHistory.NONE.with(version);
        List<Event> events = randomEvents(400);
        pipeline.startSink();
        pipeline.send(version);
        pipeline.awaitRows("SELECT count(*) FROM analytics.settings_versions", 1);
        pipeline.send(events);
        pipeline.awaitEvents(events.size());

        // when
        hoursOf(events).forEach(pipeline::announce);

        // then
        pipeline.awaitRows(
                "SELECT count(*) FROM pipeline.raw_hours WHERE recomputed_at IS NOT NULL",
                hoursOf(events).size());
        assertThat(stored()).as("seed %s", seed).isEqualTo(FurtherGroupBy.of(events, history));
        assertThat(verified()).extracting(ComparedHour::status).containsOnly(Status.EQUAL);
        pipeline.execute(
                "UPDATE analytics.hourly_rollup_measures SET sum = sum + 1 WHERE dimension = ''");
        pipeline.execute(
                "DELETE FROM analytics.hourly_rollup_dimensions WHERE dimension = 'model'");
        assertThat(verified())
                .anySatisfy(hour -> assertThat(hour.difference()).contains("cost_usd by"))
                .anySatisfy(hour -> assertThat(hour.difference()).contains("model gpt"));
    }

    @Test
    void partsOfTheTopologyLandAndAgreeWithTheRawRows() throws Exception {
        // given
        SettingsVersion version = version(1, HOUR.toEpochMilli(), SETTINGS);
        SettingsHistory history = SettingsHistory.NONE.with(version);
        List<Event> events = randomEvents(200);
        pipeline.startSink();
        pipeline.send(version);
        pipeline.awaitRows("SELECT count(*) FROM analytics.settings_versions", 1);
        Map<RollupKey, String> parts = FurtherGroupBy.of(events, history);

        // when
        pipeline.send(events);
        GroupBy.of(events).values().forEach(rollup -> pipeline.send(by(history, rollup)));
        GroupBy.sketches(events).forEach(pipeline::send);
        parts.forEach(
                (key, value) -> pipeline.sendPart(key, value.getBytes(StandardCharsets.UTF_8)));

        // then
        pipeline.awaitEvents(events.size());
        pipeline.awaitRows(
                "SELECT count(*) FROM pipeline.rollup_parts",
                parts.size() + 2L * hoursOf(events).size());
        assertThat(stored()).as("seed %s", seed).isEqualTo(parts);
        assertThat(pipeline.number("SELECT count(*) FROM pipeline.raw_hours")).isZero();
        assertThat(verified()).extracting(ComparedHour::status).containsOnly(Status.EQUAL);
    }

    @Test
    void anHourThatWasCountedByOtherSettingsIsCountedAgain() throws Exception {
        // given
        List<Event> events = randomEvents(50);
        pipeline.startSink();
        pipeline.send(events);
        GroupBy.of(events).values().forEach(pipeline::send);
        pipeline.awaitEvents(events.size());
        pipeline.awaitRows("SELECT count(*) FROM analytics.hourly_rollups", hoursOf(events).size());

        // when
        SettingsVersion version = version(1, HOUR.toEpochMilli(), SETTINGS);
        pipeline.send(version);

        // then
        long later =
                hoursOf(events).stream()
                        .filter(hour -> hour.hourMillis() >= HOUR.toEpochMilli())
                        .count();
        pipeline.awaitRows(
                "SELECT count(*) FROM pipeline.raw_hours WHERE recomputed_at IS NOT NULL", later);
        assertThat(stored())
                .as("seed %s", seed)
                .isEqualTo(FurtherGroupBy.of(events, SettingsHistory.NONE.with(version)));

        // and when
        Event next = Events.event().id("next").project("late").at(HOUR).build();
        pipeline.send(List.of(next));
        pipeline.awaitEvents(events.size() + 1L);
        GroupBy.of(List.of(next)).values().forEach(pipeline::send);

        // then
        pipeline.awaitRows(
                "SELECT count(*) FROM pipeline.raw_hours WHERE project_id = 'late' AND"
                        + " recomputed_at IS NOT NULL",
                1);
    }

    @Test
    void moreThanAThousandValuesShowTheMostFrequentAndTheRest() throws Exception {
        // given
        SettingsVersion version = version(1, HOUR.toEpochMilli(), SETTINGS);
        List<Event> events = new ArrayList<>();
        for (int i = 0; i < 1_010; i++) {
            for (int copies = 0; copies < (i < 5 ? 2 : 1); copies++) {
                events.add(
                        event(events.size())
                                .at(HOUR)
                                .properties(
                                        "{\"llm\":{\"model\":\"m%04d\"},\"cost_usd\":2}"
                                                .formatted(1_009 - i))
                                .build());
            }
        }
        pipeline.startSink();
        pipeline.send(version);
        pipeline.awaitRows("SELECT count(*) FROM analytics.settings_versions", 1);
        pipeline.send(events);
        pipeline.awaitEvents(events.size());

        // when
        hoursOf(events).forEach(pipeline::announce);

        // then
        pipeline.awaitRows(
                "SELECT count(*) FROM analytics.hourly_rollup_dimensions WHERE dimension = 'model'",
                1_001);
        assertThat(
                        pipeline.text(
                                "SELECT events FROM analytics.hourly_rollup_dimensions WHERE"
                                        + " dimension = 'model' AND value = '__other__'"))
                .isEqualTo("10");
        assertThat(
                        pipeline.text(
                                "SELECT sum FROM analytics.hourly_rollup_measures WHERE dimension ="
                                        + " 'model' AND value = '__other__'"))
                .isEqualTo("20");
        assertThat(verified()).extracting(ComparedHour::status).containsOnly(Status.EQUAL);
    }

    private static HourlyRollup by(SettingsHistory history, HourlyRollup rollup) {
        return new HourlyRollup(
                rollup.projectId(),
                rollup.hourMillis(),
                rollup.revision(),
                rollup.totalEvents(),
                rollup.uniqueSessions(),
                rollup.uniqueUsers(),
                rollup.eventCounts(),
                rollup.toolUsage(),
                rollup.riskDistribution(),
                history.at(rollup.hourMillis()).version());
    }

    private static SettingsVersion version(int version, long fromHourMillis, String file) {
        return new SettingsVersion(
                version,
                fromHourMillis,
                SettingsReader.read(file.getBytes(StandardCharsets.UTF_8)));
    }

    private static Events event(int number) {
        return Events.event().id("id-" + number);
    }

    /// In the hour before the settings hold, and in two after.
    private List<Event> randomEvents(int count) {
        System.out.println("-Dseed=" + seed);
        Random random = new Random(seed);
        List<Event> events = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            events.add(
                    event(i).project(random.nextInt(4) == 0 ? "blog" : "shop")
                            .type(random.nextBoolean() ? "called" : "risk_mode_changed")
                            .user("user-" + random.nextInt(9))
                            .tool(random.nextBoolean() ? "editor" : null)
                            .at(HOUR.toEpochMilli() + (random.nextInt(3) - 1) * Hours.MILLIS + i)
                            .properties(properties(random))
                            .build());
        }
        return events;
    }

    private static String properties(Random random) {
        String[] models = {
            "\"gpt\"",
            "\"a/b\"",
            "\"\"",
            "7",
            "7.0",
            "true",
            "null",
            "[1]",
            "1.5",
            "9007199254740992",
            "\"__other__\"",
            "\"" + "\ud83d\ude80".repeat(201) + "\""
        };
        String[] numbers = {
            "0",
            "-0",
            "0.1",
            "1e-18",
            "5e-19",
            "4.9e-19",
            "-5e-19",
            "1e18",
            "-1e18",
            "1.000001e18",
            "1e300",
            "12.3456789012345678901",
            "\"1\"",
            "null",
            "3",
            "2.50",
            "-7.25",
            "1234567.891",
            "1e-7"
        };
        String[] cached = {"false", "true", "\"false\"", "null"};
        return "{\"llm\":{\"model\":%s,\"cached\":%s},\"status\":%s,\"cost_usd\":%s,\"ms\":%s}"
                .formatted(
                        models[random.nextInt(models.length)],
                        cached[random.nextInt(cached.length)],
                        random.nextInt(3) > 0 ? "\"ok\"" : "\"failed\"",
                        random.nextBoolean()
                                ? numbers[random.nextInt(numbers.length)]
                                : Double.toString(random.nextGaussian() * 100),
                        numbers[random.nextInt(numbers.length)]);
    }

    private static Set<DirtyHour> hoursOf(List<Event> events) {
        Set<DirtyHour> hours = new HashSet<>();
        for (Event event : events) {
            hours.add(new DirtyHour(event.projectId(), event.hourMillis(), DirtyHour.LATE));
        }
        return hours;
    }

    private List<ComparedHour> verified() throws Exception {
        pipeline.execute("DELETE FROM pipeline.completeness");
        pipeline.execute(
                "INSERT INTO pipeline.completeness (complete_through) VALUES ('"
                        + HOUR.plus(Duration.ofHours(2))
                        + "')");
        try (Connection analyst =
                TestPostgres.connect(TestPostgres.shared().asAnalyst(pipeline.postgres))) {
            return new Reconciliation(analyst)
                    .compare(
                            new Range(
                                    HOUR.minus(Duration.ofHours(2)),
                                    HOUR.plus(Duration.ofHours(2))));
        }
    }

    /// All further parts that are in the tables, as `FurtherGroupBy` gives them.
    private Map<RollupKey, String> stored() throws Exception {
        Map<RollupKey, String> parts = new HashMap<>();
        Map<RollupKey, TreeMap<String, Long>> counts = new HashMap<>();
        try (Connection connection = TestPostgres.connect(pipeline.postgres);
                Statement statement = connection.createStatement()) {
            try (ResultSet row =
                    statement.executeQuery(
                            "SELECT *, (extract(epoch FROM hour) * 1000)::bigint AS millis FROM"
                                    + " analytics.hourly_rollup_dimensions WHERE dimension IN ('model',"
                                    + " 'status')")) {
                while (row.next()) {
                    counts.computeIfAbsent(
                                    new RollupKey(
                                            row.getString("project_id"),
                                            row.getLong("millis"),
                                            RollupKey.dimensionPart(row.getString("dimension"))),
                                    _ -> new TreeMap<>())
                            .put(row.getString("value"), row.getLong("events"));
                }
            }
            try (ResultSet row =
                    statement.executeQuery(
                            "SELECT *, (extract(epoch FROM hour) * 1000)::bigint AS millis FROM"
                                    + " analytics.hourly_rollup_measures")) {
                while (row.next()) {
                    MeasureNumbers numbers = numbers(row);
                    parts.put(numbers.key(), FurtherGroupBy.text(numbers));
                }
            }
        }
        counts.forEach((key, values) ->
                parts.put(
                        key,
                        FurtherGroupBy.text(
                                new DimensionCounts(
                                        key.projectId(),
                                        key.hourMillis(),
                                        key.dimension(),
                                        0,
                                        values))));
        return parts;
    }

    private static MeasureNumbers numbers(ResultSet row) throws Exception {
        return new MeasureNumbers(
                row.getString("project_id"),
                row.getLong("millis"),
                row.getString("measure"),
                row.getString("dimension"),
                row.getString("value"),
                0,
                row.getLong("count"),
                row.getBigDecimal("sum"),
                row.getDouble("min"),
                row.getDouble("max"),
                row.getDouble("p50"),
                row.getDouble("p95"),
                row.getDouble("p99"),
                row.getBytes("sketch"));
    }
}
