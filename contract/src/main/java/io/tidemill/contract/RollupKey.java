package io.tidemill.contract;

import java.util.List;

/// Names one part of one hour of one project; the key of a record on `rollups.hourly`.
///
/// @param hourMillis start of the hour, ms since 1970-01-01T00:00:00Z
/// @param part {@link #HOUR}, or the name of a further part of the hour
public record RollupKey(String projectId, long hourMillis, String part) {

    /// The hour itself: its totals, its uniques and the three built-in dimensions.
    public static final String HOUR = "hour";

    /// The different sessions and users of the hour, as sketches that add up.
    public static final String SKETCHES = "sketches";

    private static final String DIMENSION = "dimension/";
    private static final String MEASURE = "measure/";
    private static final int MEASURE_NAMES = 3;

    /// The part of a dimension: its counts by value.
    public static String dimensionPart(String dimension) {
        return DIMENSION + dimension;
    }

    /// The part of a measure under a value of a dimension.
    ///
    /// @param dimension empty, as is the value, for the undivided measure
    public static String measurePart(String measure, String dimension, String value) {
        return MEASURE + measure + '/' + dimension + '/' + value;
    }

    public boolean isDimension() {
        return part.startsWith(DIMENSION);
    }

    public boolean isMeasure() {
        return part.startsWith(MEASURE);
    }

    /// The name of the dimension whose part this is.
    ///
    /// @throws MalformedRecordException when it is none's
    public String dimension() {
        if (!isDimension() || part.length() == DIMENSION.length()) {
            throw new MalformedRecordException("part is not that of a dimension");
        }
        return part.substring(DIMENSION.length());
    }

    /// Measure, dimension and value of the part of a measure. A value may hold any character.
    ///
    /// @throws MalformedRecordException when it is not that of a measure
    public List<String> measure() {
        List<String> names =
                isMeasure()
                        ? List.of(part.substring(MEASURE.length()).split("/", MEASURE_NAMES))
                        : List.of();
        if (names.size() != MEASURE_NAMES || names.getFirst().isEmpty()) {
            throw new MalformedRecordException("part is not that of a measure");
        }
        return names;
    }

    /// The partition of `rollups.hourly`: all parts of an hour share one.
    public int partition(int partitions) {
        return Hash128.of(projectId, Long.toString(hourMillis)).bucket(partitions);
    }
}
