package io.tidemill.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tidemill.contract.Event;
import io.tidemill.contract.Topics;
import io.tidemill.embedded.EmbeddedKafka;
import io.tidemill.runtime.KafkaConnection;
import io.tidemill.runtime.KafkaTopics;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A broker that goes away and comes back under senders at full speed.
class OutageUnderLoadIT {

    private static final int SENDERS = 64;
    private static final long IN_FLIGHT_BYTES = 4 << 20;
    private static final long PRODUCER_BUFFER_BYTES = 4 << 20;

    /// What a connection may hold besides its request: buffers of the server and of the sender.
    private static final long BYTES_A_CONNECTION = 128 << 10;

    private static final Map<String, String> SETTINGS =
            Map.of(
                    "TIDEMILL_MAX_REQUEST_BYTES",
                    "1MiB",
                    "TIDEMILL_INGEST_IN_FLIGHT_BYTES",
                    Long.toString(IN_FLIGHT_BYTES),
                    "TIDEMILL_INGEST_PRODUCER_BUFFER_BYTES",
                    Long.toString(PRODUCER_BUFFER_BYTES),
                    "TIDEMILL_INGEST_DELIVERY_TIMEOUT",
                    "2s");

    @Test
    void whatIsAcknowledgedHoldsAndTheHeapStaysFlat(@TempDir Path directory) throws Exception {
        // given
        EmbeddedKafka kafka = EmbeddedKafka.start(directory, 0);
        KafkaConnection connection = new KafkaConnection(kafka.bootstrap(), "load.", Map.of());
        createTopics(connection);
        try (RunningGateway gateway = RunningGateway.start(connection, SETTINGS).awaitUp()) {
            long heapBefore = heapAfterCollection();
            SenderCrowd senders = SenderCrowd.start(gateway.port(), SENDERS);
            try (senders) {
                awaitMore(senders.fullyAcknowledged, 300);

                // when
                kafka.close();
                awaitMore(senders.unavailable, 3_000);
                long heapDuring = heapAfterCollection();
                int acknowledgedDuring = senders.fullyAcknowledged.get();
                awaitMore(senders.unavailable, 1_000);

                // then
                assertThat(senders.fullyAcknowledged).hasValue(acknowledgedDuring);
                assertThat(heapDuring - heapBefore)
                        .isLessThan(
                                IN_FLIGHT_BYTES
                                        + PRODUCER_BUFFER_BYTES
                                        + SENDERS * BYTES_A_CONNECTION);
                kafka = EmbeddedKafka.start(directory, kafka.port());
                awaitMore(senders.fullyAcknowledged, 300);
            }
            assertThat(senders.unexpected).isEmpty();
            assertThat(senders.cutOff).hasValue(0);
            Set<String> published = new HashSet<>();
            gateway.published().stream().map(Event::eventId).forEach(published::add);
            assertThat(published).containsAll(senders.acknowledged);
            assertThat(published).allMatch(senders::hasSent);
        } finally {
            kafka.close();
        }
    }

    private static void awaitMore(AtomicInteger answers, int more) {
        int enough = answers.get() + more;
        await().atMost(Duration.ofMinutes(2)).until(() -> answers.get() >= enough);
    }

    private static long heapAfterCollection() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    private static void createTopics(KafkaConnection kafka)
            throws ExecutionException, InterruptedException {
        try (Admin admin = Admin.create(kafka.clientConfig("test"))) {
            for (Topics.Spec topic : new Topics(kafka.topicPrefix()).all(3, 1)) {
                KafkaTopics.ensure(admin, topic.name(), topic.partitions(), topic.settings());
            }
        }
    }
}
