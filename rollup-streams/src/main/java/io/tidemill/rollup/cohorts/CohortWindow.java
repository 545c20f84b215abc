package io.tidemill.rollup.cohorts;

/// Which days are counted, and how long users are remembered, in days since 1970-01-01 (UTC). All
/// clocks are those of the broker: the times at which records were appended to `events`.
public final class CohortWindow {

    /// No gateway can be told to accept older events; a day more for what waits before it is
    /// appended.
    private static final int MAX_AGE_DAYS = 29 + 1;

    /// As far ahead as the raw table has partitions.
    private static final int MAX_AHEAD_DAYS = 7;

    /// `events` keeps 7 days, of a quiet partition up to twice that: no record is read later than
    /// so after one of another partition.
    private static final int MAX_APART_DAYS = 14;

    private CohortWindow() {}

    /// Whether a day is counted at all: a function of the event alone. No gateway lets others in.
    ///
    /// @param appendedDay when the event was appended to `events`
    public static boolean counts(long day, long appendedDay) {
        return day >= appendedDay - MAX_AGE_DAYS && day <= appendedDay + MAX_AHEAD_DAYS;
    }

    /// Stays that ended before it can't change any more, and are forgotten.
    ///
    /// @param today the newest day on which a record was appended
    public static long forgottenBefore(long today) {
        return ActiveDays.forgottenBefore(today, MAX_AGE_DAYS + MAX_APART_DAYS);
    }

    /// The day on which it is time to look whether something of a user can be forgotten.
    ///
    /// @param lastDay the last one that anything is known of
    public static long lookAgainOn(long today, long lastDay) {
        return Math.max(today, lastDay) + (today - forgottenBefore(today)) + 1;
    }
}
