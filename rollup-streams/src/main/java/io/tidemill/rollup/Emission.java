package io.tidemill.rollup;

import io.tidemill.contract.HourlyRollup;

/// What the merge has to say of an hour.
sealed interface Emission {

    /// Its absolute numbers.
    record Rollup(HourlyRollup rollup) implements Emission {}

    /// That its numbers are no longer known here: the raw table's are the ones that hold.
    record Expired() implements Emission {}
}
