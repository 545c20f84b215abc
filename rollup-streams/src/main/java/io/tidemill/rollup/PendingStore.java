package io.tidemill.rollup;

import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.state.StoreBuilder;
import org.jspecify.annotations.Nullable;

/// What a task has gathered since its last commit, shared by the processors of one step.
///
/// A state store, so that Kafka Streams makes one per task, and empties it whenever the task is
/// closed or starts anew. Only the thread of the task uses it.
final class PendingStore<K, D> implements StateStore {

    private final String name;
    private final Map<K, D> pending = new HashMap<>();
    private boolean open;

    private PendingStore(String name) {
        this.name = name;
    }

    static <K, D> StoreBuilder<PendingStore<K, D>> builder(String name) {
        return new Builder<>(name);
    }

    /// What is pending for the key; null when nothing is.
    @Nullable D get(K key) {
        return pending.get(key);
    }

    void put(K key, D gathered) {
        pending.put(key, gathered);
    }

    /// What was pending for the key, which no longer is; null when nothing was.
    @Nullable D take(K key) {
        return pending.remove(key);
    }

    @Override
    public void init(StateStoreContext context, StateStore root) {
        pending.clear();
        context.register(
                root,
                (key, value) -> {
                    throw new IllegalStateException("nothing to restore: there is no changelog");
                });
        open = true;
    }

    @Override
    public void close() {
        pending.clear();
        open = false;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public boolean persistent() {
        return false;
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    /// Neither cached nor logged, whatever is asked: what it holds is made again from the input.
    private record Builder<K, D>(String name) implements StoreBuilder<PendingStore<K, D>> {

        @Override
        public PendingStore<K, D> build() {
            return new PendingStore<>(name);
        }

        @Override
        public Map<String, String> logConfig() {
            return Map.of();
        }

        @Override
        public boolean loggingEnabled() {
            return false;
        }

        @Override
        public StoreBuilder<PendingStore<K, D>> withCachingEnabled() {
            return this;
        }

        @Override
        public StoreBuilder<PendingStore<K, D>> withCachingDisabled() {
            return this;
        }

        @Override
        public StoreBuilder<PendingStore<K, D>> withLoggingEnabled(Map<String, String> config) {
            return this;
        }

        @Override
        public StoreBuilder<PendingStore<K, D>> withLoggingDisabled() {
            return this;
        }
    }
}
