package io.tidemill.rollup;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.contract.CohortCell;
import io.tidemill.contract.CohortCodec;
import io.tidemill.contract.CohortCount;
import io.tidemill.contract.Erasure;
import io.tidemill.contract.ErasureCodec;
import io.tidemill.contract.Event;
import io.tidemill.contract.EventCodec;
import io.tidemill.contract.Topics;
import io.tidemill.runtime.KafkaConnection;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.awaitility.Awaitility;

/// Both ends of the cohorts on a real broker: sends events and erasures, reads cells, and checks
/// that no revision ever goes back.
final class CohortTopics implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final Topics topics;
    private final KafkaProducer<byte[], byte[]> producer;
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Map<CohortCell, CohortCount> newest = new HashMap<>();
    private int recordsRead;

    CohortTopics(KafkaConnection kafka) {
        topics = new Topics(kafka.topicPrefix());
        Map<String, Object> sending = kafka.clientConfig("test-producer");
        sending.put("acks", "all");
        producer =
                new KafkaProducer<>(sending, new ByteArraySerializer(), new ByteArraySerializer());
        Map<String, Object> reading = kafka.clientConfig("test-consumer");
        reading.put("isolation.level", "read_committed");
        consumer =
                new KafkaConsumer<>(
                        reading, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        List<TopicPartition> partitions =
                consumer.partitionsFor(topics.retentionCohorts()).stream()
                        .map(partition ->
                                new TopicPartition(partition.topic(), partition.partition()))
                        .toList();
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
    }

    /// Sends each event to any of the partitions.
    void send(Collection<Event> events, int partitions, Random random) {
        sendAll(
                events.stream()
                        .map(event ->
                                new ProducerRecord<>(
                                        topics.events(),
                                        random.nextInt(partitions),
                                        event.routingKey().bytes(),
                                        EventCodec.encode(event)))
                        .toList());
    }

    void erase(Collection<Erasure> erasures) {
        sendAll(
                erasures.stream()
                        .map(erasure ->
                                new ProducerRecord<>(
                                        topics.erasures(),
                                        ErasureCodec.encodeKey(erasure),
                                        ErasureCodec.encodeValue(erasure)))
                        .toList());
    }

    private void sendAll(List<ProducerRecord<byte[], byte[]>> records) {
        List<Future<RecordMetadata>> sent = records.stream().map(producer::send).toList();
        producer.flush();
        assertThat(sent).allMatch(future -> future.state() == Future.State.SUCCESS);
    }

    void await(Map<CohortCell, Long> expected) {
        Awaitility.await()
                .atMost(PATIENCE)
                .untilAsserted(() -> {
                    read();
                    assertThat(table()).isEqualTo(expected);
                });
    }

    /// How many cells were emitted so far.
    int recordsRead() {
        read();
        return recordsRead;
    }

    /// The cells that have users.
    private Map<CohortCell, Long> table() {
        return newest.values().stream()
                .filter(count -> count.users() != 0)
                .collect(Collectors.toMap(CohortCount::cell, CohortCount::users));
    }

    private void read() {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
            CohortCount count = CohortCodec.decode(record.key(), record.value());
            CohortCount before = newest.put(count.cell(), count);
            recordsRead++;
            if (before != null && before.revision() >= count.revision()) {
                throw new IllegalStateException("revision went back: " + before + " " + count);
            }
        }
    }

    @Override
    public void close() {
        producer.close();
        consumer.close();
    }
}
