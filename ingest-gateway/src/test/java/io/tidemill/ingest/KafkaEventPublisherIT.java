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
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
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
            List<ConsumerRecord<byte[], byte[]>> records = records(kafka.connection(prefix), topic);
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

    private static List<ConsumerRecord<byte[], byte[]>> records(
            KafkaConnection kafka, String topic) {
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
                        return records.size() >= 2;
                    });
            return records;
        }
    }
}
