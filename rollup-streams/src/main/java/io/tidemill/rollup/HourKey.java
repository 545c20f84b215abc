package io.tidemill.rollup;

import io.tidemill.contract.RollupKey;
import org.apache.kafka.common.serialization.Serde;

/// An hour of a project: the key of everything between `events` and `rollups.hourly`.
///
/// @param hourMillis start of the hour, ms since 1970-01-01T00:00:00Z
record HourKey(String projectId, long hourMillis) {

    static final Serde<HourKey> SERDE =
            BinarySerde.of(
                    hour -> hour.write(new BinaryWriter()).bytes(),
                    bytes -> read(new BinaryReader(bytes)));

    /// A key before all of an hour, and after all of the hour before: no project has an empty name.
    static HourKey beginningOf(long hourMillis) {
        return new HourKey("", hourMillis);
    }

    RollupKey rollupKey() {
        return new RollupKey(projectId, hourMillis, RollupKey.HOUR);
    }

    BinaryWriter write(BinaryWriter out) {
        return out.fixedLong(hourMillis).text(projectId);
    }

    static HourKey read(BinaryReader in) {
        long hourMillis = in.fixedLong();
        return new HourKey(in.requiredText(), hourMillis);
    }
}
