package io.tidemill.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tidemill.contract.Event;
import io.tidemill.contract.EventCodec;
import io.tidemill.contract.Topics;
import io.tidemill.runtime.Env;
import io.tidemill.runtime.KafkaConnection;
import io.tidemill.runtime.KafkaTopics;
import io.tidemill.testkit.Events;
import io.tidemill.testkit.TestKafka;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

/// What the gateway asks of its topic, and of whoever adds partitions to it.
class EventTopicIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final IngestConfig DEFAULTS = IngestConfig.from(new Env(Map.of()));

    @Test
    void partitionsAddedUnderLoadAreUsedWithoutOneEventInDoubt() throws Exception {
        // given
        TestKafka kafka = TestKafka.shared();
        String prefix = kafka.freshPrefix();
        kafka.createTopics(prefix, 1, 1);
        String topic = new Topics(prefix).events();
        KafkaConnection connection = kafka.connection(prefix);
        try (KafkaEventPublisher publisher =
                        KafkaEventPublisher.start(DEFAULTS, connection, topic);
                Admin admin = Admin.create(connection.clientConfig("test"))) {
            await().atMost(PATIENCE).until(publisher::isReachable);
            AtomicBoolean grown = new AtomicBoolean();
            CompletableFuture<Integer> load =
                    CompletableFuture.supplyAsync(() -> load(publisher, grown::get));

            // when
            admin.createPartitions(Map.of(topic, NewPartitions.increaseTo(20))).all().get();
            await().atMost(PATIENCE)
                    .until(() -> ends(admin, topic, 20).stream().allMatch(end -> end > 0));
            grown.set(true);

            // then
            int acknowledged = load.get();
            assertThat(ends(admin, topic, 20).stream().mapToLong(end -> end).sum())
                    .isEqualTo(acknowledged);
        }
    }

    @Test
    void theBrokersClockStampsRecordsWhateverTheEventOrItsSenderSays() {
        // given
        TestKafka kafka = TestKafka.shared();
        String prefix = kafka.freshPrefix();
        kafka.createTopics(prefix, 1, 1);
        String topic = new Topics(prefix).events();
        Instant began = Instant.now();
        Event oldest = Events.event().user("ann").at(began.minus(Duration.ofDays(29))).build();
        Event newest = Events.event().user("ann").at(began.plus(Duration.ofMinutes(5))).build();
        try (KafkaEventPublisher publisher =
                        KafkaEventPublisher.start(DEFAULTS, kafka.connection(prefix), topic);
                Producer<byte[], byte[]> skewed = patientProducer(kafka.connection(prefix))) {
            await().atMost(PATIENCE).until(publisher::isReachable);

            // when
            publisher.publish(List.of(oldest, newest)).block(PATIENCE);
            for (long clock : new long[] {0, 253_402_300_799_999L}) {
                var _ =
                        skewed.send(
                                new ProducerRecord<>(
                                        topic, 0, clock, null, EventCodec.encode(oldest)));
            }

            // then
            assertThat(KafkaEventPublisherIT.records(kafka.connection(prefix), topic, 4))
                    .hasSize(4)
                    .allSatisfy(record -> {
                        assertThat(record.timestampType()).isEqualTo(TimestampType.LOG_APPEND_TIME);
                        assertThat(Instant.ofEpochMilli(record.timestamp()))
                                .isBetween(began.minusSeconds(1), Instant.now());
                    });
        }
    }

    @Test
    void aTopicThatSendersClocksCouldPoisonTakesNoEvents() throws Exception {
        // given
        TestKafka kafka = TestKafka.shared();
        KafkaConnection connection = kafka.connection(kafka.freshPrefix());
        String topic = new Topics(connection.topicPrefix()).events();
        try (Admin admin = Admin.create(connection.clientConfig("test"))) {
            KafkaTopics.ensure(admin, topic, 1, Map.of("message.timestamp.type", "CreateTime"));
        }

        // when
        try (KafkaEventPublisher publisher =
                KafkaEventPublisher.start(DEFAULTS, connection, topic)) {

            // then
            await().atMost(PATIENCE)
                    .until(() -> publisher.health().detail().contains("message.timestamp.type"));
            assertThat(publisher.isReachable()).isFalse();
        }
    }

    /// Publishes events of many users, a hundred at once.
    ///
    /// @return how many; all of them durable
    private static int load(KafkaEventPublisher publisher, BooleanSupplier enough) {
        int published = 0;
        while (!enough.getAsBoolean()) {
            List<Event> events = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                events.add(Events.event().user("user-" + published++).build());
            }
            BitSet all = new BitSet();
            all.set(0, events.size());
            assertThat(publisher.publish(events).block(PATIENCE)).isEqualTo(all);
        }
        return published;
    }

    private static List<Long> ends(Admin admin, String topic, int partitions)
            throws ExecutionException, InterruptedException {
        Map<TopicPartition, OffsetSpec> latest = new HashMap<>();
        for (int i = 0; i < partitions; i++) {
            latest.put(new TopicPartition(topic, i), OffsetSpec.latest());
        }
        return admin.listOffsets(latest).all().get().values().stream()
                .map(ListOffsetsResultInfo::offset)
                .toList();
    }

    private static Producer<byte[], byte[]> patientProducer(KafkaConnection kafka) {
        Map<String, Object> settings = ProducerSettings.of(DEFAULTS, kafka);
        settings.put("max.block.ms", PATIENCE.toMillis());
        return new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
    }
}
