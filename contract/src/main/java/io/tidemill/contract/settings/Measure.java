package io.tidemill.contract.settings;

import java.math.BigDecimal;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A number that events carry in a property, added up over the hour, and by the values of
/// dimensions.
///
/// @param name as in `analytics.hourly_rollup_measures`
/// @param eventType measures events of this type alone; null: all
/// @param where measures those events alone that have these values, by the path of a property
/// @param factor by which each number is multiplied
/// @param by names of dimensions by which it is split, beside the undivided one
public record Measure(
        String name,
        PropertyPath path,
        @Nullable String eventType,
        Map<String, String> where,
        BigDecimal factor,
        List<String> by) {

    public Measure {
        where = Collections.unmodifiableMap(new TreeMap<>(where));
        by = List.copyOf(by);
    }

    boolean takes(String type) {
        return eventType == null || eventType.equals(type);
    }
}
