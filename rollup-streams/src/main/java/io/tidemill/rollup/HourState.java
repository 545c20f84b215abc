package io.tidemill.rollup;

import org.apache.kafka.common.serialization.Serde;

/// What the merge keeps of an hour: all its counts so far, and how often it was emitted.
///
/// @param isLeft whether it is left to the raw table, since it has too many values; then nothing is
///   counted any more
record HourState(long emissions, HourCounts counts, boolean isLeft) {

    static final Serde<HourState> SERDE = BinarySerde.of(HourState::encode, HourState::decode);

    /// The generation is above these bits of a revision.
    private static final int EMISSION_BITS = 40;

    static HourState empty() {
        return new HourState(0, new HourCounts(), false);
    }

    /// The state after this many more counts; takes over the counts of this one.
    HourState plus(HourCounts more) {
        counts.add(more);
        return counts.isWide()
                ? new HourState(emissions, new HourCounts(), true)
                : new HourState(emissions + 1, counts, false);
    }

    /// Larger with each emission, and with each generation.
    long revision(int generation) {
        return ((long) generation << EMISSION_BITS) | emissions;
    }

    private byte[] encode() {
        BinaryWriter out = new BinaryWriter().number(emissions);
        return isLeft ? out.bytes() : counts.write(out).bytes();
    }

    private static HourState decode(byte[] bytes) {
        BinaryReader in = new BinaryReader(bytes);
        long emissions = in.number();
        return in.isAtEnd()
                ? new HourState(emissions, new HourCounts(), true)
                : new HourState(emissions, HourCounts.read(in), false);
    }
}
