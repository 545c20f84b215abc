package io.tidemill.ingest;

import static java.util.Objects.requireNonNullElse;

import io.tidemill.runtime.Health;
import io.tidemill.runtime.KafkaConnection;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Knows whether Kafka takes events, from the acknowledgements while there are some, else by asking
/// the brokers; and which partitions do. Thread-safe.
final class KafkaWatch implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(KafkaWatch.class);
    private static final Duration INTERVAL = Duration.ofSeconds(1);
    private static final Duration QUESTION_TIMEOUT = Duration.ofSeconds(3);

    /// How often added partitions are looked for while all goes well.
    private static final long GROWTH_NANOS = Duration.ofSeconds(5).toNanos();

    /// How long an acknowledgement, or a failure, speaks for the state of Kafka.
    private static final long RECENT_NANOS = Duration.ofSeconds(2).toNanos();

    private final Admin admin;
    private final String topic;
    private final EventPartitions partitions;
    private final ScheduledExecutorService thread =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("ingest-kafka-watch").factory());

    /// Of the watch's thread alone.
    private long lastQuestion = System.nanoTime() - GROWTH_NANOS;

    private volatile Health reach = Health.starting("waiting for Kafka");
    private volatile long lastAcknowledged = System.nanoTime() - RECENT_NANOS;
    private volatile @Nullable Failure lastFailure;

    private record Failure(long nanos, String reason) {}

    /// @param partitions told which partitions take events
    KafkaWatch(KafkaConnection kafka, String topic, EventPartitions partitions) {
        this.topic = topic;
        this.partitions = partitions;
        Map<String, Object> config = kafka.clientConfig("tidemill-ingest-watch");
        int timeout = Math.toIntExact(QUESTION_TIMEOUT.toMillis());
        config.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, timeout);
        config.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, timeout);
        config.put(AdminClientConfig.METRIC_REPORTER_CLASSES_CONFIG, "");
        this.admin = Admin.create(config);
    }

    /// @param producer the one in use; asked for about once a second, by the watch's thread
    void start(Supplier<EventProducer> producer) {
        var _ =
                thread.scheduleWithFixedDelay(
                        () -> look(producer), 0, INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
    }

    /// Notes how sending an event ended.
    ///
    /// @param failure null when it was acknowledged
    void sent(@Nullable Exception failure) {
        if (failure == null) {
            lastAcknowledged = System.nanoTime();
        } else {
            lastFailure = new Failure(System.nanoTime(), failure.getClass().getSimpleName());
        }
    }

    /// Whether sending is worth a try.
    boolean isReachable() {
        return reach.isUp();
    }

    /// Also not up while events fail that Kafka could be reached for.
    Health health() {
        Failure failure = lastFailure;
        return failure != null && reach.isUp() && isLast(failure)
                ? Health.down("events are not acknowledged: " + failure.reason())
                : reach;
    }

    @Override
    public void close() {
        thread.shutdownNow();
        admin.close(Duration.ZERO);
    }

    private boolean isLast(Failure failure) {
        return System.nanoTime() - failure.nanos() < RECENT_NANOS
                && lastAcknowledged - failure.nanos() < 0;
    }

    private void look(Supplier<EventProducer> producers) {
        try {
            look(producers.get());
        } catch (RuntimeException e) {
            log.error("look at kafka failed", e);
            become(Health.down("can't look at Kafka: " + e.getClass().getSimpleName()));
        }
    }

    private void look(EventProducer producer) {
        long began = System.nanoTime();
        boolean known = reach.isUp() && began - lastAcknowledged < RECENT_NANOS;
        if (known && began - lastQuestion < GROWTH_NANOS) {
            return;
        }
        lastQuestion = began;
        String trouble = trouble(producer);
        if (trouble == null) {
            become(Health.UP);
        } else if (lastAcknowledged - began < 0 && reach.status() != Health.Status.STARTING) {
            become(Health.down(trouble));
        }
    }

    /// What keeps events from being taken; null when nothing does.
    private @Nullable String trouble(EventProducer producer) {
        try {
            List<TopicPartitionInfo> all = describe();
            // Fewer than before when somebody made the topic anew.
            int used = Math.min(partitions.count(), all.size());
            int led = led(all);
            if (led == 0 || led < used) {
                return "a partition of " + topic + " has no leader";
            }
            if (!reach.isUp()) {
                requireServed(0, led);
            } else if (led > used && !isServed(used, led)) {
                led = used;
            }
            int known = Math.min(led, producer.partitions(topic));
            if (known == 0) {
                return "waiting for metadata of " + topic;
            }
            if (known != partitions.count()) {
                log.info("partitions in use topic={} count={}", topic, known);
                partitions.use(known);
            }
            return null;
        } catch (ExecutionException e) {
            Throwable cause = requireNonNullElse(e.getCause(), e);
            return cause instanceof TimeoutException
                    ? "Kafka can't be reached"
                    : "Kafka answers with " + cause.getClass().getSimpleName();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "stopping";
        }
    }

    private List<TopicPartitionInfo> describe() throws ExecutionException, InterruptedException {
        TopicDescription description =
                admin.describeTopics(List.of(topic)).allTopicNames().get().get(topic);
        return description == null ? List.of() : description.partitions();
    }

    /// How many partitions, counted from the first one, have a leader.
    private static int led(List<TopicPartitionInfo> all) {
        int led = 0;
        while (led < all.size() && hasLeader(all.get(led))) {
            led++;
        }
        return led;
    }

    private static boolean hasLeader(TopicPartitionInfo partition) {
        return partition.leader() != null && !partition.leader().isEmpty();
    }

    /// A leader that is named may not know it yet; one that tells its end does.
    private void requireServed(int from, int to) throws ExecutionException, InterruptedException {
        Map<TopicPartition, OffsetSpec> ends = new HashMap<>();
        for (int partition = from; partition < to; partition++) {
            ends.put(new TopicPartition(topic, partition), OffsetSpec.latest());
        }
        admin.listOffsets(ends).all().get();
    }

    private boolean isServed(int from, int to) throws InterruptedException {
        try {
            requireServed(from, to);
            return true;
        } catch (ExecutionException e) {
            log.info("added partitions not served yet topic={} reason={}", topic, e.getCause());
            return false;
        }
    }

    private void become(Health next) {
        if (!next.equals(reach)) {
            log.info("kafka status={} detail={}", next.status(), next.detail());
            reach = next;
        }
    }
}
