package io.tidemill.contract;

import java.math.BigDecimal;

/// A measure of an hour, whole or under a value of a dimension, at one revision; a part of the
/// hour.
///
/// @param hourMillis start of the hour, ms since 1970-01-01T00:00:00Z
/// @param dimension empty, as is the value, for the undivided measure
/// @param count how many numbers were measured, at least 1
/// @param sum exact
/// @param min the least as the nearest double
/// @param max the greatest as the nearest double
/// @param p50 the median, to 1 %; like the other percentiles
/// @param sketch as `QuantileSketch` makes it; kept, not copied
@SuppressWarnings("ArrayRecordComponent") // never compared
public record MeasureNumbers(
        String projectId,
        long hourMillis,
        String measure,
        String dimension,
        String value,
        long revision,
        long count,
        BigDecimal sum,
        double min,
        double max,
        double p50,
        double p95,
        double p99,
        byte[] sketch) {

    public RollupKey key() {
        return new RollupKey(
                projectId, hourMillis, RollupKey.measurePart(measure, dimension, value));
    }
}
