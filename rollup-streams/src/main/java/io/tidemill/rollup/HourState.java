package io.tidemill.rollup;

import org.apache.kafka.common.serialization.Serde;

/// What the merge keeps of an hour: all its counts so far, and how often it was emitted.
record HourState(long emissions, HourCounts counts) {

    static final Serde<HourState> SERDE = BinarySerde.of(HourState::encode, HourState::decode);

    /// The generation is above these bits of a revision.
    private static final int EMISSION_BITS = 40;

    static HourState empty() {
        return new HourState(0, new HourCounts());
    }

    /// The state after this many more counts; takes over the counts of this one.
    HourState plus(HourCounts more) {
        counts.add(more);
        return new HourState(emissions + 1, counts);
    }

    /// Larger with each emission, and with each generation.
    long revision(int generation) {
        return ((long) generation << EMISSION_BITS) | emissions;
    }

    private byte[] encode() {
        return counts.write(new BinaryWriter().number(emissions)).bytes();
    }

    private static HourState decode(byte[] bytes) {
        BinaryReader in = new BinaryReader(bytes);
        return new HourState(in.number(), HourCounts.read(in));
    }
}
