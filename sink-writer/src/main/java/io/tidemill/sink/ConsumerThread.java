package io.tidemill.sink;

import io.tidemill.runtime.Backoff;
import io.tidemill.runtime.Health;
import io.tidemill.runtime.KafkaConnection;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The thread that owns the consumer. After an error that nobody foresaw it starts over with a new
/// consumer, at the positions in Postgres.
final class ConsumerThread implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(ConsumerThread.class);
    private static final Duration WRITES_LIMIT = Duration.ofSeconds(10);
    private static final Duration LEAVE_LIMIT = Duration.ofSeconds(5);
    private static final int SILENCE_TO_TELL_SECONDS = 15;
    private static final long LONG_LIFE_NANOS = Duration.ofMinutes(1).toNanos();

    private final Map<String, Object> config;
    private final Function<Consumer<byte[], byte[]>, RecordBatches> opener;
    private final Backoff backoff;
    private final SinkMetrics metrics;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread thread =
            Thread.ofPlatform().daemon().name("tidemill-sink").unstarted(this::run);
    // Null between two consumers.
    private volatile @Nullable RecordBatches batches;
    // Null between two consumers.
    private volatile @Nullable Metric lastHeartbeat;
    private volatile Health trouble = Health.starting("opening the consumer");
    private volatile boolean draining;

    ConsumerThread(
            KafkaConnection kafka,
            String group,
            Function<Consumer<byte[], byte[]>, RecordBatches> opener,
            Backoff backoff,
            SinkMetrics metrics) {
        this.config = config(kafka, group);
        this.opener = opener;
        this.backoff = backoff;
        this.metrics = metrics;
    }

    void start() {
        thread.start();
    }

    Health health() {
        RecordBatches current = batches;
        if (draining) {
            return Health.draining();
        }
        double silence = silenceSeconds();
        if (silence > SILENCE_TO_TELL_SECONDS) {
            return Health.down("no contact with Kafka for " + (long) silence + " s");
        }
        return current == null ? trouble : current.health();
    }

    void drain() {
        draining = true;
        RecordBatches current = batches;
        if (current != null) {
            current.drain();
        }
    }

    /// Ends reading, waits for writes at hand, leaves the group.
    @Override
    public void close() {
        drain();
        closed.countDown();
        RecordBatches current = batches;
        if (current != null) {
            current.close();
        }
        try {
            thread.join(WRITES_LIMIT.plus(LEAVE_LIMIT).plusSeconds(1));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private double silenceSeconds() {
        Metric heartbeat = lastHeartbeat;
        return heartbeat != null && heartbeat.metricValue() instanceof Double seconds ? seconds : 0;
    }

    private void run() {
        int failures = 0;
        while (!isClosed()) {
            long opened = System.nanoTime();
            try {
                consume();
            } catch (RuntimeException | LinkageError | StackOverflowError e) {
                failures = System.nanoTime() - opened > LONG_LIFE_NANOS ? 1 : failures + 1;
                log.error("consumer failed and is opened anew failures={}", failures, e);
                metrics.reopened();
                trouble = Health.down("the consumer failed: " + e.getMessage());
                pause(backoff.delay(failures, ThreadLocalRandom.current()));
            }
        }
    }

    private void consume() {
        Consumer<byte[], byte[]> consumer = new KafkaConsumer<>(config);
        try {
            RecordBatches current = opener.apply(consumer);
            batches = current;
            lastHeartbeat = lastHeartbeat(consumer);
            if (!isClosed()) {
                current.consume();
            }
            current.awaitWrites(WRITES_LIMIT);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            batches = null;
            lastHeartbeat = null;
            consumer.close(CloseOptions.timeout(LEAVE_LIMIT));
        }
    }

    private static @Nullable Metric lastHeartbeat(Consumer<byte[], byte[]> consumer) {
        return consumer.metrics().values().stream()
                .filter(m -> m.metricName().name().equals("last-heartbeat-seconds-ago"))
                .findFirst()
                .orElse(null);
    }

    private boolean isClosed() {
        return closed.getCount() == 0;
    }

    private void pause(Duration duration) {
        try {
            if (closed.await(duration.toMillis(), TimeUnit.MILLISECONDS)) {
                log.debug("closed while waiting");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static Map<String, Object> config(KafkaConnection kafka, String group) {
        Map<String, Object> config = new HashMap<>(kafka.clientConfig("tidemill-sink"));
        config.put("group.id", group);
        config.put("key.deserializer", ByteArrayDeserializer.class);
        config.put("value.deserializer", ByteArrayDeserializer.class);
        config.put("isolation.level", "read_committed");
        config.put("enable.auto.commit", "false");
        config.put("auto.offset.reset", "none");
        config.put("allow.auto.create.topics", "false");
        config.put("partition.assignment.strategy", CooperativeStickyAssignor.class.getName());
        config.put("session.timeout.ms", "10000");
        config.put("heartbeat.interval.ms", "3000");
        config.put("max.poll.interval.ms", "60000");
        config.put("max.poll.records", "5000");
        config.put("fetch.max.bytes", "16777216");
        config.put("fetch.max.wait.ms", "250");
        // How soon partitions that were added are read.
        config.put("metadata.max.age.ms", "10000");
        return config;
    }
}
