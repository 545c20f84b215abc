package io.tidemill.rollup;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.tidemill.contract.DirtyHour;
import io.tidemill.contract.DirtyHourCodec;
import io.tidemill.contract.Event;
import io.tidemill.contract.EventCodec;
import io.tidemill.contract.HourlyRollup;
import io.tidemill.contract.Hours;
import io.tidemill.contract.MeasureNumbers;
import io.tidemill.contract.RollupApplication;
import io.tidemill.contract.RollupCodec;
import io.tidemill.contract.RollupKey;
import io.tidemill.contract.Topics;
import io.tidemill.contract.settings.SettingsHistory;
import io.tidemill.contract.settings.SettingsReader;
import io.tidemill.contract.settings.SettingsVersion;
import io.tidemill.contract.sketch.HourlySketches;
import io.tidemill.runtime.KafkaConnection;
import io.tidemill.testkit.Events;
import io.tidemill.testkit.GroupBy;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RollupTopologyTest {

    private static final Topics TOPICS = new Topics("test.");

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();

    @TempDir private Path directory;

    private SettingsHistory settings = SettingsHistory.NONE;

    private TopologyTestDriver driver;
    private TestInputTopic<byte[], byte[]> events;
    private TestOutputTopic<byte[], byte[]> rollups;
    private TestOutputTopic<byte[], byte[]> dirtyHours;

    @BeforeEach
    void start() {
        RollupConfig config =
                new RollupConfig(
                        3,
                        8,
                        4,
                        1,
                        directory,
                        Duration.ofMillis(100),
                        16 << 20,
                        0,
                        Duration.ofHours(24));
        driver =
                new TopologyTestDriver(
                        new RollupTopology(TOPICS, config, () -> settings, meters).get(),
                        StreamsProperties.of(
                                new RollupApplication(TOPICS, 3).id(),
                                config,
                                new KafkaConnection("127.0.0.1:1", "test.", Map.of())));
        events =
                driver.createInputTopic(
                        TOPICS.events(), new ByteArraySerializer(), new ByteArraySerializer());
        rollups =
                driver.createOutputTopic(
                        TOPICS.hourlyRollups(),
                        new ByteArrayDeserializer(),
                        new ByteArrayDeserializer());
        dirtyHours =
                driver.createOutputTopic(
                        TOPICS.dirtyHours(),
                        new ByteArrayDeserializer(),
                        new ByteArrayDeserializer());
    }

    @AfterEach
    void stop() {
        driver.close();
    }

    @Test
    void countsByTypeToolAndRiskMode() {
        // given
        List<Event> sent =
                List.of(
                        event("1").tool("editor").build(),
                        event("2").tool("editor").user("bob").build(),
                        event("3")
                                .type("risk_mode_changed")
                                .properties("{\"risk_mode\":\"high\"}")
                                .build());

        // when
        send(sent);

        // then
        HourlyRollup rollup = last();
        assertThat(rollup.totalEvents()).isEqualTo(3);
        assertThat(rollup.eventCounts())
                .isEqualTo(Map.of("page_viewed", 2L, "risk_mode_changed", 1L));
        assertThat(rollup.toolUsage()).isEqualTo(Map.of("editor", 2L));
        assertThat(rollup.riskDistribution()).isEqualTo(Map.of("high", 1L));
    }

    @Test
    void countsAndMeasuresWhatTheSettingsOfTheHourName() {
        // given
        Event before = event("0").at("2025-10-18T00:59:59Z").properties(MODEL_A).build();
        settings = modelsFrom("2025-10-18T01:00:00Z", 4);

        // when
        send(
                List.of(
                        before,
                        event("1").properties(MODEL_A).build(),
                        event("2").properties("{\"model\":\"b\",\"cost_usd\":\"much\"}").build(),
                        event("3").properties(MODEL_A).build()));

        // then
        assertThat(newest().values())
                .extracting(HourlyRollup::settingsVersion)
                .containsExactlyInAnyOrder(0, 4);
        assertThat(further.keySet())
                .containsExactlyInAnyOrder(
                        "dimension/model", "measure/cost_usd//", "measure/cost_usd/model/a");
        assertThat(
                        RollupCodec.decodeDimension(
                                        requireNonNull(furtherKeys.get("dimension/model")),
                                        requireNonNull(further.get("dimension/model")))
                                .counts())
                .isEqualTo(Map.of("a", 2L, "b", 1L));
        MeasureNumbers cost =
                RollupCodec.decodeMeasure(
                        requireNonNull(furtherKeys.get("measure/cost_usd/model/a")),
                        requireNonNull(further.get("measure/cost_usd/model/a")));
        assertThat(cost.count()).isEqualTo(2);
        assertThat(cost.sum()).isEqualByComparingTo("0.50");
        assertThat(cost.p99()).isEqualTo(0.25);
        assertThat(meters.counter("tidemill_rollup_unmeasured").count()).isEqualTo(1);
        assertThat(announced()).isEmpty();
    }

    @Test
    void anHourThatWasCountedBySeveralSettingsIsLeftToTheRawTable() {
        // given
        settings = modelsFrom("2025-10-18T01:00:00Z", 1);
        Event first = event("1").properties(MODEL_A).build();
        send(List.of(first));

        // when
        settings = modelsFrom("2025-10-18T01:00:00Z", 2);
        send(List.of(event("2").properties(MODEL_A).build(), event("3").build()));

        // then
        assertThat(announced()).containsExactly(dirty(first, DirtyHour.SETTINGS));
        assertThat(last().settingsVersion()).isEqualTo(1);
        assertThat(last().totalEvents()).isEqualTo(1);
    }

    @Test
    void anHourOfMoreMeasuredValuesThanAreKeptIsLeftToTheRawTable() {
        // given
        settings = modelsFrom("2025-10-18T01:00:00Z", 1);
        List<Event> many = new ArrayList<>();
        for (int i = 0; i < 1_002; i++) {
            String properties = "{\"model\":\"m-%d\",\"cost_usd\":1}".formatted(i);
            many.add(event("" + i).properties(properties).build());
        }

        // when
        send(many);

        // then
        assertThat(announced()).containsExactly(dirty(many.getFirst(), DirtyHour.WIDE));
        assertThat(last().totalEvents()).isEqualTo(999);
    }

    private static final String MODEL_A = "{\"model\":\"a\",\"cost_usd\":0.25}";

    private static SettingsHistory modelsFrom(String hour, int version) {
        String file =
                "{\"dimensions\":[{\"name\":\"model\",\"path\":\"model\"}],"
                        + "\"measures\":[{\"name\":\"cost_usd\",\"path\":\"cost_usd\",\"by\":[\"model\"]}]}";
        return SettingsHistory.NONE.with(
                new SettingsVersion(
                        version,
                        Instant.parse(hour).toEpochMilli(),
                        SettingsReader.read(file.getBytes(StandardCharsets.UTF_8))));
    }

    @Test
    void aDuplicateCountsOnceAndEmitsNothing() {
        // given
        send(List.of(event("1").build()));
        rollups.readKeyValuesToList();

        // when
        send(List.of(event("1").build()));

        // then
        assertThat(rollups.isEmpty()).isTrue();
        assertThat(count("duplicate")).isEqualTo(1);
        assertThat(count("counted")).isEqualTo(1);
    }

    @Test
    void theSameIdAtAnotherTimeIsAnotherEvent() {
        // when
        send(
                List.of(
                        event("1").at("2025-10-18T01:10:00.000Z").build(),
                        event("1").at("2025-10-18T01:10:00.001Z").build()));

        // then
        assertThat(last().totalEvents()).isEqualTo(2);
    }

    @Test
    void aSessionThatSpansUsersCountsOnce() {
        // when
        send(
                List.of(
                        event("1").user("ann").session("s").build(),
                        event("2").user("bob").session("s").build(),
                        event("3").user(null).session("s").build()));

        // then
        assertThat(last().uniqueSessions()).isEqualTo(1);
        assertThat(last().uniqueUsers()).isEqualTo(2);
    }

    @Test
    void usersAndSessionsCountAgainInTheNextHourAndInAnotherProject() {
        // given
        Event first = event("1").at("2025-10-18T01:59:59.999Z").build();
        Event nextHour = event("2").at("2025-10-18T02:00:00.000Z").build();
        Event elsewhere = event("1").at("2025-10-18T01:59:59.999Z").project("blog").build();

        // when
        send(List.of(first, nextHour, elsewhere));

        // then
        assertThat(newest()).hasSize(3);
        assertThat(newest().values())
                .allSatisfy(rollup -> {
                    assertThat(rollup.totalEvents()).isEqualTo(1);
                    assertThat(rollup.uniqueSessions()).isEqualTo(1);
                    assertThat(rollup.uniqueUsers()).isEqualTo(1);
                });
    }

    @Test
    void sketchesAreEmittedWhenTheyChangeAndNotWhenJustCountsDo() {
        // given
        List<Event> sent =
                List.of(
                        event("1").user("ann").build(),
                        event("2").user("ann").build(),
                        event("3").user("bob").session("s2").build());

        // when
        send(sent);
        send(List.of(event("4").user("ann").build(), event("5").user(null).build()));

        // then
        assertThat(last().totalEvents()).isEqualTo(5);
        assertThat(GroupBy.sketchBytes(sent)).containsValue(GroupBy.bytesOf(sketches.getLast()));
        assertThat(sketches.getLast().sessions().estimate()).isEqualTo(2);
        assertThat(sketches.getLast().users().estimate()).isEqualTo(2);
        assertThat(sketches.getLast().revision()).isLessThan(last().revision());
    }

    @Test
    void revisionsGrowAndCarryTheGeneration() {
        // when
        send(List.of(event("1").build(), event("2").build(), event("3").build()));

        // then
        List<Long> revisions = readAll().stream().map(HourlyRollup::revision).toList();
        assertThat(revisions).hasSizeGreaterThanOrEqualTo(3).isSorted().doesNotHaveDuplicates();
        assertThat(revisions).allSatisfy(r -> assertThat(r >> 40).isEqualTo(3));
    }

    @Test
    void anUnreadableRecordIsCountedAndSkipped() {
        // given
        events.pipeInput(new byte[] {1}, new byte[] {99, 1, 2});
        events.pipeInput(new TestRecord<>(new byte[] {1}, null));

        // when
        send(List.of(event("2").build()));

        // then
        assertThat(last().totalEvents()).isEqualTo(1);
        assertThat(meters.counter("tidemill_rollup_unreadable").count()).isEqualTo(2);
        assertThat(announced()).isEmpty();
    }

    @Test
    void anEventWhosePropertiesCannotBeReadIsAnnounced() {
        // given
        Event broken = event("1").type("risk_mode_changed").properties("{\"risk_mode\"").build();

        // when
        send(List.of(broken, event("2").build()));

        // then
        assertThat(last().totalEvents()).isEqualTo(1);
        assertThat(announced()).containsExactly(dirty(broken, DirtyHour.UNREADABLE));
    }

    @Test
    void anEventOlderThanTheHorizonIsAnnouncedAndNotCounted() {
        // given
        Event now = event("1").at("2025-10-18T12:00:00Z").build();
        Event late = event("2").at("2025-10-17T11:59:59.999Z").build();
        Event justNotLate = event("3").at("2025-10-17T12:00:00Z").build();

        // when
        send(now, now.timestampMillis());
        send(late, now.timestampMillis());
        send(justNotLate, now.timestampMillis());

        // then
        assertThat(newest().keySet())
                .extracting(RollupKey::hourMillis)
                .containsExactlyInAnyOrder(now.hourMillis(), justNotLate.hourMillis());
        assertThat(announced()).containsExactly(dirty(late, DirtyHour.LATE));
    }

    @Test
    void oneFarFutureOrAncientTimestampHarmsNothingElse() {
        // given
        Event future = event("1").at(Long.MAX_VALUE).build();
        Event ahead = event("2").at("2025-10-18T02:10:00.001Z").build();
        Event ancient = event("3").at(0).build();
        List<Event> ordinary = List.of(event("4").build(), event("5").build());
        long now = ordinary.getFirst().timestampMillis();

        // when
        send(future, now);
        send(ahead, now);
        send(ancient, now);
        send(ordinary);
        send(ordinary);

        // then
        assertThat(newest()).hasSize(1);
        assertThat(last().totalEvents()).isEqualTo(2);
        assertThat(announced())
                .containsExactly(
                        dirty(future, DirtyHour.AHEAD),
                        dirty(ahead, DirtyHour.AHEAD),
                        dirty(ancient, DirtyHour.LATE));
    }

    @Test
    void anHourOfMoreValuesThanAreKeptIsAnnouncedOnceAndEmittedNoMore() {
        // given
        List<Event> many = new ArrayList<>();
        for (int i = 0; i < 1_005; i++) {
            many.add(event("" + i).tool("tool-" + i).build());
        }

        // when
        send(many);

        // then
        assertThat(announced()).containsExactly(dirty(many.getFirst(), DirtyHour.WIDE));
        assertThat(last().totalEvents()).isEqualTo(1_000);
    }

    @Test
    void aRecordBetweenTheStepsAndOfARollupIsBoundedWhateverTheValues() {
        // given
        HourCounts counts = new HourCounts();
        for (int i = 0; !counts.isWide(); i++) {
            counts.addEvent(
                    "\u0001".repeat(190) + i, "\"".repeat(190) + i, "\u20ac".repeat(190) + i);
        }

        // when
        HourlyRollup rollup =
                counts.toRollup(new HourKey("p", 0), Long.MAX_VALUE, Integer.MAX_VALUE);

        // then
        assertThat(RollupCodec.encode(rollup).length).isLessThan(Topics.MAX_ROLLUP_BYTES);
        assertThat(counts.write(new BinaryWriter()).bytes().length)
                .isLessThan(Topics.MAX_ROLLUP_BYTES);
    }

    @Test
    void whatIsKeptOfAnHourIsDeletedWhenItHasExpired() {
        // given
        Event first = event("1").build();
        send(List.of(first));
        assertThat(keysOf(RollupTopology.SEEN)).isGreaterThan(1);

        // when
        Event later =
                event("2")
                        .user(null)
                        .session(null)
                        .at(first.timestampMillis() + 27 * Hours.MILLIS)
                        .build();
        send(List.of(later, later));
        send(later, later.timestampMillis() + 2_000);

        // then
        assertThat(keysOf(RollupTopology.SEEN)).isEqualTo(1);
        assertThat(keysOf(RollupTopology.HOURS)).isEqualTo(1);
        assertThat(keysOf(RollupTopology.PARTS)).isZero();
        assertThat(announced()).isEmpty();
    }

    @Test
    void aUserHasTheShardOfItsRoutingKey() {
        // given
        Event withUser = event("1").user("ann").build();
        Event withSession = event("1").user(null).session("s").build();

        // when
        Set<Boolean> agree =
                List.of(withUser, withSession).stream()
                        .map(e ->
                                ShardRecord.of(e, SettingsVersion.BUILT_IN).shard(64)
                                        == e.routingKey().shard(64))
                        .collect(Collectors.toSet());

        // then
        assertThat(agree).containsExactly(true);
    }

    /// Names in it are names of topics and folders: a change needs a new generation.
    @Test
    void theTopologyIsTheOneThatIsWrittenDown() throws IOException {
        // given
        RollupConfig config =
                new RollupConfig(
                        1,
                        8,
                        4,
                        1,
                        directory,
                        Duration.ofMillis(100),
                        16 << 20,
                        0,
                        Duration.ofHours(24));

        // when
        Topology topology = new RollupTopology(TOPICS, config, () -> settings, meters).get();

        // then
        String description =
                topology.describe()
                        .toString()
                        .lines()
                        .map(String::stripTrailing)
                        .collect(Collectors.joining("\n"));
        assertThat(description.strip()).isEqualTo(resource("topology.txt").strip());
    }

    /// Every case is ten days later than the one before: nothing of that is kept any more.
    @Test
    void whatIsCountedAndWhatIsAnnouncedTogetherGiveTheGroupBy() {
        int announcedHours = 0;
        for (int i = 0; i < 100; i++) {
            // given
            RandomEvents random = RandomEvents.ofCase(i);
            long firstHour = RandomEvents.FIRST_HOUR + i * Duration.ofDays(10).toMillis();
            List<Event> distinct = random.distinct("project-" + i, firstHour, 40);

            // when
            emitted.clear();
            random.appendedAnyhow(distinct)
                    .forEach(sent -> send(sent.event(), sent.appendedMillis()));

            // then
            readAll();
            Map<RollupKey, HourlyRollup> expected = GroupBy.of(distinct);
            for (DirtyHour hour : announced()) {
                RollupKey key = new RollupKey(hour.projectId(), hour.hourMillis(), RollupKey.HOUR);
                announcedHours += expected.remove(key) == null ? 0 : 1;
                emitted.remove(key);
            }
            emitted.replaceAll((hour, rollup) -> GroupBy.withoutRevision(rollup));
            assertThat(emitted).as(random.toString()).isEqualTo(expected);
        }
        assertThat(announcedHours).isPositive();
        assertThat(keysOf(RollupTopology.HOURS)).isLessThan(60);
    }

    private long keysOf(String store) {
        long keys = 0;
        try (KeyValueIterator<?, ?> all = driver.getKeyValueStore(store).all()) {
            for (; all.hasNext(); keys++) {
                all.next();
            }
        }
        return keys;
    }

    private static DirtyHour dirty(Event event, String reason) {
        return new DirtyHour(event.projectId(), event.hourMillis(), reason);
    }

    private static Events event(String id) {
        return Events.event().id(id).user("ann").session("s1").at("2025-10-18T01:10:00Z");
    }

    private void send(List<Event> sent) {
        sent.forEach(event -> send(event, event.timestampMillis()));
    }

    private void send(Event event, long appendedMillis) {
        events.pipeInput(event.routingKey().bytes(), EventCodec.encode(event), appendedMillis);
    }

    private List<DirtyHour> announced() {
        return dirtyHours.readKeyValuesToList().stream()
                .map(record -> DirtyHourCodec.decode(record.key, record.value))
                .toList();
    }

    private final Map<RollupKey, HourlyRollup> emitted = new HashMap<>();
    private final Map<String, byte[]> further = new HashMap<>();
    private final Map<String, RollupKey> furtherKeys = new HashMap<>();
    private final List<HourlySketches> sketches = new ArrayList<>();

    private Map<RollupKey, HourlyRollup> newest() {
        readAll();
        return emitted;
    }

    private List<HourlyRollup> readAll() {
        List<HourlyRollup> read = new ArrayList<>();
        for (KeyValue<byte[], byte[]> record : rollups.readKeyValuesToList()) {
            RollupKey key = RollupCodec.decodeKey(record.key);
            if (key.part().equals(RollupKey.SKETCHES)) {
                sketches.add(HourlySketches.of(key, record.value));
            } else if (!key.part().equals(RollupKey.HOUR)) {
                further.put(key.part(), record.value);
                furtherKeys.put(key.part(), key);
            } else {
                HourlyRollup rollup = RollupCodec.decode(key, record.value);
                emitted.put(key, rollup);
                read.add(rollup);
            }
        }
        return read;
    }

    private HourlyRollup last() {
        readAll();
        return emitted.values().iterator().next();
    }

    private double count(String result) {
        return meters.counter("tidemill_rollup_events", "result", result).count();
    }

    private static String resource(String name) throws IOException {
        try (InputStream in = RollupTopologyTest.class.getResourceAsStream("/" + name)) {
            return in == null ? "" : new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
