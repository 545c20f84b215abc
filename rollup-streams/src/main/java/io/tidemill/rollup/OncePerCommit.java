package io.tidemill.rollup;

import java.util.function.Function;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Named;
import org.apache.kafka.streams.processor.api.FixedKeyProcessorContext;

/// A step of a topology that gathers what records say of a key, and hands it on once per commit,
/// inside the commit.
///
/// ```
/// records ─▶ GatherProcessor ─mark─▶ cached reduce ─at the commit─▶ HandOnProcessor ─▶ gathered
///                   └───────────────▶ PendingStore ◀──────────────────────┘
/// ```
///
/// What was gathered is in memory only. It can't be lost: Kafka Streams flushes its record caches
/// first in every commit, before offsets and changelogs, and the flush passes on each marked key,
/// which empties that key's entry. So a commit always finds everything handed on; and what a
/// transaction that is aborted had gathered goes with the task that is closed then, and is gathered
/// again from the input. A cache that is too full passes a key on earlier, which is harmless: the
/// next record marks it again.
final class OncePerCommit {

    private OncePerCommit() {}

    /// Puts what several records say of a key together in one value, until the commit.
    ///
    /// @param <K> the key
    /// @param <V> what a record says
    /// @param <D> what they say together; changed in place
    interface Gatherer<K, V, D> {

        /// What no record says.
        D nothing();

        /// Adds what a record says.
        ///
        /// @param appendedMillis when what it says was appended to `events`
        /// @return whether it said anything new
        boolean add(K key, V value, long appendedMillis, D gathered);
    }

    /// Adds the step to the topology.
    ///
    /// @param name of the step, unique in the topology
    /// @param gatherer makes the gatherer of a task, which may use the stores
    /// @param stores names of stores that the gatherer uses
    static <K, V, D> KStream<K, D> step(
            StreamsBuilder builder,
            KStream<K, V> records,
            String name,
            Serde<K> keys,
            Function<FixedKeyProcessorContext<K, byte[]>, Gatherer<K, V, D>> gatherer,
            String... stores) {
        String pending = name + "-pending";
        builder.addStateStore(PendingStore.<K, D>builder(pending));
        return records.processValues(
                        () -> new GatherProcessor<>(pending, gatherer),
                        Named.as(name + "-gather"),
                        withFirst(pending, stores))
                .groupByKey(Grouped.with(name + "-marks", keys, Serdes.ByteArray()))
                .reduce(
                        (earlier, later) -> later,
                        Named.as(name + "-mark"),
                        // The cache is what matters; the store behind it only has to exist.
                        Materialized.<K, byte[]>as(MarkStore.supplier(name + "-marks"))
                                .withKeySerde(keys)
                                .withValueSerde(Serdes.ByteArray())
                                .withCachingEnabled()
                                .withLoggingDisabled())
                .toStream(Named.as(name + "-changed"))
                .processValues(
                        () -> new HandOnProcessor<K, byte[], D>(pending),
                        Named.as(name + "-hand-on"),
                        pending);
    }

    private static String[] withFirst(String first, String... rest) {
        String[] all = new String[rest.length + 1];
        all[0] = first;
        System.arraycopy(rest, 0, all, 1, rest.length);
        return all;
    }
}
