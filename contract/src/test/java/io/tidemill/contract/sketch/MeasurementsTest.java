package io.tidemill.contract.sketch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MeasurementsTest {

    private static final long SEED = Long.getLong("seed", System.nanoTime());

    @Test
    void countSumLeastAndGreatestAreExactInAnyOrderAndGrouping() {
        for (int number = 0; number < 1_000; number++) {
            // given
            Random random = new Random(SEED + number);
            List<BigDecimal> values = randomValues(random);

            // when
            Measurements one = new Measurements();
            Measurements other = new Measurements();
            Collections.shuffle(values, random);
            values.forEach(value -> (random.nextBoolean() ? one : other).add(value));
            one.add(other);

            // then
            String seed = "-Dseed=" + (SEED + number);
            assertThat(one.count()).as(seed).isEqualTo(values.size());
            assertThat(one.sum())
                    .as(seed)
                    .isEqualTo(values.stream().reduce(BigDecimal.ZERO, BigDecimal::add));
            assertThat(one.min()).as(seed).isEqualTo(Collections.min(values).doubleValue());
            assertThat(one.max()).as(seed).isEqualTo(Collections.max(values).doubleValue());
            assertThat(one.sketchBytes()).as(seed).isEqualTo(all(values).sketchBytes());
        }
    }

    @Test
    void onePercentileOfOneValueIsThatValue() {
        Measurements cost = all(List.of(value("0.0375")));

        assertThat(cost.percentile(50)).isEqualTo(0.0375);
        assertThat(cost.percentile(99)).isEqualTo(0.0375);
    }

    @Test
    void percentilesStayBetweenTheLeastAndTheGreatest() {
        Measurements times = all(List.of(value("100.7"), value("100.9"), value("900")));

        assertThat(times.percentile(0)).isBetween(100.7, 101.5);
        assertThat(times.percentile(50)).isCloseTo(100.9, within(0.8));
        assertThat(times.percentile(100)).isCloseTo(900, within(7.0)).isLessThanOrEqualTo(900);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "0.1, 0.1",
        "-12.5, -12.5",
        "1e18, 1000000000000000000",
        "-1e18, -1000000000000000000",
        "0.0000000000000000005, 0.000000000000000001",
        "-0.0000000000000000005, -0.000000000000000001",
        "0.00000000000000000049, 0",
        "1.0000000000000000015, 1.000000000000000002",
        "1e-999999999, 0",
        "0e999999999, 0"
    })
    void numbersAreRoundedToEighteenPlacesHalvesAwayFromZero(String number, BigDecimal measured) {
        assertThat(Measurements.value(new BigDecimal(number)))
                .hasValueSatisfying(value -> {
                    assertThat(value).isEqualByComparingTo(measured);
                    assertThat(value.scale()).isEqualTo(18);
                });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1000000000000000001",
                "1000000000000000000.0000000000000000001",
                "-1e19",
                "1e999999999",
                "-1e2147483647"
            })
    void numbersThatAreTooLargeAreNotMeasured(String number) {
        assertThat(Measurements.value(new BigDecimal(number))).isEmpty();
    }

    private static List<BigDecimal> randomValues(Random random) {
        List<BigDecimal> values = new ArrayList<>();
        int size = 1 + random.nextInt(40);
        for (int i = 0; i < size; i++) {
            BigDecimal digits = BigDecimal.valueOf(random.nextLong(), random.nextInt(25));
            Measurements.value(digits).ifPresent(values::add);
        }
        values.add(value("0.25"));
        return values;
    }

    private static Measurements all(List<BigDecimal> values) {
        Measurements all = new Measurements();
        values.forEach(all::add);
        return all;
    }

    private static BigDecimal value(String number) {
        return Measurements.value(new BigDecimal(number)).orElseThrow();
    }
}
