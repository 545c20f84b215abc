package io.tidemill.rollup;

import java.util.Optional;
import java.util.Set;
import org.apache.kafka.streams.processor.StreamPartitioner;

/// Which partition a record goes to: always one, and a function of the record alone.
interface Partitioning<V> {

    int partition(HourKey hour, V value, int partitions);

    static <V> StreamPartitioner<HourKey, V> by(Partitioning<V> partitioning) {
        return (topic, hour, value, partitions) ->
                Optional.of(Set.of(partitioning.partition(hour, value, partitions)));
    }

    /// All that concerns an hour of a project meets in one partition.
    static <V> StreamPartitioner<HourKey, V> byHour() {
        return by((hour, value, partitions) -> hour.rollupKey().partition(partitions));
    }
}
