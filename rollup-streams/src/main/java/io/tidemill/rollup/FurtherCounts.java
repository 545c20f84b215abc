package io.tidemill.rollup;

import io.tidemill.contract.settings.Extracted;
import io.tidemill.contract.settings.Extracted.Counted;
import io.tidemill.contract.settings.Extracted.Measured;
import io.tidemill.contract.sketch.Measurements;
import java.util.HashMap;
import java.util.Map;

/// What an hour counts and measures beside the built-in dimensions, or a part of that.
///
/// Not thread-safe: used by the thread of its task.
final class FurtherCounts {

    private final Map<String, Tally> dimensions = new HashMap<>();
    private final Map<MeasureKey, Measurements> measures = new HashMap<>();
    private int valueBytes;
    private int mostValues;
    private int buckets;

    Map<String, Tally> dimensions() {
        return dimensions;
    }

    Map<MeasureKey, Measurements> measures() {
        return measures;
    }

    void add(Extracted event) {
        for (Counted counted : event.counted()) {
            Tally tally = dimension(counted.dimension());
            int bytesBefore = tally.bytes();
            tally.add(counted.value(), 1);
            grew(tally, bytesBefore);
        }
        for (Measured measured : event.measured()) {
            Measurements measurements = measure(MeasureKey.of(measured));
            int bucketsBefore = measurements.buckets();
            measurements.add(measured.number());
            buckets += measurements.buckets() - bucketsBefore;
        }
    }

    void add(FurtherCounts other) {
        other.dimensions.forEach((name, more) -> {
            Tally tally = dimension(name);
            int bytesBefore = tally.bytes();
            tally.add(more);
            grew(tally, bytesBefore);
        });
        other.measures.forEach((key, more) -> {
            Measurements measurements = measure(key);
            int bucketsBefore = measurements.buckets();
            measurements.add(more);
            buckets += measurements.buckets() - bucketsBefore;
        });
    }

    /// Whether it is more than an hour may have.
    ///
    /// @param others what the values of the built-in dimensions take
    boolean isWide(int others) {
        return new PartSizes(valueBytes, mostValues, measures.size(), buckets).isWide(others);
    }

    private void grew(Tally tally, int bytesBefore) {
        valueBytes += tally.bytes() - bytesBefore;
        mostValues = Math.max(mostValues, tally.values());
    }

    boolean isEmpty() {
        return dimensions.isEmpty() && measures.isEmpty();
    }

    private Tally dimension(String name) {
        return dimensions.computeIfAbsent(name, _ -> new Tally());
    }

    private Measurements measure(MeasureKey key) {
        Measurements known = measures.get(key);
        if (known != null) {
            return known;
        }
        Measurements fresh = new Measurements();
        measures.put(key, fresh);
        valueBytes += key.bytes();
        return fresh;
    }

    BinaryWriter write(BinaryWriter out) {
        out.number(dimensions.size());
        dimensions.forEach((name, tally) -> tally.write(out.text(name)));
        out.number(measures.size());
        measures.forEach(
                (key, measurements) -> key.write(out).block(MeasurementsBytes.of(measurements)));
        return out;
    }

    static FurtherCounts read(BinaryReader in) {
        FurtherCounts further = new FurtherCounts();
        long tallies = in.number();
        for (long i = 0; i < tallies; i++) {
            Tally tally = further.dimension(in.requiredText());
            tally.add(Tally.read(in));
            further.grew(tally, 0);
        }
        long measures = in.number();
        for (long i = 0; i < measures; i++) {
            Measurements measurements = further.measure(MeasureKey.read(in));
            measurements.add(MeasurementsBytes.read(in.block()));
            further.buckets += measurements.buckets();
        }
        return further;
    }
}
