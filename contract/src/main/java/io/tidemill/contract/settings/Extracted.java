package io.tidemill.contract.settings;

import java.math.BigDecimal;
import java.util.List;

/// What an event counts under, and what it measures, beside what is built in.
///
/// @param unmeasured properties that were to be measured and are no numbers of a size that can be
public record Extracted(List<Counted> counted, List<Measured> measured, int unmeasured) {

    /// Nothing.
    public static final Extracted NONE = new Extracted(List.of(), List.of(), 0);

    public Extracted {
        counted = List.copyOf(counted);
        measured = List.copyOf(measured);
    }

    /// A value of a dimension.
    public record Counted(String dimension, String value) {}

    /// A number of a measure, under a value of a dimension; both empty for the undivided measure.
    ///
    /// @param number as `Measurements.value` gives it
    public record Measured(String measure, String dimension, String value, BigDecimal number) {}

    public boolean isEmpty() {
        return counted.isEmpty() && measured.isEmpty();
    }
}
