package io.tidemill.sink;

import static io.tidemill.sink.Records.PARTITION;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.sink.PartitionBuffer.Batch;
import io.tidemill.sink.PartitionBuffer.Limits;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;

class PartitionBufferTest {

    private static final long NOW = 1_000_000_000_000L;

    private final PartitionBuffer buffer =
            new PartitionBuffer(PARTITION, new Limits(3, 10_000), NOW);

    @Test
    void nothingIsWrittenBeforeThePositionIsKnown() {
        assertThat(buffer.needsPosition(NOW)).isTrue();
        assertThat(buffer.wantsRecords()).isFalse();
        assertThat(next(NOW)).isEmpty();
    }

    @Test
    void oneRecordIsABatchAtOnce() {
        // given
        buffer.positioned(OptionalLong.of(7), 7, NOW);
        add(7);

        // when
        Batch batch = next(NOW).orElseThrow();

        // then
        assertThat(batch.expected()).hasValue(7);
        assertThat(batch.next()).isEqualTo(8);
        assertThat(offsets(batch)).containsExactly(7L);
    }

    @Test
    void theNextBatchGathersWhileOneIsWritten() {
        // given
        buffer.positioned(OptionalLong.of(0), 0, NOW);
        add(0);
        Batch first = next(NOW).orElseThrow();
        add(1);
        add(2);

        // when
        Optional<Batch> meanwhile = next(NOW);
        buffer.written(first, NOW);
        Batch second = next(NOW).orElseThrow();

        // then
        assertThat(meanwhile).isEmpty();
        assertThat(second.expected()).hasValue(1);
        assertThat(offsets(second)).containsExactly(1L, 2L);
    }

    @Test
    void aBatchEndsWhereRowsOrBytesAreEnough() {
        // given
        buffer.positioned(OptionalLong.of(0), 0, NOW);
        for (int offset = 0; offset < 4; offset++) {
            add(offset);
        }

        // when
        Batch byRows = next(NOW).orElseThrow();
        buffer.written(byRows, NOW);
        add(4, 9_000);
        add(5, 9_000);
        Batch byBytes = next(NOW).orElseThrow();
        buffer.written(byBytes, NOW);
        add(6, 50_000);
        buffer.written(next(NOW).orElseThrow(), NOW);
        Batch oversized = next(NOW).orElseThrow();

        // then
        assertThat(offsets(byRows)).containsExactly(0L, 1L, 2L);
        assertThat(byRows.next()).isEqualTo(3);
        assertThat(offsets(byBytes)).containsExactly(3L, 4L);
        assertThat(byBytes.next()).isEqualTo(5);
        assertThat(offsets(oversized)).containsExactly(6L);
    }

    @Test
    void aBatchThatEmptiesTheBufferEndsBehindTheMarkers() {
        buffer.positioned(OptionalLong.of(0), 0, NOW);
        add(0);
        buffer.advanced(12);

        assertThat(next(NOW).orElseThrow().next()).isEqualTo(12);
    }

    @Test
    void aFullBufferWantsNoMore() {
        buffer.positioned(OptionalLong.of(0), 0, NOW);
        add(0);
        add(1);
        assertThat(buffer.wantsRecords()).isTrue();

        add(2);

        assertThat(buffer.wantsRecords()).isFalse();
    }

    @Test
    void aFailedBatchIsTriedAgainUnchangedWhenItIsDue() {
        // given
        buffer.positioned(OptionalLong.of(0), 0, NOW);
        add(0);
        Batch batch = next(NOW).orElseThrow();
        add(1);

        // when
        buffer.failed(batch, "gone", NOW + 100);

        // then
        assertThat(next(NOW + 99)).isEmpty();
        assertThat(buffer.failures()).isEqualTo(1);
        assertThat(buffer.problem()).isEqualTo("gone");
        assertThat(next(NOW + 100)).containsSame(batch);
        buffer.written(batch, NOW + 200);
        assertThat(buffer.failures()).isZero();
        assertThat(buffer.problem()).isEmpty();
    }

    @Test
    void anIdlePartitionFollowsMarkersAndIsComparedNowAndThen() {
        // given
        buffer.positioned(OptionalLong.of(5), 5, NOW);

        // when
        Optional<Batch> soon = next(NOW + PartitionBuffer.MOVED_AFTER_NANOS);
        buffer.advanced(6);
        Batch moved = next(NOW + PartitionBuffer.MOVED_AFTER_NANOS).orElseThrow();
        buffer.written(moved, NOW);
        Batch check = next(NOW + PartitionBuffer.CHECK_AFTER_NANOS).orElseThrow();

        // then
        assertThat(soon).isEmpty();
        assertThat(moved.isCheck()).isFalse();
        assertThat(moved.expected()).hasValue(5);
        assertThat(moved.next()).isEqualTo(6);
        assertThat(check.isCheck()).isTrue();
    }

    @Test
    void aPartitionWithoutStoredOffsetStoresItsFirst() {
        buffer.positioned(OptionalLong.empty(), 0, NOW);

        Batch batch = next(NOW + PartitionBuffer.MOVED_AFTER_NANOS).orElseThrow();

        assertThat(batch.isFirst()).isTrue();
        assertThat(batch.isCheck()).isFalse();
    }

    @Test
    void reloadingForgetsWhatWasReadAndWhatIsBeingWritten() {
        // given
        buffer.positioned(OptionalLong.of(0), 0, NOW);
        add(0);
        Batch batch = next(NOW).orElseThrow();
        add(1);

        // when
        buffer.reload(NOW);
        buffer.written(batch, NOW);

        // then
        assertThat(buffer.heldBytes()).isZero();
        assertThat(buffer.needsPosition(NOW)).isTrue();
        assertThat(buffer.isWriting(batch)).isFalse();
    }

    @Test
    void whateverHappensEveryRecordIsWrittenOnceAndInOrder() {
        // given
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        buffer.positioned(OptionalLong.of(0), 0, NOW);
        List<Long> written = new ArrayList<>();
        Optional<Batch> current = Optional.empty();
        long stored = 0;
        long end = 0;

        // when
        for (int step = 0; step < 5_000; step++) {
            switch (random.nextInt(3)) {
                case 0 -> {
                    add(end + random.nextInt(2), random.nextInt(6_000));
                    end += 3;
                    buffer.advanced(end);
                }
                case 1 -> current = current.isPresent() ? current : next(NOW);
                default -> {
                    if (current.isPresent() && random.nextBoolean()) {
                        Batch batch = current.get();
                        assertThat(batch.expected()).as("seed %s", seed).hasValue(stored);
                        stored = batch.next();
                        written.addAll(offsets(batch));
                        buffer.written(batch, NOW);
                        current = Optional.empty();
                    } else if (current.isPresent()) {
                        buffer.failed(current.get(), "no", NOW);
                        current = Optional.empty();
                    }
                }
            }
        }

        // then
        assertThat(written).as("seed %s", seed).isSorted().doesNotHaveDuplicates();
        assertThat(stored).as("seed %s", seed).isGreaterThan(written.getLast());
    }

    private Optional<Batch> next(long nowNanos) {
        return buffer.next(nowNanos);
    }

    private void add(long offset) {
        add(offset, 10);
    }

    private void add(long offset, int bytes) {
        buffer.add(Records.record(offset, new byte[bytes]));
    }

    private static List<Long> offsets(Batch batch) {
        return batch.records().stream().map(ConsumerRecord::offset).toList();
    }
}
