package io.tidemill.rollup;

import io.tidemill.contract.RollupKey;
import io.tidemill.contract.settings.Extracted.Measured;

/// A measure under a value of a dimension; both empty for the undivided one.
record MeasureKey(String measure, String dimension, String value) {

    static MeasureKey of(Measured measured) {
        return new MeasureKey(measured.measure(), measured.dimension(), measured.value());
    }

    String part() {
        return RollupKey.measurePart(measure, dimension, value);
    }

    int bytes() {
        return Tally.jsonBytes(value);
    }

    BinaryWriter write(BinaryWriter out) {
        return out.text(measure).text(dimension).text(value);
    }

    static MeasureKey read(BinaryReader in) {
        return new MeasureKey(in.requiredText(), in.requiredText(), in.requiredText());
    }
}
