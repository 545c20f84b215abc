package io.tidemill.rollup;

import io.tidemill.contract.DimensionCounts;
import io.tidemill.contract.MeasureNumbers;
import io.tidemill.contract.RollupCodec;
import io.tidemill.contract.RollupKey;
import io.tidemill.contract.sketch.HourlySketches;
import io.tidemill.contract.sketch.Measurements;
import io.tidemill.contract.sketch.UniqueSketch;
import java.util.ArrayList;
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

    /// What adding did.
    ///
    /// @param changed the parts that changed, at their revision
    /// @param sizes of all parts by now
    record Added(List<Emission.Part> changed, PartSizes sizes) {}

    /// Adds to the parts of the hour.
    ///
    /// @param sizes of its parts so far
    Added add(HourKey hour, HourDelta delta, PartSizes sizes, long revision) {
        List<Emission.Part> changed = new ArrayList<>(addSketches(hour, delta, revision));
        PartSizes now = sizes;
        for (Map.Entry<String, Tally> more : delta.further().dimensions().entrySet()) {
            now = addDimension(hour, more, now, revision, changed);
        }
        for (Map.Entry<MeasureKey, Measurements> more : delta.further().measures().entrySet()) {
            now = addMeasure(hour, more, now, revision, changed);
        }
        return new Added(changed, now);
    }

    private PartSizes addDimension(
            HourKey hour,
            Map.Entry<String, Tally> more,
            PartSizes sizes,
            long revision,
            List<Emission.Part> changed) {
        PartKey part = new PartKey(hour, RollupKey.dimensionPart(more.getKey()));
        byte[] kept = memory.read(part);
        Tally before = kept == null ? new Tally() : Tally.read(new BinaryReader(kept));
        Tally now = new Tally();
        now.add(before);
        now.add(more.getValue());
        memory.write(part, now.write(new BinaryWriter()).bytes());
        DimensionCounts counts =
                new DimensionCounts(
                        hour.projectId(), hour.hourMillis(), more.getKey(), revision, now.sorted());
        changed.add(new Emission.Part(part.rollupKey(), RollupCodec.encode(counts)));
        return sizes.withDimension(before, now);
    }

    private PartSizes addMeasure(
            HourKey hour,
            Map.Entry<MeasureKey, Measurements> more,
            PartSizes sizes,
            long revision,
            List<Emission.Part> changed) {
        PartKey part = new PartKey(hour, more.getKey().part());
        byte[] kept = memory.read(part);
        Measurements now = kept == null ? new Measurements() : MeasurementsBytes.read(kept);
        int bucketsBefore = now.buckets();
        now.add(more.getValue());
        memory.write(part, MeasurementsBytes.of(now));
        MeasureNumbers numbers = numbers(hour, more.getKey(), revision, now);
        changed.add(new Emission.Part(part.rollupKey(), RollupCodec.encode(numbers)));
        return sizes.withMeasure(more.getKey(), bucketsBefore, now.buckets());
    }

    private static MeasureNumbers numbers(
            HourKey hour, MeasureKey key, long revision, Measurements measured) {
        return new MeasureNumbers(
                hour.projectId(),
                hour.hourMillis(),
                key.measure(),
                key.dimension(),
                key.value(),
                revision,
                measured.count(),
                measured.sum(),
                measured.min(),
                measured.max(),
                measured.percentile(50),
                measured.percentile(95),
                measured.percentile(99),
                measured.sketchBytes());
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
