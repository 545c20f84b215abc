package io.tidemill.sink;

import io.tidemill.runtime.Health;
import io.tidemill.sink.PartitionBuffer.Limits;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/// The partitions that are assigned now, in the order of their turns. Decides which of them are
/// read on, so that memory stays bounded. Belongs to one thread.
final class PartitionBuffers {

    /// Failures in a row after which a write that is tried again is worth telling.
    private static final int FAILURES_TO_TELL = 3;

    private static final int TROUBLES_TO_NAME = 3;

    private final Limits limits;
    private final long maxBytes;
    private final Map<TopicPartition, PartitionBuffer> buffers = new LinkedHashMap<>();
    private boolean joined;

    /// @param maxBytes held at most over all partitions, give or take one poll
    PartitionBuffers(Limits limits, long maxBytes) {
        this.limits = limits;
        this.maxBytes = maxBytes;
    }

    void assign(Collection<TopicPartition> partitions, long nowNanos) {
        joined = true;
        for (TopicPartition partition : partitions) {
            buffers.put(partition, new PartitionBuffer(partition, limits, nowNanos));
        }
    }

    void revoke(Collection<TopicPartition> partitions) {
        buffers.keySet().removeAll(partitions);
    }

    /// False for a buffer of an earlier assignment: what becomes of its batch is nobody's concern.
    boolean holds(PartitionBuffer buffer) {
        return get(buffer.partition()) == buffer;
    }

    /// @return null when the partition is not assigned
    @Nullable PartitionBuffer get(TopicPartition partition) {
        return buffers.get(partition);
    }

    /// Takes in what a poll gave.
    void add(ConsumerRecords<byte[], byte[]> polled) {
        for (PartitionBuffer buffer : buffers.values()) {
            TopicPartition partition = buffer.partition();
            polled.records(partition).forEach(buffer::add);
            OffsetAndMetadata next = polled.nextOffsets().get(partition);
            if (next != null) {
                buffer.advanced(next.offset());
            }
        }
    }

    /// All, the one whose turn was longest ago first.
    List<PartitionBuffer> inTurn() {
        return List.copyOf(buffers.values());
    }

    void hadItsTurn(PartitionBuffer buffer) {
        buffers.remove(buffer.partition());
        buffers.put(buffer.partition(), buffer);
    }

    List<PartitionBuffer> withoutPosition(long nowNanos) {
        return buffers.values().stream().filter(b -> b.needsPosition(nowNanos)).toList();
    }

    Set<TopicPartition> partitions() {
        return Set.copyOf(buffers.keySet());
    }

    long heldBytes() {
        return buffers.values().stream().mapToLong(PartitionBuffer::heldBytes).sum();
    }

    /// The partitions to read on. When memory is full these are the ones that hold nothing, so that
    /// none starves.
    Set<TopicPartition> wanted() {
        boolean full = heldBytes() >= maxBytes;
        return buffers.values().stream()
                .filter(buffer -> buffer.wantsRecords() && !(full && buffer.heldBytes() > 0))
                .map(PartitionBuffer::partition)
                .collect(Collectors.toCollection(HashSet::new));
    }

    Health health() {
        List<String> troubles = new ArrayList<>();
        boolean searching = false;
        for (PartitionBuffer buffer : buffers.values()) {
            searching |= buffer.isLoading();
            boolean lasting = buffer.failures() >= FAILURES_TO_TELL;
            if (lasting || (buffer.isLoading() && buffer.failures() > 0)) {
                troubles.add(buffer.partition() + ": " + buffer.problem());
            }
        }
        if (!troubles.isEmpty()) {
            int named = Math.min(TROUBLES_TO_NAME, troubles.size());
            return Health.down(String.join("; ", troubles.subList(0, named)));
        }
        if (!joined) {
            return Health.starting("joining the group");
        }
        return searching ? Health.starting("finding positions") : Health.UP;
    }
}
