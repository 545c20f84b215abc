package io.tidemill.ingest;

import org.apache.kafka.common.utils.Utils;

/// The partitions of `events` that records are spread over. Their number grows only once the
/// leaders of new ones are known to serve: a producer whose very first batch for a partition is
/// turned away while its second one is taken can't ever place the first, and holds up the partition
/// until that batch expires. Thread-safe.
final class EventPartitions {

    private volatile int count;

    /// How many partitions take records; 0 until that is known.
    int count() {
        return count;
    }

    void use(int partitions) {
        count = partitions;
    }

    /// The partition of a key among `partitions`, as Kafka's own producers choose it.
    static int of(byte[] key, int partitions) {
        return Utils.toPositive(Utils.murmur2(key)) % partitions;
    }
}
