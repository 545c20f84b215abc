package io.tidemill.rollup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.tidemill.contract.CohortApplication;
import io.tidemill.contract.CohortCell;
import io.tidemill.contract.CohortCodec;
import io.tidemill.contract.CohortCount;
import io.tidemill.contract.Erasure;
import io.tidemill.contract.ErasureCodec;
import io.tidemill.contract.Event;
import io.tidemill.contract.EventCodec;
import io.tidemill.contract.Topics;
import io.tidemill.runtime.KafkaConnection;
import io.tidemill.testkit.Events;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CohortTopologyTest {

    private static final Topics TOPICS = new Topics("test.");

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final Map<CohortCell, CohortCount> newest = new HashMap<>();

    @TempDir private Path directory;

    private TopologyTestDriver driver;
    private TestInputTopic<byte[], byte[]> events;
    private TestInputTopic<byte[], byte[]> erasures;
    private TestOutputTopic<byte[], byte[]> cohorts;

    @BeforeEach
    void start() {
        RollupConfig shared =
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
        driver =
                new TopologyTestDriver(
                        new CohortTopology(TOPICS, meters).get(),
                        StreamsProperties.of(
                                new CohortApplication(TOPICS).id(),
                                shared,
                                new KafkaConnection("127.0.0.1:1", "test.", Map.of())));
        events = input(TOPICS.events());
        erasures = input(TOPICS.erasures());
        cohorts =
                driver.createOutputTopic(
                        TOPICS.retentionCohorts(),
                        new ByteArrayDeserializer(),
                        new ByteArrayDeserializer());
    }

    @AfterEach
    void stop() {
        driver.close();
    }

    @Test
    void usersAreCountedOnTheDaysAfterTheirFirst() {
        // when
        send("ann", "2025-10-18T23:59:59.999Z");
        send("bob", "2025-10-18T00:00:00Z");
        send("ann", "2025-10-19T00:00:00Z");
        send("bob", "2025-10-21T12:00:00Z");

        // then
        assertThat(table())
                .isEqualTo(
                        Map.of(
                                cell("2025-10-18", 0), 2L,
                                cell("2025-10-18", 1), 1L,
                                cell("2025-10-18", 3), 1L));
    }

    @Test
    void whatIsKnownReachesNoStore() {
        // when
        for (int i = 0; i < 10; i++) {
            send("ann", "2025-10-18T12:00:00Z");
        }

        // then
        assertThat(count("tidemill_cohort_events", "passed")).isEqualTo(1);
        assertThat(count("tidemill_cohort_events", "known")).isEqualTo(9);
        assertThat(count("tidemill_cohort_activities", "counted")).isEqualTo(1);
    }

    @Test
    void aLateEventMovesItsUser() {
        // given
        send("ann", "2025-10-18T12:00:00Z");
        send("ann", "2025-10-20T12:00:00Z");

        // when
        Event late = event("ann", "2025-10-10T12:00:00Z");
        send(late, Instant.parse("2025-10-20T12:00:00Z").toEpochMilli());

        // then
        assertThat(table())
                .isEqualTo(
                        Map.of(
                                cell("2025-10-10", 0), 1L,
                                cell("2025-10-10", 8), 1L,
                                cell("2025-10-10", 10), 1L));
        assertThat(newest.get(cell("2025-10-18", 0))).returns(0L, CohortCount::users);
    }

    @Test
    void anErasedUserLeavesAllCellsAndComesBackWithLaterEventsOnly() {
        // given
        send("ann", "2025-10-18T12:00:00Z");
        send("bob", "2025-10-18T12:00:00Z");

        // when
        erase("ann", "2025-10-19T00:00:00Z");
        send("ann", "2025-10-18T23:59:59.999Z");

        // then
        assertThat(table()).isEqualTo(Map.of(cell("2025-10-18", 0), 1L));

        // when
        send("ann", "2025-10-19T00:00:00Z");

        // then
        assertThat(table()).isEqualTo(Map.of(cell("2025-10-18", 0), 1L, cell("2025-10-19", 0), 1L));
    }

    @Test
    void anErasureThatIsReadFirstCoversTheSame() {
        // when
        erase("ann", "2025-10-18T13:00:00Z");
        send("ann", "2025-10-18T12:59:59.999Z");
        send("ann", "2025-10-19T12:00:00Z");

        // then
        assertThat(table()).isEqualTo(Map.of(cell("2025-10-19", 0), 1L));
    }

    @Test
    void aDayThatWasReceivedBeforeAndAfterAnErasureStays() {
        // given both were received before the erasure is read
        send("ann", "2025-10-18T12:30:00Z");
        send("ann", "2025-10-18T13:00:00Z");

        // when
        erase("ann", "2025-10-18T13:00:00Z");

        // then
        assertThat(table()).isEqualTo(Map.of(cell("2025-10-18", 0), 1L));
    }

    @Test
    void projectsAreApartAndWhoIsNobodyIsNotCounted() {
        // when
        send("ann", "2025-10-18T12:00:00Z");
        Event elsewhere = Events.event().project("blog").user("ann").build();
        send(elsewhere, elsewhere.timestampMillis());
        Event nobody = Events.event().user(null).session("s").build();
        send(nobody, nobody.timestampMillis());

        // then
        assertThat(table()).hasSize(2);
        assertThat(table().values()).containsOnly(1L);
        assertThat(count("tidemill_cohort_events", "no_user")).isEqualTo(1);
    }

    @Test
    void oneFarFutureOrAncientTimestampHarmsNothing() {
        // given
        long now = Instant.parse("2025-10-18T12:00:00Z").toEpochMilli();

        // when
        send(Events.event().user("ann").at(Long.MAX_VALUE).build(), now);
        send(Events.event().user("ann").at(Long.MIN_VALUE).build(), now);
        send(Events.event().user("ann").at(0).build(), now);
        send("ann", "2025-10-18T12:00:00Z");

        // then
        assertThat(table()).isEqualTo(Map.of(cell("2025-10-18", 0), 1L));
        assertThat(count("tidemill_cohort_events", "outside")).isEqualTo(3);
    }

    @Test
    void whatCanNotBeReadIsCountedAndSkipped() {
        // when
        events.pipeInput(new byte[] {1}, new byte[] {99, 1, 2});
        erasures.pipeInput(new byte[] {1}, new byte[] {99, 1, 2});
        send("ann", "2025-10-18T12:00:00Z");

        // then
        assertThat(table()).isEqualTo(Map.of(cell("2025-10-18", 0), 1L));
        assertThat(count("tidemill_cohort_events", "unreadable")).isEqualTo(1);
        assertThat(count("tidemill_cohort_erasures", "unreadable")).isEqualTo(1);
    }

    @Test
    void revisionsOfACellGrowWithEachEmission() {
        // when
        send("ann", "2025-10-18T12:00:00Z");
        send("bob", "2025-10-18T12:00:00Z");
        erase("ann", "2025-10-19T00:00:00Z");
        erase("bob", "2025-10-19T00:00:00Z");

        // then
        assertThat(
                        cohorts.readKeyValuesToList().stream()
                                .map(record -> CohortCodec.decode(record.key, record.value)))
                .extracting(CohortCount::users, CohortCount::revision)
                .containsExactly(tuple(1L, 1L), tuple(2L, 2L), tuple(1L, 3L), tuple(0L, 4L));
    }

    @Test
    void whoStaysAwayIsForgottenAndLeavesTheirCells() {
        // given
        send("ann", "2025-01-01T12:00:00Z");
        erase("bob", "2025-01-02T00:00:00Z");
        long before = keysOf(CohortTopology.USERS);

        // when: half a year passes on the shards of all users
        for (int user = 0; user < 200; user++) {
            send("user-" + user, "2025-07-01T12:00:00Z");
            send("user-" + user, "2025-07-02T12:00:00Z");
        }

        // then
        assertThat(before).isEqualTo(4);
        assertThat(keysOf(CohortTopology.USERS)).isEqualTo(400);
        assertThat(count("tidemill_cohort_activities", "forgotten")).isEqualTo(2);
        assertThat(table()).containsEntry(cell("2025-01-01", 0), 1L);
    }

    /// Names in it are names of topics and folders: a change loses what was kept under them.
    @Test
    void theTopologyIsTheOneThatIsWrittenDown() throws IOException {
        String description =
                new CohortTopology(TOPICS, meters)
                        .get()
                        .describe()
                        .toString()
                        .lines()
                        .map(String::stripTrailing)
                        .collect(Collectors.joining("\n"));

        assertThat(description.strip()).isEqualTo(resource("cohort-topology.txt").strip());
    }

    private TestInputTopic<byte[], byte[]> input(String topic) {
        return driver.createInputTopic(topic, new ByteArraySerializer(), new ByteArraySerializer());
    }

    private void send(String user, String timestamp) {
        Event event = event(user, timestamp);
        send(event, event.timestampMillis());
    }

    private void send(Event event, long appendedMillis) {
        events.pipeInput(event.routingKey().bytes(), EventCodec.encode(event), appendedMillis);
    }

    private void erase(String user, String receivedBefore) {
        Erasure erasure =
                new Erasure(Events.PROJECT, user, Instant.parse(receivedBefore).toEpochMilli());
        erasures.pipeInput(
                ErasureCodec.encodeKey(erasure),
                ErasureCodec.encodeValue(erasure),
                erasure.receivedBeforeMillis());
    }

    private static Event event(String user, String timestamp) {
        return Events.event().user(user).at(timestamp).build();
    }

    /// The cells that have users.
    private Map<CohortCell, Long> table() {
        cohorts.readKeyValuesToList().stream()
                .map(record -> CohortCodec.decode(record.key, record.value))
                .forEach(count -> newest.put(count.cell(), count));
        return newest.values().stream()
                .filter(count -> count.users() > 0)
                .collect(Collectors.toMap(CohortCount::cell, CohortCount::users));
    }

    private static CohortCell cell(String day, int number) {
        return new CohortCell(Events.PROJECT, LocalDate.parse(day).toEpochDay(), number);
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

    private double count(String meter, String result) {
        return meters.counter(meter, "result", result).count();
    }

    private static String resource(String name) throws IOException {
        try (InputStream in = CohortTopologyTest.class.getResourceAsStream("/" + name)) {
            return in == null ? "" : new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
