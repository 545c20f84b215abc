package io.tidemill.ingest.throttling;

import java.util.concurrent.TimeUnit;

/// What a project has left of one of its limits, after a request took its part or was turned away.
///
/// @param kind what is counted
/// @param capacity the most that can be taken at once
/// @param remaining what can be taken now
/// @param nanosUntilFull how long until everything can be taken
/// @param nanosUntilEnough how long until this request can be taken; 0 when it was
public record Quota(
        Kind kind, long capacity, long remaining, long nanosUntilFull, long nanosUntilEnough) {

    /// What a limit counts.
    public enum Kind {
        EVENTS,
        BYTES
    }

    /// Whether the request is within the limit.
    public boolean isGranted() {
        return nanosUntilEnough == 0;
    }

    /// Whole seconds, rounded up.
    public long secondsUntilFull() {
        return seconds(nanosUntilFull);
    }

    /// Whole seconds, rounded up: never too early, and at least 1 when there is anything to wait
    /// for.
    public long secondsUntilEnough() {
        return seconds(nanosUntilEnough);
    }

    private static long seconds(long nanos) {
        return Math.ceilDiv(nanos, TimeUnit.SECONDS.toNanos(1));
    }
}
