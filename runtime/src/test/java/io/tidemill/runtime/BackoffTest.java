package io.tidemill.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BackoffTest {

    private final Backoff backoff = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(30));

    @ParameterizedTest
    @CsvSource({"1, 100", "2, 200", "5, 1600", "9, 25600", "10, 30000", "2000000000, 30000"})
    void waitsDoubleUpToTheLongestAndLieInTheUpperHalf(int failures, long ceilingMillis) {
        long seed = System.nanoTime();
        Random random = new Random(seed);

        for (int draw = 0; draw < 1_000; draw++) {
            assertThat(backoff.delay(failures, random))
                    .as("seed %d", seed)
                    .isBetween(
                            Duration.ofMillis(ceilingMillis / 2), Duration.ofMillis(ceilingMillis));
        }
    }

    @Test
    void longFirstWaitsDoNotOverflow() {
        Backoff yearly = new Backoff(Duration.ofDays(365), Duration.ofDays(36_500));

        assertThat(yearly.delay(60, new Random(1)))
                .isBetween(Duration.ofDays(18_250), Duration.ofDays(36_500));
    }

    @Test
    void waitsThatMakeNoSenseAreRefused() {
        assertThatThrownBy(() -> new Backoff(Duration.ofSeconds(2), Duration.ofSeconds(1)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Backoff(Duration.ZERO, Duration.ofSeconds(1)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> backoff.delay(0, new Random(1)))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
