package io.tidemill.contract;

/// Hours as rollups mean them: whole hours of UTC, named by the milliseconds of their start.
public final class Hours {

    public static final long MILLIS = 3_600_000;

    private Hours() {}

    /// The start of the hour that holds this instant.
    public static long startOf(long timestampMillis) {
        return Math.floorDiv(timestampMillis, MILLIS) * MILLIS;
    }
}
