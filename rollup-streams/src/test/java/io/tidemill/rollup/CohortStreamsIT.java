package io.tidemill.rollup;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.contract.CohortApplication;
import io.tidemill.contract.Erasure;
import io.tidemill.contract.Event;
import io.tidemill.contract.Hours;
import io.tidemill.contract.Topics;
import io.tidemill.runtime.Health;
import io.tidemill.runtime.KafkaConnection;
import io.tidemill.runtime.Metrics;
import io.tidemill.testkit.Cohorts;
import io.tidemill.testkit.Events;
import io.tidemill.testkit.TestKafka;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.apache.kafka.clients.admin.Admin;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CohortStreamsIT {

    private static final int EVENT_PARTITIONS = 3;
    private static final int USERS = 300;

    private final long seed = Long.getLong("seed", System.nanoTime());
    private final Random random = new Random(seed);
    private final List<Event> sent = new ArrayList<>();
    private final List<Erasure> erased = new ArrayList<>();

    @TempDir private Path directory;

    private KafkaConnection kafka;
    private CohortTopics topics;

    @BeforeEach
    void createTopics() {
        System.out.println("-Dseed=" + seed);
        TestKafka broker = TestKafka.shared();
        String prefix = broker.freshPrefix();
        broker.createTopics(prefix, EVENT_PARTITIONS, 2);
        kafka = broker.connection(prefix);
        topics = new CohortTopics(kafka);
    }

    @AfterEach
    void closeTopics() {
        topics.close();
    }

    @Test
    void losesNothingAndErasesNobodyByHalvesWhenItIsKilledAgainAndAgain() throws Exception {
        // given
        Path state = directory.resolve("killed");
        Path log = directory.resolve("killed.log");

        // when
        for (int round = 0; round < 2; round++) {
            try (RollupProcess process = RollupProcess.startCohorts(kafka, state, log)) {
                int before = topics.recordsRead();
                sendAnyhow();
                Awaitility.await()
                        .atMost(Duration.ofMinutes(1))
                        .until(() -> topics.recordsRead() > before);
                sendAnyhow();
                process.kill();
            }
            eraseSome();
        }

        // then
        try (CohortStreams last = start("killed")) {
            sendAnyhow();
            topics.await(Cohorts.of(sent, erased));
            Awaitility.await()
                    .atMost(Duration.ofMinutes(1))
                    .untilAsserted(() -> assertThat(last.health()).isEqualTo(Health.UP));
        }
        assertThatItsTopicsAreTheOnesThatOthersAreTold();
    }

    private void assertThatItsTopicsAreTheOnesThatOthersAreTold() throws Exception {
        CohortApplication application = new CohortApplication(new Topics(kafka.topicPrefix()));
        try (Admin admin = Admin.create(kafka.clientConfig("test-admin"))) {
            assertThat(
                            admin.listTopics().names().get().stream()
                                    .filter(name -> name.startsWith(application.id() + "-"))
                                    .filter(name -> name.endsWith("-repartition")))
                    .containsExactlyInAnyOrderElementsOf(application.repartitions());
            assertThat(admin.listGroups().all().get())
                    .anyMatch(group -> group.groupId().equals(application.id()));
        }
    }

    /// Events of four weeks, in any order, each copy to any partition.
    private void sendAnyhow() {
        List<Event> events = new ArrayList<>();
        for (int i = 0; i < 400; i++) {
            Event event =
                    Events.event()
                            .project("project-" + random.nextInt(2))
                            .user(random.nextInt(10) == 0 ? null : "user-" + random.nextInt(USERS))
                            .session("s")
                            .at(Instant.now().minus(Duration.ofHours(random.nextInt(28 * 24))))
                            .build();
            events.add(event);
            if (random.nextInt(4) == 0) {
                events.add(event);
            }
        }
        Collections.shuffle(events, random);
        topics.send(events, EVENT_PARTITIONS, random);
        sent.addAll(events);
    }

    /// Here events are received when they happen: an erasure covers some days of a user.
    private void eraseSome() {
        List<Erasure> erasures = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            erasures.add(
                    new Erasure(
                            "project-" + random.nextInt(2),
                            "user-" + random.nextInt(USERS),
                            Hours.startOf(System.currentTimeMillis())
                                    - random.nextInt(28 * 24) * Hours.MILLIS));
        }
        topics.erase(erasures);
        erased.addAll(erasures);
    }

    private CohortStreams start(String instance) {
        return CohortStreams.start(
                new CohortConfig(1),
                new RollupConfig(
                        1,
                        4,
                        2,
                        1,
                        directory.resolve(instance),
                        Duration.ofMillis(200),
                        64 << 20,
                        0,
                        Duration.ofHours(24)),
                kafka,
                Metrics.ofProcess());
    }
}
