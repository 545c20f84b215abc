package io.tidemill.contract;

/// Names one part of one hour of one project; the key of a record on `rollups.hourly`.
///
/// @param hourMillis start of the hour, ms since 1970-01-01T00:00:00Z
/// @param part {@link #HOUR}, or the name of a further part of the hour
public record RollupKey(String projectId, long hourMillis, String part) {

    /// The hour itself: its totals, its uniques and the three built-in dimensions.
    public static final String HOUR = "hour";

    /// The different sessions and users of the hour, as sketches that add up.
    public static final String SKETCHES = "sketches";

    /// The partition of `rollups.hourly`: all parts of an hour share one.
    public int partition(int partitions) {
        return Hash128.of(projectId, Long.toString(hourMillis)).bucket(partitions);
    }
}
