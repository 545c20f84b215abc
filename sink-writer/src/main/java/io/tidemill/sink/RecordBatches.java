package io.tidemill.sink;

import io.tidemill.runtime.Backoff;
import io.tidemill.runtime.Health;
import io.tidemill.sink.PartitionBuffer.Batch;
import io.tidemill.sink.PartitionBuffer.Limits;
import io.tidemill.sink.StartPositions.Start;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

/// Reads the assigned partitions and hands their batches to the writer, of each one at a time.
///
/// Everything happens on the one thread that calls {@link #consume}; what completes elsewhere comes
/// back as a signal. It polls whatever happens to Postgres, so that it stays in the group.
final class RecordBatches implements ConsumerRebalanceListener {

    private static final Logger log = LoggerFactory.getLogger(RecordBatches.class);
    private static final long COMMIT_NANOS = Duration.ofSeconds(1).toNanos();

    /// @param bufferBytes held at most over all partitions, give or take one poll
    /// @param parallelWrites batches being written at most
    record Plan(
            List<String> topics,
            Limits limits,
            long bufferBytes,
            int parallelWrites,
            Backoff backoff) {}

    private final Consumer<byte[], byte[]> consumer;
    private final Plan plan;
    private final Function<Batch, Mono<Void>> writer;
    private final Function<Collection<TopicPartition>, Mono<Map<TopicPartition, Start>>> starts;
    private final SinkMetrics metrics;
    private final PartitionBuffers buffers;
    private final Signals signals;
    private final Map<TopicPartition, OffsetAndMetadata> uncommitted = new HashMap<>();
    private int writes;
    private long committedNanos = System.nanoTime();
    private volatile boolean draining;
    private volatile boolean closing;
    private volatile Health health = Health.starting("joining the group");

    RecordBatches(
            Consumer<byte[], byte[]> consumer,
            Plan plan,
            Function<Batch, Mono<Void>> writer,
            Function<Collection<TopicPartition>, Mono<Map<TopicPartition, Start>>> starts,
            SinkMetrics metrics) {
        this.consumer = consumer;
        this.plan = plan;
        this.writer = writer;
        this.starts = starts;
        this.metrics = metrics;
        this.signals = new Signals(consumer);
        this.buffers = new PartitionBuffers(plan.limits(), plan.bufferBytes());
    }

    /// Reads until {@link #close} is called.
    void consume() {
        consumer.subscribe(plan.topics(), this);
        while (!closing) {
            signals.run();
            findPositions();
            startWrites();
            pauseWhatIsFull();
            commitForLagTools();
            health = buffers.health();
            poll();
        }
    }

    /// Takes in no more; writes at hand go on. From any thread.
    void drain() {
        draining = true;
    }

    /// Ends {@link #consume}. From any thread.
    void close() {
        closing = true;
        consumer.wakeup();
    }

    /// Waits for writes at hand; on the thread that consumed.
    void awaitWrites(Duration limit) throws InterruptedException {
        signals.runWhile(() -> writes > 0, limit);
    }

    Health health() {
        return health;
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
        buffers.assign(partitions, System.nanoTime());
        // Not the real position, which is yet to be found: paused until then. Without any the
        // consumer would look for Kafka's own, which doesn't count here.
        partitions.forEach(partition -> consumer.seek(partition, 0));
        consumer.pause(partitions);
        log.info("partitions assigned added={} now={}", partitions, buffers.partitions());
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
        // A write under way may still be committed, or not: the next owner asks Postgres.
        buffers.revoke(partitions);
        uncommitted.keySet().removeAll(partitions);
        log.info("partitions revoked removed={} now={}", partitions, buffers.partitions());
    }

    private void findPositions() {
        List<PartitionBuffer> searched = buffers.withoutPosition(System.nanoTime());
        if (searched.isEmpty()) {
            return;
        }
        searched.forEach(PartitionBuffer::positionAsked);
        starts.apply(searched.stream().map(PartitionBuffer::partition).toList())
                .subscribe(
                        found -> signals.send(() -> searched.forEach(b -> position(b, found))),
                        error ->
                                signals.send(
                                        () -> searched.forEach(b -> positionFailed(b, error))));
    }

    private void position(PartitionBuffer buffer, Map<TopicPartition, Start> found) {
        Start start = found.get(buffer.partition());
        if (!buffers.holds(buffer)) {
            return;
        }
        if (start == null || !start.problem().isEmpty()) {
            String problem = start == null ? "Kafka doesn't know it" : start.problem();
            log.error("partition stopped partition={} reason={}", buffer.partition(), problem);
            buffer.positionFailed(problem, nextTry(buffer));
            return;
        }
        consumer.seek(buffer.partition(), start.offset());
        buffer.positioned(start.stored(), start.offset(), System.nanoTime());
    }

    private void positionFailed(PartitionBuffer buffer, Throwable error) {
        if (buffers.holds(buffer)) {
            String problem = "its stored offset can't be read: " + SqlStates.describe(error);
            buffer.positionFailed(problem, nextTry(buffer));
            tellFailure("position not found", buffer, error);
        }
    }

    private void startWrites() {
        for (PartitionBuffer buffer : buffers.inTurn()) {
            if (draining || writes >= plan.parallelWrites()) {
                return;
            }
            buffer.next(System.nanoTime()).ifPresent(batch -> write(buffer, batch));
        }
    }

    private void write(PartitionBuffer buffer, Batch batch) {
        writes++;
        buffers.hadItsTurn(buffer);
        writer.apply(batch)
                .subscribe(
                        _ -> {},
                        error -> signals.send(() -> failed(buffer, batch, error)),
                        () -> signals.send(() -> written(buffer, batch)));
    }

    private void written(PartitionBuffer buffer, Batch batch) {
        writes--;
        if (buffers.holds(buffer) && buffer.isWriting(batch)) {
            buffer.written(batch, System.nanoTime());
            uncommitted.put(buffer.partition(), new OffsetAndMetadata(batch.next()));
        }
    }

    private void failed(PartitionBuffer buffer, Batch batch, Throwable error) {
        writes--;
        if (!buffers.holds(buffer) || !buffer.isWriting(batch)) {
            return;
        }
        if (error instanceof FencedException) {
            metrics.fenced();
            log.warn("fenced partition={} expected={}", buffer.partition(), batch.expected());
            buffer.reload(System.nanoTime());
            return;
        }
        buffer.failed(batch, SqlStates.describe(error), nextTry(buffer));
        tellFailure("write failed", buffer, error);
    }

    private void pauseWhatIsFull() {
        metrics.buffered(buffers.heldBytes());
        Set<TopicPartition> wanted = draining ? Set.of() : buffers.wanted();
        Set<TopicPartition> paused = consumer.paused();
        Set<TopicPartition> assigned = buffers.partitions();
        consumer.resume(
                assigned.stream().filter(p -> wanted.contains(p) && paused.contains(p)).toList());
        consumer.pause(
                assigned.stream().filter(p -> !wanted.contains(p) && !paused.contains(p)).toList());
    }

    private void commitForLagTools() {
        long now = System.nanoTime();
        if (uncommitted.isEmpty() || now - committedNanos < COMMIT_NANOS) {
            return;
        }
        committedNanos = now;
        consumer.commitAsync(Map.copyOf(uncommitted), null);
        uncommitted.clear();
    }

    private void poll() {
        try {
            buffers.add(signals.poll());
        } catch (OffsetOutOfRangeException e) {
            e.partitions().stream()
                    .flatMap(partition -> Optional.ofNullable(buffers.get(partition)).stream())
                    .forEach(buffer -> buffer.reload(System.nanoTime()));
        }
    }

    private long nextTry(PartitionBuffer buffer) {
        Duration delay = plan.backoff().delay(buffer.failures() + 1, ThreadLocalRandom.current());
        return System.nanoTime() + delay.toNanos();
    }

    private void tellFailure(String what, PartitionBuffer buffer, Throwable error) {
        metrics.retry(error);
        log.warn(
                "{} partition={} failures={} transient={} reason={}",
                what,
                buffer.partition(),
                buffer.failures(),
                SqlStates.isTransient(error),
                SqlStates.describe(error));
    }
}
