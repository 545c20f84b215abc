package io.tidemill.rollup;

import io.tidemill.contract.DirtyHour;
import io.tidemill.contract.HourlyRollup;

/// What the merge has to say of an hour.
sealed interface Emission {

    /// Its absolute numbers.
    record Rollup(HourlyRollup rollup) implements Emission {}

    /// That its numbers are not known here any more: those of the raw table hold.
    ///
    /// @param reason as in {@link DirtyHour}
    record Announcement(String reason) implements Emission {}
}
