package io.tidemill.sink;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.runtime.Health;
import io.tidemill.sink.PartitionBuffer.Limits;
import java.util.List;
import java.util.OptionalLong;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class PartitionBuffersTest {

    private static final TopicPartition OTHER = new TopicPartition("events", 1);

    private final PartitionBuffers buffers = new PartitionBuffers(new Limits(100, 10_000), 5_000);

    @Test
    void aFullMemoryStillReadsPartitionsThatHoldNothing() {
        // given
        assign();

        // when
        buffers.add(Records.polled(Records.record(0, new byte[6_000])));

        // then
        assertThat(buffers.wanted()).containsExactly(OTHER);
    }

    @Test
    void recordsOfARevokedPartitionAreDropped() {
        // given
        assign();
        PartitionBuffer revoked = requireNonNull(buffers.get(Records.PARTITION));

        // when
        buffers.revoke(List.of(Records.PARTITION));
        buffers.add(Records.polled(Records.record(0, new byte[10])));
        buffers.assign(List.of(Records.PARTITION), 0);

        // then
        assertThat(buffers.heldBytes()).isZero();
        assertThat(buffers.holds(revoked)).isFalse();
    }

    @Test
    void whoHadItsTurnIsLast() {
        assign();

        buffers.hadItsTurn(buffers.inTurn().getFirst());

        assertThat(buffers.inTurn().getFirst().partition()).isEqualTo(OTHER);
    }

    @Test
    void healthTellsWhatIsMissingAndWhatIsWrong() {
        assertThat(buffers.health().status()).isEqualTo(Health.Status.STARTING);
        buffers.assign(List.of(Records.PARTITION), 0);
        assertThat(buffers.health().status()).isEqualTo(Health.Status.STARTING);
        buffers.inTurn().getFirst().positioned(OptionalLong.of(0), 0, 0);
        assertThat(buffers.health()).isEqualTo(Health.UP);

        buffers.inTurn().getFirst().positionFailed("offset 5 is gone", 0);

        assertThat(buffers.health()).isEqualTo(Health.down("events-0: offset 5 is gone"));
    }

    private void assign() {
        buffers.assign(List.of(Records.PARTITION, OTHER), 0);
        buffers.inTurn().forEach(buffer -> buffer.positioned(OptionalLong.of(0), 0, 0));
    }
}
