package io.tidemill.rollup;

/// How much an hour holds in its further parts: past a bound, it is left to the raw table.
///
/// @param valueBytes what all values take as JSON, at most
/// @param mostValues values of the dimension that has most
/// @param measures measures, counted once for each value that they are split by
/// @param buckets of all measures' sketches
record PartSizes(int valueBytes, int mostValues, int measures, int buckets) {

    static final PartSizes NONE = new PartSizes(0, 0, 0, 0);

    /// All sketches of measures together take a few times as many bytes.
    private static final int MAX_BUCKETS = 1 << 18;

    PartSizes withDimension(Tally before, Tally now) {
        return new PartSizes(
                valueBytes + now.bytes() - before.bytes(),
                Math.max(mostValues, now.values()),
                measures,
                buckets);
    }

    PartSizes withMeasure(MeasureKey key, int bucketsBefore, int bucketsNow) {
        boolean isNew = bucketsBefore == 0;
        return new PartSizes(
                valueBytes + (isNew ? key.bytes() : 0),
                mostValues,
                measures + (isNew ? 1 : 0),
                buckets + bucketsNow - bucketsBefore);
    }

    /// @param others what the values of the built-in dimensions take
    boolean isWide(int others) {
        return valueBytes + others > HourCounts.MAX_VALUE_BYTES
                || Math.max(mostValues, measures) > HourCounts.MAX_VALUES
                || buckets > MAX_BUCKETS;
    }

    BinaryWriter write(BinaryWriter out) {
        return out.number(valueBytes).number(mostValues).number(measures).number(buckets);
    }

    static PartSizes read(BinaryReader in) {
        return new PartSizes(
                (int) in.number(), (int) in.number(), (int) in.number(), (int) in.number());
    }
}
