package io.tidemill.rollup;

import io.tidemill.contract.DirtyHour;
import io.tidemill.contract.RollupKey;

/// What the merge has to say of an hour.
sealed interface Emission {

    /// The absolute numbers of a part of it: a record of `rollups.hourly`.
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Part(RollupKey key, byte[] value) implements Emission {}

    /// That its numbers are not known here any more: those of the raw table hold.
    ///
    /// @param reason as in {@link DirtyHour}
    record Announcement(String reason) implements Emission {}
}
