package io.tidemill.rollup;

import org.apache.kafka.common.serialization.Serde;

/// What the merge keeps of an hour: all its counts so far, and how often it was emitted.
///
/// @param sizes of its further parts, which lie elsewhere
/// @param agreement by which settings it was counted
/// @param isLeft whether it is left to the raw table, since it has too many values or was counted
///   by several settings; then nothing is counted any more
record HourState(
        long emissions, HourCounts counts, PartSizes sizes, Agreement agreement, boolean isLeft) {

    static final Serde<HourState> SERDE = BinarySerde.of(HourState::encode, HourState::decode);

    /// The generation is above these bits of a revision.
    private static final int EMISSION_BITS = 40;

    static HourState empty() {
        return new HourState(0, new HourCounts(), PartSizes.NONE, Agreement.NONE, false);
    }

    /// The state after this many more counts; takes over the counts of this one.
    HourState plus(HourDelta more) {
        counts.add(more.counts());
        return new HourState(emissions + 1, counts, sizes, agreement.and(more.agreement()), false);
    }

    HourState with(PartSizes sizes) {
        return new HourState(emissions, counts, sizes, agreement, isLeft);
    }

    /// Without its counts, never to be counted again.
    HourState left() {
        return new HourState(emissions, new HourCounts(), PartSizes.NONE, agreement, true);
    }

    boolean isWide() {
        return counts.isWide() || sizes.isWide(counts.valueBytes());
    }

    /// Larger with each emission, and with each generation.
    long revision(int generation) {
        return ((long) generation << EMISSION_BITS) | emissions;
    }

    private byte[] encode() {
        BinaryWriter out = agreement.write(new BinaryWriter().number(emissions));
        return isLeft ? out.bytes() : counts.write(sizes.write(out)).bytes();
    }

    private static HourState decode(byte[] bytes) {
        BinaryReader in = new BinaryReader(bytes);
        long emissions = in.number();
        Agreement agreement = Agreement.read(in);
        if (in.isAtEnd()) {
            return new HourState(emissions, new HourCounts(), PartSizes.NONE, agreement, true);
        }
        PartSizes sizes = PartSizes.read(in);
        return new HourState(emissions, HourCounts.read(in), sizes, agreement, false);
    }
}
