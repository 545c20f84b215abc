package io.tidemill.rollup;

import io.tidemill.contract.Hash128;
import java.nio.ByteBuffer;
import java.util.Map;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/// {@link Seen} in RocksDB: one point look-up a question, which a bloom filter answers when the
/// answer is no.
///
/// The key is hour, kind, hash. The hash covers the project. The hour stands first, so that what
/// expires together lies together.
final class SeenStore implements Seen {

    private static final int KEY_BYTES = Long.BYTES + 1 + Hash128.BYTES;
    private static final byte[] PRESENT = {};

    private final KeyValueStore<Bytes, byte[]> store;

    SeenStore(KeyValueStore<Bytes, byte[]> store) {
        this.store = store;
    }

    /// Not cached: nearly every key is new, and asked for once.
    static StoreBuilder<KeyValueStore<Bytes, byte[]>> builder(String name) {
        return Stores.keyValueStoreBuilder(
                        Stores.persistentKeyValueStore(name), Serdes.Bytes(), Serdes.ByteArray())
                .withCachingDisabled()
                .withLoggingEnabled(Map.of());
    }

    /// A key before all of an hour, and after all of the hour before.
    static Bytes beginningOf(long hourMillis) {
        return Bytes.wrap(ByteBuffer.allocate(Long.BYTES).putLong(hourMillis).array());
    }

    @Override
    public boolean first(Kind kind, long hourMillis, Hash128 hash) {
        byte[] key =
                ByteBuffer.allocate(KEY_BYTES)
                        .putLong(hourMillis)
                        .put(kind.code())
                        .putLong(hash.high())
                        .putLong(hash.low())
                        .array();
        return store.putIfAbsent(Bytes.wrap(key), PRESENT) == null;
    }
}
