package io.tidemill.rollup;

import java.util.Map;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/// The newest append time on `events` that a task has seen. Never goes back by more than a minute,
/// also not in a crash.
///
/// What expires goes by {@link #stored()}, what is judged by {@link #saw}, which is never behind
/// it: nothing is deleted that is still asked for. Used by the thread of its task; several of one
/// task may share a store.
final class AppendClock {

    /// How far it runs ahead of what is stored: a record of the changelog a minute, not one an
    /// event.
    static final long STEP_MILLIS = 60_000;

    private static final String KEY = "newest";

    /// What outlives a crash, as of the last commit.
    interface Memory {

        /// 0 before the first.
        long read();

        void write(long newest);
    }

    private final Memory memory;

    private long newest;

    AppendClock(Memory memory) {
        this.memory = memory;
    }

    static AppendClock in(KeyValueStore<String, Long> store) {
        return new AppendClock(
                new Memory() {
                    @Override
                    public long read() {
                        Long stored = store.get(KEY);
                        return stored == null ? 0 : stored;
                    }

                    @Override
                    public void write(long newest) {
                        store.put(KEY, newest);
                    }
                });
    }

    static StoreBuilder<KeyValueStore<String, Long>> builder(String name) {
        return Stores.keyValueStoreBuilder(
                        Stores.inMemoryKeyValueStore(name), Serdes.String(), Serdes.Long())
                .withCachingDisabled()
                .withLoggingEnabled(Map.of());
    }

    /// Takes note of a record's append time.
    ///
    /// @return the newest one seen
    long saw(long appendedMillis) {
        long stored = stored();
        newest = Math.max(Math.max(newest, stored), appendedMillis);
        if (newest - stored >= STEP_MILLIS) {
            memory.write(newest);
        }
        return newest;
    }

    /// The newest one that outlives a crash; 0 before the first.
    long stored() {
        return memory.read();
    }
}
