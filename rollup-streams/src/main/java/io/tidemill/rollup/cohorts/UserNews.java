package io.tidemill.rollup.cohorts;

/// What is said of a user: the only two things that cohorts know of.
public sealed interface UserNews {

    /// That the user was active.
    ///
    /// @param day of the event, in days since 1970-01-01 (UTC)
    /// @param receivedHour when the gateway received it, in hours since 1970-01-01T00:00:00Z
    record Active(long day, long receivedHour) implements UserNews {}

    /// That all events of the user that the gateway received before an hour must go.
    ///
    /// @param beforeHour in hours since 1970-01-01T00:00:00Z
    record Erased(long beforeHour) implements UserNews {}
}
