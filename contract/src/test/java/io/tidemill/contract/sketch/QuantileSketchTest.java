package io.tidemill.contract.sketch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tidemill.contract.MalformedRecordException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class QuantileSketchTest {

    private static final long SEED = Long.getLong("seed", System.nanoTime());
    private static final int CASES = 1_000;

    @Test
    void everyPercentileIsWithinOnePercentOfTheValueThatPostgresPicks() {
        for (int number = 0; number < CASES; number++) {
            // given
            Random random = new Random(SEED + number);
            double[] values = randomValues(random);
            Arrays.sort(values);

            // when
            QuantileSketch sketch = sketchOf(values);

            // then
            for (int percent : new int[] {0, 1, 50, 95, 99, 100, random.nextInt(101)}) {
                double exact = percentileDisc(values, percent);
                assertThat(sketch.percentile(percent))
                        .as("-Dseed=%s percent %s", SEED + number, percent)
                        .isCloseTo(exact, within(Math.abs(exact) / 128));
            }
        }
    }

    @Test
    void anyOrderAndGroupingGivesTheSameBytes() {
        for (int number = 0; number < CASES; number++) {
            // given
            Random random = new Random(SEED + number);
            double[] values = randomValues(random);

            // when
            QuantileSketch[] parts = new QuantileSketch[1 + random.nextInt(4)];
            Arrays.setAll(parts, _ -> new QuantileSketch());
            for (int i = values.length - 1; i >= 0; i--) {
                parts[random.nextInt(parts.length)].add(values[i]);
            }
            QuantileSketch merged = new QuantileSketch();
            for (QuantileSketch part : parts) {
                merged.add(QuantileSketch.of(part.bytes()));
            }

            // then
            assertThat(merged.bytes())
                    .as("-Dseed=%s", SEED + number)
                    .isEqualTo(sketchOf(values).bytes());
            assertThat(merged.count()).isEqualTo(values.length);
        }
    }

    @Test
    void aValueThatComesAgainCountsAgain() {
        assertThat(sketchOf(1, 1, 100).percentile(50)).isCloseTo(1, within(0.01));
        assertThat(sketchOf(1, 100, 100).percentile(50)).isCloseTo(100, within(1.0));
        assertThat(sketchOf(1, 1).bytes()).isNotEqualTo(sketchOf(1).bytes());
    }

    @Test
    void theBytesAreThoseOfTheDocumentedExample() {
        assertThat(HexFormat.ofDelimiter(" ").formatHex(sketchOf(0, 1, -1).bytes()))
                .isEqualTo("01 f0 1d 01 c0 ff 03 01 c0 ff 03 01");
    }

    /// Values of every bucket, each as often as a count of the longest form.
    @Test
    void noSketchHasMoreBytesThanItMay() {
        // given
        QuantileSketch sketch = new QuantileSketch();
        for (double value = 1e-18; value <= 1e18; value *= 1 + 1 / 256.0) {
            sketch.add(value);
            sketch.add(-value);
        }
        sketch.add(0);

        // when
        while (sketch.count() < Long.MAX_VALUE / 4) {
            sketch.add(sketch);
        }

        // then
        assertThat(sketch.bytes()).hasSizeBetween(100_000, QuantileSketch.MAX_BYTES);
        assertThat(QuantileSketch.of(sketch.bytes()).bytes()).isEqualTo(sketch.bytes());
        assertThat(QuantileSketch.MAX_BYTES).isLessThan(512 << 10);
        assertThat(sketch.percentile(100)).isCloseTo(1e18, within(1e16));
    }

    @ParameterizedTest
    @ValueSource(
            doubles = {
                1.0000001e18,
                -1.0000001e18,
                1e-20,
                Double.NaN,
                Double.POSITIVE_INFINITY,
                Double.NEGATIVE_INFINITY,
                Double.MIN_VALUE
            })
    void aValueOutOfRangeIsRefused(double value) {
        QuantileSketch sketch = new QuantileSketch();

        assertThatThrownBy(() -> sketch.add(value)).isInstanceOf(IllegalArgumentException.class);
        assertThat(sketch.bytes()).isEqualTo(new QuantileSketch().bytes());
    }

    @Test
    void anEmptySketchHasNoPercentiles() {
        assertThat(new QuantileSketch().bytes()).containsExactly(1);
        assertThatThrownBy(() -> new QuantileSketch().percentile(50))
                .isInstanceOf(IllegalStateException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "02",
                "0101",
                "01800001",
                "010001",
                "010100",
                "0181000101",
                "01018000",
                "01ffffffffffffffff7f01",
                "0101ffffffffffffffff7f0101",
                "0101ffffffffffffffffff01"
            })
    void whatIsNotASketchIsRefused(String hex) {
        assertThatThrownBy(() -> QuantileSketch.of(HexFormat.of().parseHex(hex)))
                .isInstanceOf(MalformedRecordException.class);
    }

    /// Of all sizes, with zeros, negatives and repetitions among them.
    private static double[] randomValues(Random random) {
        double[] values = new double[1 + random.nextInt(300)];
        for (int i = 0; i < values.length; i++) {
            values[i] =
                    switch (random.nextInt(4)) {
                        case 0 -> random.nextInt(5) - 2;
                        case 1 -> random.nextGaussian() * 1e3;
                        default ->
                                Math.pow(10, random.nextDouble() * 35.9 - 17.95)
                                        * (random.nextBoolean() ? 1 : -1);
                    };
        }
        return values;
    }

    private static double percentileDisc(double[] sorted, int percent) {
        int rank = Math.ceilDiv(sorted.length * percent, 100);
        return sorted[Math.max(1, rank) - 1];
    }

    private static QuantileSketch sketchOf(double... values) {
        QuantileSketch sketch = new QuantileSketch();
        for (double value : values) {
            sketch.add(value);
        }
        return sketch;
    }
}
