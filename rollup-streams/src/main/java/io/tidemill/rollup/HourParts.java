package io.tidemill.rollup;

import io.tidemill.contract.RollupKey;
import io.tidemill.contract.sketch.HourlySketches;
import io.tidemill.contract.sketch.UniqueSketch;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;
import org.jspecify.annotations.Nullable;

/// What the merge keeps of the further parts of hours: each part by itself, so that only what
/// changes is read, written and emitted.
final class HourParts {

    /// Where they are kept.
    interface Memory {

        /// Null when the part is not known.
        byte @Nullable [] read(PartKey part);

        void write(PartKey part, byte[] value);
    }

    private final Memory memory;

    HourParts(Memory memory) {
        this.memory = memory;
    }

    static HourParts in(KeyValueStore<PartKey, byte[]> store) {
        return new HourParts(
                new Memory() {
                    @Override
                    public byte @Nullable [] read(PartKey part) {
                        return store.get(part);
                    }

                    @Override
                    public void write(PartKey part, byte[] value) {
                        store.put(part, value);
                    }
                });
    }

    static StoreBuilder<KeyValueStore<PartKey, byte[]>> builder(String name) {
        return Stores.keyValueStoreBuilder(
                        Stores.persistentKeyValueStore(name), PartKey.SERDE, Serdes.ByteArray())
                .withCachingDisabled()
                .withLoggingEnabled(Map.of());
    }

    /// Adds to the parts of the hour.
    ///
    /// @return those that changed, at this revision
    List<Emission.Part> add(HourKey hour, HourDelta delta, long revision) {
        return addSketches(hour, delta, revision);
    }

    private List<Emission.Part> addSketches(HourKey hour, HourDelta delta, long revision) {
        if (!delta.hasIds()) {
            return List.of();
        }
        PartKey part = new PartKey(hour, RollupKey.SKETCHES);
        byte[] before = memory.read(part);
        HourlySketches sketches =
                before == null
                        ? sketches(part.rollupKey(), 0, new UniqueSketch(), new UniqueSketch())
                        : HourlySketches.of(part.rollupKey(), before);
        sketches.sessions().add(delta.sessions());
        sketches.users().add(delta.users());
        if (before != null && Arrays.equals(sketches.bytes(), before)) {
            return List.of();
        }
        byte[] now =
                sketches(part.rollupKey(), revision, sketches.sessions(), sketches.users()).bytes();
        memory.write(part, now);
        return List.of(new Emission.Part(part.rollupKey(), now));
    }

    private static HourlySketches sketches(
            RollupKey key, long revision, UniqueSketch sessions, UniqueSketch users) {
        return new HourlySketches(key.projectId(), key.hourMillis(), revision, sessions, users);
    }
}
