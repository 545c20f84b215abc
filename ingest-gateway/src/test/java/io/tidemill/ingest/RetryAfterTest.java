package io.tidemill.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class RetryAfterTest {

    private static final int MEBIBYTE = 1 << 20;

    private long now = 17;
    private final RetryAfter retryAfter = new RetryAfter(() -> now, new NoSpread());

    @Test
    void theWaitIsTheTimeThatWhatWaitsTakesToDrain() {
        // given
        drain(2 * MEBIBYTE, 60);

        // then
        assertThat(retryAfter.seconds(2 * MEBIBYTE)).isEqualTo(1);
        assertThat(retryAfter.seconds(16 * MEBIBYTE)).isBetween(8, 9);
        assertThat(retryAfter.seconds(32 * MEBIBYTE)).isBetween(16, 17);
    }

    @Test
    void theWaitFollowsTheRate() {
        // given
        drain(16 * MEBIBYTE, 60);
        int fast = retryAfter.seconds(16 * MEBIBYTE);

        // when
        drain(MEBIBYTE, 30);

        // then
        assertThat(fast).isEqualTo(1);
        assertThat(retryAfter.seconds(16 * MEBIBYTE)).isBetween(13, 17);
    }

    @Test
    void whileNothingDrainsTheWaitIsAsLongAsThatHasLasted() {
        // given
        drain(16 * MEBIBYTE, 60);

        // then
        assertThat(retryAfter.seconds(0)).isEqualTo(1);
        pass(7);
        assertThat(retryAfter.seconds(0)).isEqualTo(7);
        pass(5);
        assertThat(retryAfter.seconds(0)).isEqualTo(12);
    }

    @Test
    void anAcknowledgementEndsTheTrouble() {
        // given
        retryAfter.seconds(0);
        pass(15);
        assertThat(retryAfter.seconds(0)).isEqualTo(15);

        // when
        retryAfter.acknowledged(MEBIBYTE);

        // then
        assertThat(retryAfter.seconds(0)).isEqualTo(1);
    }

    @Test
    void beforeTheFirstAcknowledgementTheWaitIsShort() {
        assertThat(retryAfter.seconds(64 * MEBIBYTE)).isEqualTo(1);
    }

    @Test
    void theWaitIsBoundedWhateverWaitsAndHoweverLong() {
        // given
        long seed = System.nanoTime();
        RetryAfter spread = new RetryAfter(() -> now, new Random(seed));

        for (int i = 0; i < 1_000; i++) {
            // when
            spread.acknowledged(1);
            int soon = spread.seconds(0);
            pass(1_000_000);
            int late = spread.seconds(Long.MAX_VALUE);

            // then
            assertThat(soon).as("seed %d", seed).isBetween(1, 2);
            assertThat(late).as("seed %d", seed).isBetween(20, RetryAfter.MAX_SECONDS);
        }
    }

    @Test
    void sendersTurnedAwayTogetherAreToldDifferentTimes() {
        // given
        long seed = System.nanoTime();
        RetryAfter spread = new RetryAfter(() -> now, new Random(seed));
        spread.seconds(0);
        pass(10);

        // when
        Set<Integer> told = new HashSet<>();
        for (int i = 0; i < 1_000; i++) {
            told.add(spread.seconds(0));
        }

        // then
        assertThat(told).as("seed %d", seed).contains(11, 12, 13, 14, 15).hasSizeLessThan(7);
    }

    private void drain(long bytesPerSecond, int seconds) {
        for (int i = 0; i < seconds * 10; i++) {
            now += TimeUnit.MILLISECONDS.toNanos(100);
            retryAfter.acknowledged(bytesPerSecond / 10);
        }
    }

    private void pass(long seconds) {
        now += TimeUnit.SECONDS.toNanos(seconds);
    }

    private static final class NoSpread implements RandomGenerator {

        @Override
        public long nextLong() {
            return 0;
        }
    }
}
