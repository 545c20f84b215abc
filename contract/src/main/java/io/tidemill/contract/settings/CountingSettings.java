package io.tidemill.contract.settings;

import java.util.List;
import java.util.Optional;

/// What is counted beside the built-in dimensions, which are always.
public record CountingSettings(List<Dimension> dimensions, List<Measure> measures) {

    /// Just what is built in.
    public static final CountingSettings NONE = new CountingSettings(List.of(), List.of());

    /// Dimensions that are always counted, in each record of the hour itself.
    public static final List<String> BUILT_IN = List.of("event_type", "tool", "risk_mode");

    public CountingSettings {
        dimensions = List.copyOf(dimensions);
        measures = List.copyOf(measures);
    }

    /// Whether there is nothing to count.
    public boolean isEmpty() {
        return dimensions.isEmpty() && measures.isEmpty();
    }

    Optional<Dimension> dimension(String name) {
        return dimensions.stream().filter(dimension -> dimension.name().equals(name)).findFirst();
    }
}
