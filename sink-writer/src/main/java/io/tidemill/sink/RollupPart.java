package io.tidemill.sink;

import io.tidemill.contract.DimensionCounts;
import io.tidemill.contract.HourlyRollup;
import io.tidemill.contract.MalformedRecordException;
import io.tidemill.contract.MeasureNumbers;
import io.tidemill.contract.RollupCodec;
import io.tidemill.contract.RollupKey;
import io.tidemill.contract.sketch.HourlySketches;

/// A part of an hour, as it came on `rollups.hourly`.
sealed interface RollupPart {

    record OfHour(HourlyRollup rollup) implements RollupPart {

        @Override
        public long revision() {
            return rollup.revision();
        }
    }

    record OfSketches(HourlySketches sketches) implements RollupPart {

        @Override
        public long revision() {
            return sketches.revision();
        }
    }

    record OfDimension(DimensionCounts counts) implements RollupPart {

        @Override
        public long revision() {
            return counts.revision();
        }
    }

    record OfMeasure(MeasureNumbers numbers) implements RollupPart {

        @Override
        public long revision() {
            return numbers.revision();
        }
    }

    long revision();

    /// @throws MalformedRecordException when the value is not that of this key, or the part is not
    ///   known here
    static RollupPart of(RollupKey key, byte[] value) {
        return switch (key.part()) {
            case RollupKey.HOUR -> new OfHour(RollupCodec.decode(key, value));
            case RollupKey.SKETCHES -> new OfSketches(HourlySketches.of(key, value));
            default -> further(key, value);
        };
    }

    private static RollupPart further(RollupKey key, byte[] value) {
        if (key.isDimension()) {
            return new OfDimension(RollupCodec.decodeDimension(key, value));
        }
        if (key.isMeasure()) {
            return new OfMeasure(RollupCodec.decodeMeasure(key, value));
        }
        throw new MalformedRecordException("part of an hour that this version doesn't know");
    }
}
