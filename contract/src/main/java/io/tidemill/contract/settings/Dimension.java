package io.tidemill.contract.settings;

import org.jspecify.annotations.Nullable;

/// Events counted by the value of a property, see {@link DimensionValue}.
///
/// @param name as in `analytics.hourly_rollup_dimensions`
/// @param eventType counts events of this type alone; null: all
public record Dimension(String name, PropertyPath path, @Nullable String eventType) {

    boolean takes(String type) {
        return eventType == null || eventType.equals(type);
    }
}
