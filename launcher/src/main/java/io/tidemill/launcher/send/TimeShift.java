package io.tidemill.launcher.send;

import io.tidemill.contract.Hours;

/// Moves timestamps by one whole number of hours, so that what is counted by the hour stays
/// together.
///
/// @param hours may be negative; 0 moves nothing
record TimeShift(long hours) {

    static final TimeShift NONE = new TimeShift(0);

    /// The shift that brings the newest timestamp into the last hour that is over.
    static TimeShift toLastFullHour(long newestMillis, long nowMillis) {
        long lastFullHour = Hours.startOf(nowMillis) - Hours.MILLIS;
        return new TimeShift((lastFullHour - Hours.startOf(newestMillis)) / Hours.MILLIS);
    }
}
