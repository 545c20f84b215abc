package io.tidemill.contract;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/// Events of an hour by the value of one dimension, at one revision; a part of the hour.
///
/// @param hourMillis start of the hour, ms since 1970-01-01T00:00:00Z
/// @param dimension a further one: the built-in three are in the hour itself
public record DimensionCounts(
        String projectId,
        long hourMillis,
        String dimension,
        long revision,
        SortedMap<String, Long> counts) {

    public DimensionCounts {
        counts = Collections.unmodifiableSortedMap(new TreeMap<>(counts));
    }

    public RollupKey key() {
        return new RollupKey(projectId, hourMillis, RollupKey.dimensionPart(dimension));
    }
}
