package io.tidemill.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tidemill.contract.Event;
import io.tidemill.contract.EventCodec;
import io.tidemill.contract.Topics;
import io.tidemill.runtime.Env;
import io.tidemill.runtime.Health;
import io.tidemill.runtime.KafkaConnection;
import io.tidemill.testkit.Events;
import io.tidemill.testkit.TestKafka;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.Cluster;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.ClusterAuthorizationException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

class KafkaEventPublisherIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final IngestConfig DEFAULTS = IngestConfig.from(new Env(Map.of()));

    @Test
    void eventsAreWrittenUnderTheirRoutingKeys() {
        // given
        TestKafka kafka = TestKafka.shared();
        String prefix = kafka.freshPrefix();
        kafka.createTopics(prefix, 1, 1);
        String topic = new Topics(prefix).events();
        List<Event> events =
                List.of(
                        Events.event().user("ann").build(),
                        Events.event().session("s").properties("{\"n\":1.0}").build());

        try (KafkaEventPublisher publisher =
                KafkaEventPublisher.start(DEFAULTS, kafka.connection(prefix), topic)) {
            await().atMost(PATIENCE).until(publisher::isReachable);

            // when
            BitSet durable = publisher.publish(events).block(PATIENCE);

            // then
            assertThat(durable).isEqualTo(BitSet.valueOf(new long[] {0b11}));
            List<ConsumerRecord<byte[], byte[]>> records =
                    records(kafka.connection(prefix), topic, 2);
            assertThat(records)
                    .extracting(record -> EventCodec.decode(record.value()))
                    .isEqualTo(events);
            assertThat(records)
                    .allSatisfy(record ->
                            assertThat(record.key())
                                    .isEqualTo(
                                            EventCodec.decode(record.value())
                                                    .routingKey()
                                                    .bytes()));
        }
    }

    @Test
    void withoutKafkaNothingIsDurableAndNobodyWaits() {
        // given
        KafkaConnection nowhere = new KafkaConnection("127.0.0.1:1", "nowhere.", Map.of());

        try (KafkaEventPublisher publisher =
                KafkaEventPublisher.start(DEFAULTS, nowhere, "nowhere.events")) {
            // when
            BitSet durable =
                    publisher.publish(List.of(Events.event().user("ann").build())).block(PATIENCE);

            // then
            assertThat(durable).isEqualTo(new BitSet());
            assertThat(publisher.isReachable()).isFalse();
            assertThat(publisher.health().status()).isEqualTo(Health.Status.STARTING);
        }
    }

    @Test
    void aProducerPastSavingIsReplacedAndItsAcknowledgementsStillCount() {
        // given
        TestKafka kafka = TestKafka.shared();
        String prefix = kafka.freshPrefix();
        kafka.createTopics(prefix, 1, 1);
        String topic = new Topics(prefix).events();
        MockProducer<byte[], byte[]> doomed = doomedProducer(topic);
        Deque<Producer<byte[], byte[]>> producers =
                new ArrayDeque<>(List.of(doomed, realProducer(kafka.connection(prefix))));
        try (KafkaEventPublisher publisher =
                KafkaEventPublisher.start(
                        DEFAULTS, kafka.connection(prefix), topic, producers::remove)) {
            await().atMost(PATIENCE).until(publisher::isReachable);
            CompletableFuture<BitSet> lost = publish(publisher, "lost");
            CompletableFuture<BitSet> late = publish(publisher, "late");

            // when
            doomed.errorNext(new ClusterAuthorizationException("test"));
            await().atMost(PATIENCE).until(producers::isEmpty);
            await().atMost(PATIENCE)
                    .until(() -> publish(publisher, "after").get().cardinality() == 1);
            doomed.completeNext();

            // then
            assertThat(lost.join().cardinality()).isZero();
            assertThat(late.join().cardinality()).isEqualTo(1);
            assertThat(records(kafka.connection(prefix), topic, 1))
                    .allSatisfy(record ->
                            assertThat(EventCodec.decode(record.value()).userId())
                                    .isEqualTo("after"));
        }
    }

    private static CompletableFuture<BitSet> publish(KafkaEventPublisher publisher, String user) {
        return publisher.publish(List.of(Events.event().user(user).build())).toFuture();
    }

    /// Answers only when it is told to.
    private static MockProducer<byte[], byte[]> doomedProducer(String topic) {
        Cluster cluster =
                new Cluster(
                        "test",
                        List.of(),
                        List.of(new PartitionInfo(topic, 0, null, new Node[0], new Node[0])),
                        Set.of(),
                        Set.of());
        return new MockProducer<>(
                cluster, false, null, new ByteArraySerializer(), new ByteArraySerializer());
    }

    private static Producer<byte[], byte[]> realProducer(KafkaConnection kafka) {
        return new KafkaProducer<>(
                ProducerSettings.of(DEFAULTS, kafka),
                new ByteArraySerializer(),
                new ByteArraySerializer());
    }

    /// The records of the first partition, as soon as there are so many.
    static List<ConsumerRecord<byte[], byte[]>> records(
            KafkaConnection kafka, String topic, int atLeast) {
        ByteArrayDeserializer bytes = new ByteArrayDeserializer();
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(kafka.clientConfig("test"), bytes, bytes)) {
            List<TopicPartition> partition = List.of(new TopicPartition(topic, 0));
            consumer.assign(partition);
            consumer.seekToBeginning(partition);
            List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
            await().atMost(PATIENCE)
                    .until(() -> {
                        consumer.poll(Duration.ofSeconds(1)).forEach(records::add);
                        return records.size() >= atLeast;
                    });
            return records;
        }
    }
}
