package io.tidemill.rollup;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.contract.Event;
import io.tidemill.contract.RollupApplication;
import io.tidemill.contract.Topics;
import io.tidemill.runtime.Health;
import io.tidemill.runtime.KafkaConnection;
import io.tidemill.runtime.Metrics;
import io.tidemill.testkit.Events;
import io.tidemill.testkit.TestKafka;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitions;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RollupStreamsIT {

    private static final int EVENT_PARTITIONS = 3;
    private static final int GENERATION = 1;

    private final long seed = Long.getLong("seed", System.nanoTime());
    private final Random random = new Random(seed);

    @TempDir private Path directory;

    private KafkaConnection kafka;
    private RollupTopics topics;

    @BeforeEach
    void createTopics() {
        System.out.println("-Dseed=" + seed);
        TestKafka broker = TestKafka.shared();
        String prefix = broker.freshPrefix();
        broker.createTopics(prefix, EVENT_PARTITIONS, 2);
        kafka =
                new KafkaConnection(
                        broker.bootstrap(), prefix, Map.of("metadata.max.age.ms", "1000"));
        topics = new RollupTopics(kafka);
    }

    @AfterEach
    void closeTopics() {
        topics.close();
    }

    @Test
    void twoInstancesCountDuplicatesOnce() {
        // given
        List<Event> events = events(5_000);

        // when
        try (RollupStreams first = start("first", "200ms");
                RollupStreams second = start("second", "200ms")) {
            topics.send(withDuplicates(events), EVENT_PARTITIONS, random);

            // then
            topics.awaitGroupByOf(events);
            awaitUp(first);
            awaitUp(second);
        }
    }

    @Test
    void goesOnWhereItStopped() {
        // given
        List<Event> events = events(2_000);
        try (RollupStreams before = start("instance", "200ms")) {
            topics.send(withDuplicates(events.subList(0, 1_000)), EVENT_PARTITIONS, random);
            topics.awaitGroupByOf(events.subList(0, 1_000));
            assertThat(before.health()).isEqualTo(Health.UP);
        }

        // when
        try (RollupStreams after = start("instance", "200ms")) {
            topics.send(withDuplicates(events), EVENT_PARTITIONS, random);

            // then
            topics.awaitGroupByOf(events);
            assertThat(after.health()).isEqualTo(Health.UP);
        }
    }

    @Test
    void restoresStoresThatWereLost() throws IOException {
        // given
        List<Event> events = events(2_000);
        try (RollupStreams before = start("instance", "200ms")) {
            topics.send(events.subList(0, 1_000), EVENT_PARTITIONS, random);
            topics.awaitGroupByOf(events.subList(0, 1_000));
            assertThat(before.name()).isEqualTo("streams");
        }
        delete(directory.resolve("instance"));

        // when
        try (RollupStreams after = start("instance", "200ms")) {
            topics.send(withDuplicates(events), EVENT_PARTITIONS, random);

            // then
            topics.awaitGroupByOf(events);
            assertThat(after.health()).isEqualTo(Health.UP);
        }
    }

    @Test
    void losesNothingWhenItIsKilledAgainAndAgain() throws Exception {
        // given
        List<Event> events = events(3_000);
        Path state = directory.resolve("killed");
        Path log = directory.resolve("killed.log");

        // when
        for (int round = 0; round < 3; round++) {
            List<Event> part = events.subList(round * 1_000, (round + 1) * 1_000);
            try (RollupProcess process = RollupProcess.start(kafka, state, log)) {
                int recordsBefore = topics.recordsRead();
                for (int i = 0; i < 20; i++) {
                    List<Event> some = part.subList(i * 50, (i + 1) * 50);
                    topics.send(withDuplicates(some), EVENT_PARTITIONS, random);
                    topics.recordsRead();
                }
                Awaitility.await()
                        .atMost(Duration.ofMinutes(1))
                        .until(() -> topics.recordsRead() > recordsBefore);
                process.kill();
            }
        }

        // then
        try (RollupProcess process = RollupProcess.start(kafka, state, log)) {
            topics.awaitGroupByOf(events);
            process.kill();
        }
        // Stores that were lost are made anew by the thread that finds them lost.
        assertThat(log).content().doesNotContain("rollup thread replaced");
    }

    @Test
    void emitsAChangedHourOncePerCommit() {
        // given
        List<Event> events = new ArrayList<>();
        for (int i = 0; i < 5_000; i++) {
            events.add(
                    Events.event()
                            .user("user-" + i)
                            .session("session-" + i)
                            .at(Instant.now())
                            .build());
        }

        // when
        try (RollupStreams streams = start("instance", "1s")) {
            topics.send(events, EVENT_PARTITIONS, random);
            topics.awaitGroupByOf(events);
            assertThat(streams.health()).isEqualTo(Health.UP);
        }

        // then
        assertThat(topics.recordsRead()).isLessThan(events.size() / 20);
    }

    @Test
    void countsEventsOfPartitionsAddedWhileItRuns() throws Exception {
        // given
        List<Event> events = events(2_000);
        try (RollupStreams streams = start("instance", "200ms");
                Admin admin = Admin.create(kafka.clientConfig("test-admin"))) {
            topics.send(events.subList(0, 1_000), EVENT_PARTITIONS, random);
            topics.awaitGroupByOf(events.subList(0, 1_000));

            // when
            String name = new Topics(kafka.topicPrefix()).events();
            admin.createPartitions(Map.of(name, NewPartitions.increaseTo(7))).all().get();
            topics.send(withDuplicates(events), 7, random);

            // then
            topics.awaitGroupByOf(events);
            awaitUp(streams);
        }
    }

    @Test
    void whatIsLateIsAnnouncedWithItsHour() {
        // given
        Instant old = Instant.now().minus(Duration.ofDays(3));
        List<Event> events = events(500);
        List<Event> late = List.of(Events.event().at(old).build(), Events.event().at(old).build());

        // when
        try (RollupStreams streams = start("instance", "200ms")) {
            topics.send(late, EVENT_PARTITIONS, random);
            topics.send(events, EVENT_PARTITIONS, random);

            // then
            topics.awaitGroupByOf(events);
            topics.awaitAnnounced(late.getFirst());
            awaitUp(streams);
        }
    }

    @Test
    void theTopicsBetweenItsStepsAreTheOnesThatOthersAreTold() throws Exception {
        // given
        RollupApplication application =
                new RollupApplication(new Topics(kafka.topicPrefix()), GENERATION);

        // when
        try (RollupStreams streams = start("instance", "200ms");
                Admin admin = Admin.create(kafka.clientConfig("test-admin"))) {
            awaitUp(streams);

            // then
            Set<String> names = admin.listTopics().names().get();
            assertThat(names).containsAll(application.repartitions());
            assertThat(
                            names.stream()
                                    .filter(name -> name.startsWith(application.id()))
                                    .filter(name -> name.endsWith("-repartition")))
                    .hasSize(3);
            assertThat(admin.listGroups().all().get())
                    .anyMatch(group -> group.groupId().equals(application.id()));
        }
    }

    private RollupStreams start(String instance, String commitInterval) {
        return RollupStreams.start(
                new RollupConfig(
                        GENERATION,
                        4,
                        2,
                        1,
                        directory.resolve(instance),
                        RollupConfig.COMMIT_INTERVAL.parser().apply(commitInterval),
                        64 << 20,
                        0,
                        Duration.ofHours(24)),
                kafka,
                Metrics.ofProcess());
    }

    private static void awaitUp(RollupStreams streams) {
        Awaitility.await()
                .atMost(Duration.ofMinutes(1))
                .untilAsserted(() -> assertThat(streams.health()).isEqualTo(Health.UP));
    }

    /// Few users and sessions, so that many shards meet the same session.
    private List<Event> events(int size) {
        List<Event> events = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            events.add(
                    Events.event()
                            .project("project-" + random.nextInt(2))
                            .type("type-" + random.nextInt(5))
                            .user(random.nextInt(3) == 0 ? null : "user-" + random.nextInt(200))
                            .session("session-" + random.nextInt(300))
                            .tool("tool-" + random.nextInt(5))
                            .at(Instant.now().minus(Duration.ofMinutes(random.nextInt(300))))
                            .build());
        }
        return events;
    }

    private List<Event> withDuplicates(List<Event> events) {
        List<Event> sent = new ArrayList<>(events);
        for (Event event : events) {
            if (random.nextInt(4) == 0) {
                sent.add(event);
            }
        }
        Collections.shuffle(sent, random);
        return sent;
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> paths = Files.walk(folder)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
