package io.tidemill.rollup;

import java.time.Duration;
import java.util.function.LongFunction;
import java.util.function.LongSupplier;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.Punctuator;
import org.apache.kafka.streams.processor.api.ProcessingContext;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/// Deletes what a store keeps of hours that have expired: a bounded number of keys for each second
/// that passes on `events`, far more than a shard can add in it. In the store's keys the hour comes
/// first.
final class Expiry<K> implements Punctuator {

    static final int KEYS_AT_A_TIME = 20_000;

    private static final Duration EVERY = Duration.ofSeconds(1);

    private final KeyValueStore<K, ?> store;
    private final LongFunction<K> beginningOf;
    private final LongSupplier keptFrom;

    /// Everything before it is deleted: a scan doesn't pass over that again.
    private K next;

    private Expiry(KeyValueStore<K, ?> store, LongFunction<K> beginningOf, LongSupplier keptFrom) {
        this.store = store;
        this.beginningOf = beginningOf;
        this.keptFrom = keptFrom;
        next = beginningOf.apply(0);
    }

    /// Deletes as long as the task lives.
    ///
    /// @param beginningOf a key before all of an hour, and after all of the hour before
    /// @param keptFrom the first hour to keep
    static <K> void schedule(
            ProcessingContext context,
            KeyValueStore<K, ?> store,
            LongFunction<K> beginningOf,
            LongSupplier keptFrom) {
        // Stream time: a task without records has nothing to do, and commits nothing.
        context.schedule(
                EVERY, PunctuationType.STREAM_TIME, new Expiry<>(store, beginningOf, keptFrom));
    }

    @Override
    public void punctuate(long timestamp) {
        K end = beginningOf.apply(keptFrom.getAsLong());
        try (KeyValueIterator<K, ?> expired = store.range(next, end)) {
            for (int keys = 0; expired.hasNext(); keys++) {
                K key = expired.next().key;
                if (keys == KEYS_AT_A_TIME) {
                    next = key;
                    return;
                }
                // Unlike delete, this doesn't read what was there.
                store.put(key, null);
            }
        }
        next = end;
    }
}
