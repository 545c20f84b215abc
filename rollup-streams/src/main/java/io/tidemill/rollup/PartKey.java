package io.tidemill.rollup;

import io.tidemill.contract.RollupKey;
import org.apache.kafka.common.serialization.Serde;

/// A further part of an hour, as the merge keeps it: all parts of an hour lie together, and hours
/// lie in their order.
record PartKey(HourKey hour, String part) {

    static final Serde<PartKey> SERDE = BinarySerde.of(PartKey::encode, PartKey::decode);

    /// A key before all of an hour, and after all of the hour before.
    static PartKey beginningOf(long hourMillis) {
        return new PartKey(HourKey.beginningOf(hourMillis), "");
    }

    RollupKey rollupKey() {
        return new RollupKey(hour.projectId(), hour.hourMillis(), part);
    }

    private byte[] encode() {
        return hour.write(new BinaryWriter()).text(part).bytes();
    }

    private static PartKey decode(byte[] bytes) {
        BinaryReader in = new BinaryReader(bytes);
        return new PartKey(HourKey.read(in), in.requiredText());
    }
}
