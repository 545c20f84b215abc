package io.tidemill.contract.sketch;

import io.tidemill.contract.MalformedRecordException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Optional;

/// The values of a measure: count, sum, least and greatest exactly, percentiles to 1 %.
///
/// Measurements add up in any order: equal multisets of values make equal measurements.
///
/// Not thread-safe.
public final class Measurements {

    /// Decimal places of a value and of a sum.
    public static final int SCALE = 18;

    /// Values up to 10^18 in size are measured.
    private static final BigDecimal LIMIT = BigDecimal.TEN.pow(18);

    private final QuantileSketch sketch = new QuantileSketch();
    private BigDecimal sum = BigDecimal.ZERO.setScale(SCALE);
    private double min = Double.POSITIVE_INFINITY;
    private double max = Double.NEGATIVE_INFINITY;

    /// A number as it is measured: rounded to {@link #SCALE} places, halves away from zero.
    ///
    /// Looks at the exponent first: a number of a few characters may have a billion digits.
    ///
    /// @return empty when the number is more than 10^18 in size
    public static Optional<BigDecimal> value(BigDecimal number) {
        long digitsBeforePoint = (long) number.precision() - number.scale();
        if (number.signum() == 0 || digitsBeforePoint < -SCALE) {
            return Optional.of(BigDecimal.ZERO.setScale(SCALE));
        }
        if (digitsBeforePoint > 19 || number.abs().compareTo(LIMIT) > 0) {
            return Optional.empty();
        }
        return Optional.of(number.setScale(SCALE, RoundingMode.HALF_UP));
    }

    /// Adds a value.
    ///
    /// @param value as {@link #value} gives it
    public void add(BigDecimal value) {
        double near = value.doubleValue();
        sketch.add(near);
        sum = sum.add(value.setScale(SCALE, RoundingMode.UNNECESSARY));
        min = Math.min(min, near);
        max = Math.max(max, near);
    }

    /// Adds what others measured; they stay as they are.
    public void add(Measurements other) {
        sketch.add(other.sketch);
        sum = sum.add(other.sum);
        min = Math.min(min, other.min);
        max = Math.max(max, other.max);
    }

    /// What was measured before.
    ///
    /// @param sum with at most {@link #SCALE} places
    /// @param sketch as {@link #sketchBytes} gives it
    /// @throws MalformedRecordException when the sketch can't be read
    public static Measurements of(BigDecimal sum, double min, double max, byte[] sketch) {
        Measurements measurements = new Measurements();
        measurements.sketch.add(QuantileSketch.of(sketch));
        measurements.sum = sum.setScale(SCALE, RoundingMode.UNNECESSARY);
        measurements.min = min;
        measurements.max = max;
        return measurements;
    }

    /// How much there is to keep: different values, as far as they are told apart.
    public int buckets() {
        return sketch.buckets();
    }

    public long count() {
        return sketch.count();
    }

    /// With {@link #SCALE} places.
    public BigDecimal sum() {
        return sum;
    }

    /// The least value as the nearest double; infinite while there is none.
    public double min() {
        return min;
    }

    /// The greatest value as the nearest double; negative infinite while there is none.
    public double max() {
        return max;
    }

    /// As {@link QuantileSketch#percentile}, and never beyond the least or the greatest value.
    ///
    /// @throws IllegalStateException when nothing was measured
    public double percentile(int percent) {
        return Math.clamp(sketch.percentile(percent), min, max);
    }

    /// As {@link QuantileSketch#bytes}.
    public byte[] sketchBytes() {
        return sketch.bytes();
    }
}
