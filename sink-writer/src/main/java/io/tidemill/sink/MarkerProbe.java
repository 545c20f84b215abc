package io.tidemill.sink;

import io.tidemill.runtime.KafkaConnection;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/// Tells whether pieces of logs hold no record that a reader of committed ones would get: only
/// markers of transactions, and what was undone. Opens a consumer each time, in no group.
final class MarkerProbe {

    private static final Duration LIMIT = Duration.ofSeconds(2);
    private static final Duration POLL = Duration.ofMillis(200);

    private final Map<String, Object> config;

    MarkerProbe(KafkaConnection kafka) {
        config = new HashMap<>(kafka.clientConfig("tidemill-sink-probe"));
        config.put("key.deserializer", ByteArrayDeserializer.class);
        config.put("value.deserializer", ByteArrayDeserializer.class);
        config.put("isolation.level", "read_committed");
        config.put("enable.auto.commit", "false");
        config.put("auto.offset.reset", "none");
        config.put("allow.auto.create.topics", "false");
        config.put("max.poll.records", "1");
        config.put("max.partition.fetch.bytes", "65536");
    }

    /// The ends that can be reached without meeting a record. What isn't told in a short while
    /// counts as not reached. Looks on a thread of its own, which nobody interrupts.
    ///
    /// @param from where to look from
    /// @param ends where to look to
    CompletableFuture<Map<TopicPartition, Long>> passed(
            Map<TopicPartition, Long> from, Map<TopicPartition, Long> ends) {
        return CompletableFuture.supplyAsync(
                () -> look(from, ends), Thread.ofVirtual().name("tidemill-sink-probe")::start);
    }

    private Map<TopicPartition, Long> look(
            Map<TopicPartition, Long> from, Map<TopicPartition, Long> ends) {
        Map<TopicPartition, Long> passed = new HashMap<>();
        try (Consumer<byte[], byte[]> consumer = new KafkaConsumer<>(config)) {
            Map<TopicPartition, Long> open = new HashMap<>(ends);
            open.keySet().retainAll(from.keySet());
            long deadline = System.nanoTime() + LIMIT.toNanos();
            consumer.assign(open.keySet());
            from.forEach((partition, offset) -> {
                if (open.containsKey(partition)) {
                    consumer.seek(partition, offset);
                }
            });
            while (!open.isEmpty() && System.nanoTime() - deadline < 0) {
                ConsumerRecords<byte[], byte[]> met = consumer.poll(POLL);
                open.keySet().removeAll(met.partitions());
                Map.copyOf(open)
                        .forEach((partition, end) -> {
                            if (consumer.position(partition) >= end) {
                                passed.put(partition, end);
                                open.remove(partition);
                            }
                        });
                // Those that are settled are not read on.
                consumer.pause(
                        consumer.assignment().stream().filter(p -> !open.containsKey(p)).toList());
            }
        } catch (OffsetOutOfRangeException e) {
            return passed;
        }
        return passed;
    }
}
