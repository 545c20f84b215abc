package io.tidemill.rollup;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.contract.DirtyHour;
import io.tidemill.contract.DirtyHourCodec;
import io.tidemill.contract.Event;
import io.tidemill.contract.EventCodec;
import io.tidemill.contract.HourlyRollup;
import io.tidemill.contract.RollupCodec;
import io.tidemill.contract.RollupKey;
import io.tidemill.contract.Topics;
import io.tidemill.contract.sketch.HourlySketches;
import io.tidemill.runtime.KafkaConnection;
import io.tidemill.testkit.GroupBy;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.awaitility.Awaitility;

/// Both ends of the topology on a real broker: sends events, reads rollups, and checks that no
/// revision ever goes back.
final class RollupTopics implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final Topics topics;
    private final KafkaProducer<byte[], byte[]> producer;
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Map<RollupKey, HourlyRollup> newest = new HashMap<>();
    private final Map<RollupKey, String> sketches = new HashMap<>();
    private final Set<DirtyHour> announced = new HashSet<>();
    private int recordsRead;

    RollupTopics(KafkaConnection kafka) {
        topics = new Topics(kafka.topicPrefix());
        Map<String, Object> sending = kafka.clientConfig("test-producer");
        sending.put("acks", "all");
        // One at a time: of two requests that meet a partition in the making, the second may get
        // in first, and then the first never does.
        sending.put("max.in.flight.requests.per.connection", 1);
        producer =
                new KafkaProducer<>(sending, new ByteArraySerializer(), new ByteArraySerializer());
        Map<String, Object> reading = kafka.clientConfig("test-consumer");
        reading.put("isolation.level", "read_committed");
        consumer =
                new KafkaConsumer<>(
                        reading, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        List<TopicPartition> partitions =
                Stream.of(topics.hourlyRollups(), topics.dirtyHours())
                        .flatMap(topic -> consumer.partitionsFor(topic).stream())
                        .map(partition ->
                                new TopicPartition(partition.topic(), partition.partition()))
                        .toList();
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
    }

    /// Sends each event to any of the partitions: a duplicate seldom goes where the first one went.
    void send(Collection<Event> events, int partitions, Random random) {
        List<Future<RecordMetadata>> sent =
                events.stream().map(event -> send(event, random.nextInt(partitions))).toList();
        producer.flush();
        assertThat(sent).allMatch(future -> future.state() == Future.State.SUCCESS);
    }

    private Future<RecordMetadata> send(Event event, int partition) {
        return producer.send(
                new ProducerRecord<>(
                        topics.events(),
                        partition,
                        event.routingKey().bytes(),
                        EventCodec.encode(event)));
    }

    void awaitGroupByOf(Collection<Event> events) {
        Map<RollupKey, HourlyRollup> expected = GroupBy.of(events);
        Awaitility.await()
                .atMost(PATIENCE)
                .untilAsserted(() -> assertThat(read()).isEqualTo(expected));
        assertThat(sketches).isEqualTo(GroupBy.sketchBytes(events));
    }

    /// Waits until the event's hour, and no other, is announced as late.
    void awaitAnnounced(Event event) {
        DirtyHour hour = new DirtyHour(event.projectId(), event.hourMillis(), DirtyHour.LATE);
        Awaitility.await()
                .atMost(PATIENCE)
                .untilAsserted(() -> {
                    read();
                    assertThat(announced).containsExactly(hour);
                });
    }

    /// How many rollups were emitted so far.
    int recordsRead() {
        read();
        return recordsRead;
    }

    private Map<RollupKey, HourlyRollup> read() {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
            if (record.topic().equals(topics.dirtyHours())) {
                announced.add(DirtyHourCodec.decode(record.key(), record.value()));
                continue;
            }
            RollupKey key = RollupCodec.decodeKey(record.key());
            if (key.part().equals(RollupKey.SKETCHES)) {
                sketches.put(key, GroupBy.bytesOf(HourlySketches.of(key, record.value())));
                continue;
            }
            HourlyRollup rollup = RollupCodec.decode(key, record.value());
            HourlyRollup before = newest.put(rollup.key(), rollup);
            recordsRead++;
            if (before != null && before.revision() >= rollup.revision()) {
                throw new IllegalStateException("revision went back: " + before + " " + rollup);
            }
        }
        Map<RollupKey, HourlyRollup> rollups = new HashMap<>(newest);
        rollups.replaceAll((key, rollup) -> GroupBy.withoutRevision(rollup));
        return rollups;
    }

    @Override
    public void close() {
        producer.close();
        consumer.close();
    }
}
