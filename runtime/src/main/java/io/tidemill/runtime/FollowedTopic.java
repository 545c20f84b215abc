package io.tidemill.runtime;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reads a small topic of one partition from its beginning, and follows it, on a thread of its own,
/// until closed. After a failure it begins anew.
public final class FollowedTopic implements AutoCloseable {

    /// Told each record, in order, by the one thread that reads; some of them again after a
    /// failure.
    public interface Reader {
        void read(ConsumerRecord<byte[], byte[]> record);
    }

    private static final Logger log = LoggerFactory.getLogger(FollowedTopic.class);
    private static final Duration POLL = Duration.ofSeconds(1);
    private static final Backoff BACKOFF =
            new Backoff(Duration.ofMillis(100), Duration.ofSeconds(10));

    private final KafkaConnection kafka;
    private final TopicPartition partition;
    private final Reader reader;
    private final CountDownLatch caughtUp = new CountDownLatch(1);
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread thread;
    private volatile @Nullable KafkaConsumer<byte[], byte[]> consumer;

    private FollowedTopic(KafkaConnection kafka, String topic, Reader reader) {
        this.kafka = kafka;
        this.partition = new TopicPartition(topic, 0);
        this.reader = reader;
        this.thread = Thread.ofPlatform().name("follow-" + topic).daemon().unstarted(this::run);
    }

    /// Starts at once, whether Kafka can be reached or not.
    public static FollowedTopic start(KafkaConnection kafka, String topic, Reader reader) {
        FollowedTopic followed = new FollowedTopic(kafka, topic, reader);
        followed.thread.start();
        return followed;
    }

    /// Whether everything was read that was there at some moment since the start.
    public boolean isCaughtUp() {
        return caughtUp.getCount() == 0;
    }

    /// Waits for {@link #isCaughtUp}.
    ///
    /// @return whether it came to that
    public boolean awaitCaughtUp(Duration limit) throws InterruptedException {
        return caughtUp.await(limit.toNanos(), TimeUnit.NANOSECONDS);
    }

    @Override
    public void close() {
        closing.countDown();
        KafkaConsumer<byte[], byte[]> reading = consumer;
        if (reading != null) {
            reading.wakeup();
        }
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        for (int failures = 1; closing.getCount() > 0; failures++) {
            try (KafkaConsumer<byte[], byte[]> reading = open()) {
                consumer = reading;
                follow(reading);
            } catch (WakeupException e) {
                log.trace("woken", e);
            } catch (KafkaException e) {
                log.warn("topic not followed topic={} reason={}", partition.topic(), e.toString());
            } finally {
                consumer = null;
            }
            pause(BACKOFF.delay(failures, ThreadLocalRandom.current()));
        }
    }

    private KafkaConsumer<byte[], byte[]> open() {
        var config = kafka.clientConfig("follow-" + partition.topic());
        config.put("isolation.level", "read_committed");
        config.put("enable.auto.commit", "false");
        config.put("allow.auto.create.topics", "false");
        return new KafkaConsumer<>(
                config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    private void follow(KafkaConsumer<byte[], byte[]> reading) {
        reading.assign(List.of(partition));
        reading.seekToBeginning(List.of(partition));
        long end = reading.endOffsets(List.of(partition)).getOrDefault(partition, 0L);
        while (closing.getCount() > 0) {
            if (!isCaughtUp() && reading.position(partition) >= end) {
                caughtUp.countDown();
            }
            reading.poll(POLL).forEach(reader::read);
        }
    }

    private void pause(Duration delay) {
        try {
            if (closing.await(delay.toNanos(), TimeUnit.NANOSECONDS)) {
                log.debug("topic followed no more topic={}", partition.topic());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            closing.countDown();
        }
    }
}
