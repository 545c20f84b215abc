package io.tidemill.rollup;

import io.tidemill.contract.sketch.Measurements;
import java.math.BigDecimal;
import java.math.BigInteger;

/// Measurements as the topology keeps them and passes them on.
final class MeasurementsBytes {

    private MeasurementsBytes() {}

    static byte[] of(Measurements measurements) {
        return new BinaryWriter()
                .block(measurements.sum().unscaledValue().toByteArray())
                .fixedLong(Double.doubleToRawLongBits(measurements.min()))
                .fixedLong(Double.doubleToRawLongBits(measurements.max()))
                .block(measurements.sketchBytes())
                .bytes();
    }

    static Measurements read(byte[] bytes) {
        BinaryReader in = new BinaryReader(bytes);
        return Measurements.of(
                new BigDecimal(new BigInteger(in.block()), Measurements.SCALE),
                Double.longBitsToDouble(in.fixedLong()),
                Double.longBitsToDouble(in.fixedLong()),
                in.block());
    }
}
