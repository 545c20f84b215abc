package io.tidemill.ingest;

import static java.util.Objects.requireNonNullElse;

import io.tidemill.runtime.Health;
import io.tidemill.runtime.KafkaConnection;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Knows whether Kafka takes events: from the acknowledgements while there are some, else by asking
/// the brokers. Thread-safe.
final class KafkaWatch implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(KafkaWatch.class);
    private static final Duration INTERVAL = Duration.ofSeconds(1);
    private static final Duration QUESTION_TIMEOUT = Duration.ofSeconds(3);

    /// How long an acknowledgement, or a failure, speaks for the state of Kafka.
    private static final long RECENT_NANOS = Duration.ofSeconds(2).toNanos();

    private final Admin admin;
    private final String topic;
    private final BooleanSupplier producerReady;
    private final ScheduledExecutorService thread =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("ingest-kafka-watch").factory());

    private volatile Health reach = Health.starting("waiting for Kafka");
    private volatile long lastAcknowledged = System.nanoTime() - RECENT_NANOS;
    private volatile @Nullable Failure lastFailure;

    private record Failure(long nanos, String reason) {}

    private KafkaWatch(KafkaConnection kafka, String topic, BooleanSupplier producerReady) {
        this.topic = topic;
        this.producerReady = producerReady;
        Map<String, Object> config = kafka.clientConfig("tidemill-ingest-watch");
        int timeout = Math.toIntExact(QUESTION_TIMEOUT.toMillis());
        config.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, timeout);
        config.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, timeout);
        config.put(AdminClientConfig.METRIC_REPORTER_CLASSES_CONFIG, "");
        this.admin = Admin.create(config);
    }

    /// @param producerReady whether the producer knows the topic; asked until it does
    static KafkaWatch start(KafkaConnection kafka, String topic, BooleanSupplier producerReady) {
        KafkaWatch watch = new KafkaWatch(kafka, topic, producerReady);
        var _ =
                watch.thread.scheduleWithFixedDelay(
                        watch::look, 0, INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
        return watch;
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

    private void look() {
        long began = System.nanoTime();
        boolean known = reach.isUp() && began - lastAcknowledged < RECENT_NANOS;
        if (known) {
            return;
        }
        String trouble = trouble();
        if (trouble == null) {
            become(Health.UP);
        } else if (lastAcknowledged - began < 0 && reach.status() != Health.Status.STARTING) {
            become(Health.down(trouble));
        }
    }

    /// What keeps events from being taken; null when nothing does.
    private @Nullable String trouble() {
        try {
            TopicDescription description =
                    admin.describeTopics(List.of(topic)).allTopicNames().get().get(topic);
            boolean led =
                    description != null
                            && description.partitions().stream()
                                    .allMatch(partition ->
                                            partition.leader() != null
                                                    && !partition.leader().isEmpty());
            if (!led) {
                return "a partition of " + topic + " has no leader";
            }
            return producerReady.getAsBoolean() ? null : "waiting for metadata of " + topic;
        } catch (ExecutionException e) {
            Throwable cause = requireNonNullElse(e.getCause(), e);
            return cause instanceof TimeoutException
                    ? "Kafka can't be reached"
                    : "Kafka answers with " + cause.getClass().getSimpleName();
        } catch (KafkaException e) {
            return "waiting for metadata of " + topic;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "stopping";
        }
    }

    private void become(Health next) {
        if (!next.equals(reach)) {
            log.info("kafka status={} detail={}", next.status(), next.detail());
            reach = next;
        }
    }
}
