package io.tidemill.sink;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/// One assigned partition: what was read of it and not written yet, and the one batch that is being
/// written. Holds the rules of batching; does nothing itself, knows no clock, and belongs to one
/// thread.
///
/// Batches grow by themselves: while one is written, the next one gathers.
@SuppressWarnings("ReferenceEquality") // a batch is compared as the very one that was given out
final class PartitionBuffer {

    /// @param rows of one batch at most
    /// @param bytes of one batch at most, unless a single record is larger
    record Limits(int rows, long bytes) {}

    /// Records of one partition to be written in one transaction.
    ///
    /// @param expected the stored offset that they follow; empty when none is stored yet
    /// @param next the stored offset afterwards
    record Batch(
            TopicPartition partition,
            OptionalLong expected,
            long next,
            List<ConsumerRecord<byte[], byte[]>> records) {

        Batch {
            records = List.copyOf(records);
        }

        /// Writes nothing, only asks whether the stored offset is still the expected one.
        boolean isCheck() {
            return records.isEmpty() && expected.isPresent() && expected.getAsLong() == next;
        }

        boolean isFirst() {
            return expected.isEmpty();
        }
    }

    /// `LOST`: has to ask for its position. `LOADING`: has asked. `WAITING`: for the next try.
    private enum State {
        LOST,
        LOADING,
        READY,
        WRITING,
        WAITING
    }

    /// How long an idle partition waits until its stored offset follows markers, and is compared.
    static final long MOVED_AFTER_NANOS = 500_000_000L;

    static final long CHECK_AFTER_NANOS = 5_000_000_000L;
    private static final int RECORD_OVERHEAD_BYTES = 200;

    private final TopicPartition partition;
    private final Limits limits;
    private final Deque<ConsumerRecord<byte[], byte[]>> records = new ArrayDeque<>();
    private State state = State.LOST;
    private OptionalLong stored = OptionalLong.empty();
    private long position;
    private long bytes;
    private long batchBytes;
    // Null unless a batch is being written or waits for its next try.
    private @Nullable Batch batch;
    private long lastWriteNanos;
    private long dueNanos;
    private int failures;
    private String problem = "";

    PartitionBuffer(TopicPartition partition, Limits limits, long nowNanos) {
        this.partition = partition;
        this.limits = limits;
        this.dueNanos = nowNanos;
        this.lastWriteNanos = nowNanos;
    }

    TopicPartition partition() {
        return partition;
    }

    /// Whether its position has to be found out now.
    boolean needsPosition(long nowNanos) {
        return state == State.LOST && nowNanos - dueNanos >= 0;
    }

    void positionAsked() {
        state = State.LOADING;
    }

    /// @param storedOffset empty when none is stored yet
    /// @param start where reading begins
    void positioned(OptionalLong storedOffset, long start, long nowNanos) {
        state = State.READY;
        stored = storedOffset;
        position = start;
        lastWriteNanos = nowNanos;
        recovered();
    }

    boolean isLoading() {
        return state == State.LOST || state == State.LOADING;
    }

    void add(ConsumerRecord<byte[], byte[]> next) {
        records.add(next);
        bytes += sizeOf(next);
        position = next.offset() + 1;
    }

    /// Everything before this position was read: behind the last record there may be markers of
    /// transactions, which nobody gets to see.
    void advanced(long newPosition) {
        position = newPosition;
    }

    /// The batch to write now, if there is one: the only one until it is written or has failed.
    Optional<Batch> next(long nowNanos) {
        return switch (state) {
            case LOST, LOADING, WRITING -> Optional.empty();
            case WAITING ->
                    nowNanos - dueNanos >= 0
                            ? Optional.ofNullable(batch).flatMap(this::start)
                            : Optional.empty();
            case READY -> records.isEmpty() ? idle(nowNanos) : fill();
        };
    }

    /// @param written the batch as {@link #next} gave it; another one is ignored
    void written(Batch written, long nowNanos) {
        if (written != batch) {
            return;
        }
        state = State.READY;
        stored = OptionalLong.of(written.next());
        batch = null;
        batchBytes = 0;
        lastWriteNanos = nowNanos;
        recovered();
    }

    /// Writes the same batch again, no sooner than `dueNanos`.
    void failed(Batch failed, String reason, long dueNanos) {
        if (failed == batch) {
            state = State.WAITING;
            trouble(reason, dueNanos);
        }
    }

    /// Asks for its position again, no sooner than `dueNanos`; what was read is forgotten.
    void reload(long dueNanos) {
        forget();
        this.dueNanos = dueNanos;
    }

    /// Its position can't be had, or isn't in the log.
    void positionFailed(String reason, long dueNanos) {
        forget();
        trouble(reason, dueNanos);
    }

    boolean isWriting(Batch candidate) {
        return candidate == batch;
    }

    /// Whether more should be read: a batch's worth may wait behind the one being written.
    boolean wantsRecords() {
        return !isLoading() && bytes < limits.bytes() && records.size() < limits.rows();
    }

    /// Bytes held, those being written included.
    long heldBytes() {
        return bytes + batchBytes;
    }

    /// Failures since the last success.
    int failures() {
        return failures;
    }

    /// Why it doesn't go on; empty when it does.
    String problem() {
        return problem;
    }

    private Optional<Batch> fill() {
        List<ConsumerRecord<byte[], byte[]>> taken = new ArrayList<>();
        while (!records.isEmpty() && taken.size() < limits.rows()) {
            long size = sizeOf(records.element());
            if (!taken.isEmpty() && batchBytes + size > limits.bytes()) {
                break;
            }
            taken.add(records.remove());
            batchBytes += size;
        }
        bytes -= batchBytes;
        long next = records.isEmpty() ? position : records.element().offset();
        return start(new Batch(partition, stored, next, taken));
    }

    private Optional<Batch> idle(long nowNanos) {
        long idleNanos = nowNanos - lastWriteNanos;
        if (idleNanos < MOVED_AFTER_NANOS) {
            return Optional.empty();
        }
        boolean moved = stored.isEmpty() || stored.getAsLong() != position;
        return moved || idleNanos >= CHECK_AFTER_NANOS
                ? start(new Batch(partition, stored, position, List.of()))
                : Optional.empty();
    }

    private Optional<Batch> start(Batch started) {
        batch = started;
        state = State.WRITING;
        return Optional.of(started);
    }

    private void forget() {
        state = State.LOST;
        records.clear();
        bytes = 0;
        batchBytes = 0;
        batch = null;
    }

    private void trouble(String reason, long dueNanos) {
        failures++;
        problem = reason;
        this.dueNanos = dueNanos;
    }

    private void recovered() {
        failures = 0;
        problem = "";
    }

    private static long sizeOf(ConsumerRecord<byte[], byte[]> next) {
        return RECORD_OVERHEAD_BYTES
                + (long) Math.max(0, next.serializedKeySize())
                + Math.max(0, next.serializedValueSize());
    }
}
