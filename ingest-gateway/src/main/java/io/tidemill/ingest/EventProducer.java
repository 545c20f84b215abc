package io.tidemill.ingest;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.errors.ClusterAuthorizationException;
import org.apache.kafka.common.errors.InvalidPidMappingException;
import org.apache.kafka.common.errors.OutOfOrderSequenceException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.TransactionalIdAuthorizationException;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.jspecify.annotations.Nullable;

/// One Kafka producer, and whether it can still be of use: some errors are final for a producer,
/// and none of them for Kafka. Never blocks, but for closing. Thread-safe.
final class EventProducer {

    private final Producer<byte[], byte[]> kafka;
    private final Duration longestSilence;
    private final LongSupplier nanoTime;
    private final @Nullable Metric bufferAvailable;
    private final AtomicLong waiting = new AtomicLong();
    private volatile long lastSign;
    private volatile @Nullable String broken;

    /// @param longestSilence how long none of its records may come to an end, while some wait
    EventProducer(Producer<byte[], byte[]> kafka, Duration longestSilence, LongSupplier nanoTime) {
        this.kafka = kafka;
        this.longestSilence = longestSilence;
        this.nanoTime = nanoTime;
        this.bufferAvailable =
                kafka.metrics().entrySet().stream()
                        .filter(metric -> metric.getKey().name().equals("buffer-available-bytes"))
                        .map(Map.Entry::getValue)
                        .findAny()
                        .orElse(null);
    }

    /// @param outcome called at least once, with null when the record is durable, else with the
    ///   reason why that is not known; on the producer's thread or on this one
    void send(ProducerRecord<byte[], byte[]> record, Consumer<@Nullable Exception> outcome) {
        if (waiting.get() == 0) {
            lastSign = nanoTime.getAsLong();
        }
        waiting.incrementAndGet();
        try {
            var _ =
                    kafka.send(
                            record,
                            (_, failure) -> {
                                ended(failure);
                                outcome.accept(failure);
                            });
        } catch (KafkaException | IllegalStateException e) {
            ended(e);
            // What can be said of a record is handed to its callback: this is about the producer.
            broken = e.getClass().getSimpleName();
            outcome.accept(e);
        }
    }

    /// Why this producer won't ever make a record durable again; null while it may.
    @Nullable String broken() {
        boolean silent =
                waiting.get() > 0 && nanoTime.getAsLong() - lastSign > longestSilence.toNanos();
        return broken == null && silent ? "no answer in " + longestSilence : broken;
    }

    /// How many partitions the producer knows the topic to have; 0 when it does not know the topic.
    int partitions(String topic) {
        try {
            return kafka.partitionsFor(topic).size();
        } catch (KafkaException | IllegalStateException e) {
            return 0;
        }
    }

    /// Bytes left in the buffer for records that wait to be sent.
    double bufferAvailableBytes() {
        return bufferAvailable != null && bufferAvailable.metricValue() instanceof Number bytes
                ? bytes.doubleValue()
                : Double.NaN;
    }

    /// Waits until every record has come to an end; after the timeout, those left end as not known
    /// to be durable.
    void close(Duration timeout) {
        kafka.close(timeout);
    }

    private void ended(@Nullable Exception failure) {
        lastSign = nanoTime.getAsLong();
        waiting.decrementAndGet();
        if (failure != null && isFinal(failure)) {
            broken = failure.getClass().getSimpleName();
        }
    }

    private static boolean isFinal(Exception failure) {
        return failure instanceof ProducerFencedException
                || failure instanceof ClusterAuthorizationException
                || failure instanceof TransactionalIdAuthorizationException
                || failure instanceof UnsupportedVersionException
                || failure instanceof InvalidPidMappingException
                // Its next records would find the same gap before them; a new one starts afresh.
                || failure instanceof OutOfOrderSequenceException;
    }
}
