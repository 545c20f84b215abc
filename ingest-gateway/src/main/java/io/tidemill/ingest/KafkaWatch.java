package io.tidemill.ingest;

import static java.util.Objects.requireNonNullElse;

import io.tidemill.runtime.Health;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Knows whether Kafka takes events, from the acknowledgements while there are some, else by asking
/// the brokers; and which partitions do. Thread-safe.
final class KafkaWatch implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(KafkaWatch.class);
    private static final Duration INTERVAL = Duration.ofSeconds(1);

    /// How often added partitions are looked for while all goes well.
    private static final long GROWTH_NANOS = Duration.ofSeconds(5).toNanos();

    /// How long an acknowledgement, or a failure, speaks for the state of Kafka.
    private static final long RECENT_NANOS = Duration.ofSeconds(2).toNanos();

    private final EventTopic topic;
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
    KafkaWatch(EventTopic topic, EventPartitions partitions) {
        this.topic = topic;
        this.partitions = partitions;
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
        topic.close();
    }

    private boolean isLast(Failure failure) {
        return System.nanoTime() - failure.nanos() < RECENT_NANOS
                && lastAcknowledged - failure.nanos() < 0;
    }

    private void look(Supplier<EventProducer> producers) {
        try {
            look(producers.get());
        } catch (RuntimeException e) {
            if (thread.isShutdown()) {
                return;
            }
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
        } else if (reach.status() == Health.Status.STARTING) {
            become(Health.starting(trouble));
        } else if (lastAcknowledged - began < 0) {
            become(Health.down(trouble));
        }
    }

    /// What keeps events from being taken; null when nothing does.
    private @Nullable String trouble(EventProducer producer) {
        try {
            List<Boolean> leaders = topic.leaders();
            // Fewer than before when somebody made the topic anew.
            int used = Math.min(partitions.count(), leaders.size());
            int led = leaders.contains(false) ? leaders.indexOf(false) : leaders.size();
            if (led == 0 || led < used) {
                return "a partition of " + topic.name() + " has no leader";
            }
            if (!reach.isUp()) {
                topic.requireServed(0, led);
                if (!topic.isStampedByTheBroker()) {
                    return topic.name() + " needs message.timestamp.type=LogAppendTime";
                }
            } else if (led > used && !isServed(used, led)) {
                led = used;
            }
            int known = Math.min(led, producer.partitions(topic.name()));
            if (known == 0) {
                return "waiting for metadata of " + topic.name();
            }
            if (known != partitions.count()) {
                log.info("partitions in use topic={} count={}", topic.name(), known);
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

    private boolean isServed(int from, int to) throws InterruptedException {
        try {
            topic.requireServed(from, to);
            return true;
        } catch (ExecutionException e) {
            log.info(
                    "added partitions not served yet topic={} reason={}",
                    topic.name(),
                    e.getCause());
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
