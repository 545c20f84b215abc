package io.tidemill.guarantees.faults;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.tidemill.contract.DirtyHour;
import io.tidemill.contract.DirtyHourCodec;
import io.tidemill.contract.Event;
import io.tidemill.contract.EventCodec;
import io.tidemill.contract.Hours;
import io.tidemill.contract.MalformedRecordException;
import io.tidemill.contract.RollupCodec;
import io.tidemill.contract.Topics;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/// Records that no part of Tidemill wrote, straight into its topics: broken ones, events that
/// Postgres can't hold, and rollups of long ago. Not one of them may become a row.
final class Poison {

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final int STALE = 40;

    private final String bootstrap;
    private final Topics topics;

    Poison(String bootstrap, Topics topics) {
        this.bootstrap = bootstrap;
        this.topics = topics;
    }

    /// @param nowMillis the time of day
    void pour(RandomGenerator random, long nowMillis) {
        byte[] noise = new byte[1 + random.nextInt(300)];
        random.nextBytes(noise);
        byte[] key = ("poison" + random.nextInt(100)).getBytes(UTF_8);
        byte[] event = EventCodec.encode(event("poison", "event", nowMillis));
        try (KafkaProducer<byte[], byte[]> producer = producer()) {
            send(producer, topics.events(), key, noise);
            send(producer, topics.events(), key, null);
            send(producer, topics.events(), null, Arrays.copyOf(event, event.length / 2));
            // The first two can't be stored for their time, the third for its text.
            send(producer, topics.events(), key, encoded("in 9999", 253_402_300_799_999L));
            send(producer, topics.events(), key, encoded("in 1970", 0));
            send(producer, topics.events(), key, encoded("with \u0000", nowMillis));
            send(producer, topics.hourlyRollups(), noise, noise);
            send(producer, topics.hourlyRollups(), key, null);
            send(producer, topics.dirtyHours(), noise, noise);
            // Not poison, and nothing that the topology can't stand: an hour changes hands.
            DirtyHour dirty =
                    new DirtyHour(
                            "alpha",
                            Hours.startOf(
                                    nowMillis - Duration.ofHours(random.nextInt(30)).toMillis()),
                            "torture");
            send(
                    producer,
                    topics.dirtyHours(),
                    DirtyHourCodec.encodeKey(dirty.projectId(), dirty.hourMillis()),
                    DirtyHourCodec.encodeValue(dirty.reason()));
        }
    }

    /// Writes old revisions of rollups once more, as a zombie would.
    void repeatOldRollups() {
        Set<String> keys = new HashSet<>();
        try (KafkaConsumer<byte[], byte[]> consumer = consumer();
                KafkaProducer<byte[], byte[]> producer = producer()) {
            List<TopicPartition> partitions =
                    consumer.partitionsFor(topics.hourlyRollups()).stream()
                            .map(p -> new TopicPartition(p.topic(), p.partition()))
                            .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            long deadline = System.nanoTime() + PATIENCE.toNanos();
            while (keys.size() < STALE && System.nanoTime() < deadline) {
                var records = consumer.poll(Duration.ofMillis(500));
                if (records.isEmpty()) {
                    return;
                }
                for (ConsumerRecord<byte[], byte[]> record : records) {
                    if (isRollup(record) && keys.add(Arrays.toString(record.key()))) {
                        send(producer, record.topic(), record.key(), record.value());
                    }
                }
            }
        }
    }

    private static boolean isRollup(ConsumerRecord<byte[], byte[]> record) {
        try {
            return record.value() != null
                    && record.key() != null
                    && RollupCodec.decodeKey(record.key()).hourMillis() > 0;
        } catch (MalformedRecordException _) {
            return false;
        }
    }

    private static byte[] encoded(String text, long timestampMillis) {
        return EventCodec.encode(event(text, "poison", timestampMillis));
    }

    private static Event event(String type, String id, long timestampMillis) {
        return new Event(
                "poison",
                id,
                type,
                "user",
                "session",
                null,
                null,
                false,
                null,
                null,
                null,
                null,
                timestampMillis,
                timestampMillis,
                null);
    }

    private static void send(
            KafkaProducer<byte[], byte[]> producer,
            String topic,
            byte @Nullable [] key,
            byte @Nullable [] value) {
        var _ = producer.send(new ProducerRecord<>(topic, key, value));
    }

    private KafkaProducer<byte[], byte[]> producer() {
        Map<String, Object> settings = new HashMap<>();
        settings.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap);
        settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, (int) PATIENCE.toMillis());
        settings.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, (int) PATIENCE.toMillis());
        settings.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 5_000);
        return new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
    }

    private KafkaConsumer<byte[], byte[]> consumer() {
        Map<String, Object> settings = new HashMap<>();
        settings.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap);
        settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        settings.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, (int) PATIENCE.toMillis());
        return new KafkaConsumer<>(
                settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }
}
