package io.tidemill.ingest.throttling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

class TokenBucketTest {

    private static final long SECOND = 1_000_000_000;

    /// `System.nanoTime()` may be anything, and may pass the largest number.
    private final long start = new Random(1).nextLong(5 * SECOND) + Long.MAX_VALUE - 9 * SECOND;

    private record Taken(long atNanos, long tokens) {}

    @Test
    void aFullBucketGivesItsCapacityAtOnceAndNoMore() {
        // given
        TokenBucket bucket = TokenBucket.full(5_000, 10, start);

        // when
        TokenBucket empty = bucket.take(5_000, start);

        // then
        assertThat(bucket.available(start)).isEqualTo(5_000);
        assertThat(empty.available(start)).isZero();
        assertThat(empty.nanosUntil(1, start)).isEqualTo(SECOND / 10);
        assertThat(empty.nanosUntil(5_000, start)).isEqualTo(500 * SECOND);
        assertThat(empty.nanosUntilFull(start)).isEqualTo(500 * SECOND);
        assertThatIllegalStateException().isThrownBy(() -> empty.take(1, start));
    }

    @Test
    void tokensComeBackAtTheRateUpToTheCapacity() {
        // given
        TokenBucket empty = TokenBucket.full(100, 10, start).take(100, start);

        // then
        assertThat(empty.available(start + SECOND - 1)).isEqualTo(9);
        assertThat(empty.available(start + SECOND)).isEqualTo(10);
        assertThat(empty.available(start + 10 * SECOND)).isEqualTo(100);
        assertThat(empty.available(start + 1_000 * SECOND)).isEqualTo(100);
    }

    @Test
    void theLargestAndTheSmallestFitIntoNumbers() {
        for (long perSecond : new long[] {1, 3, SECOND - 1, SECOND}) {
            // given
            TokenBucket empty = TokenBucket.full(SECOND, perSecond, start).take(SECOND, start);

            // then
            long wait = empty.nanosUntil(SECOND, start);
            assertThat(wait).isEqualTo(Math.ceilDiv(SECOND * SECOND, perSecond));
            assertThat(empty.available(start)).isZero();
            assertThat(empty.available(start + wait)).isEqualTo(SECOND);
        }
    }

    @Test
    void whatItCanNeverHoldIsAMistake() {
        TokenBucket bucket = TokenBucket.full(10, 1, start);

        assertThatIllegalArgumentException().isThrownBy(() -> bucket.nanosUntil(11, start));
        assertThatIllegalArgumentException().isThrownBy(() -> bucket.take(-1, start));
        assertThatIllegalArgumentException().isThrownBy(() -> TokenBucket.full(0, 1, start));
        assertThatIllegalArgumentException().isThrownBy(() -> TokenBucket.full(1, 0, start));
    }

    @RepeatedTest(200)
    void noSpanOfTimeYieldsMoreThanTheCapacityAndTheRate() {
        // given
        long seed = System.nanoTime();
        Random random = new Random(seed);
        long capacity = 1 + random.nextLong(1_000);
        long perSecond = 1 + random.nextLong(2_000);
        TokenBucket bucket = TokenBucket.full(capacity, perSecond, start);
        List<Taken> taken = new ArrayList<>();
        long now = start;

        // when
        for (int i = 0; i < 200; i++) {
            now += random.nextLong(random.nextBoolean() ? 3 : SECOND / 5);
            long tokens = random.nextLong(capacity + 1);
            long available = bucket.available(now);
            long wait = bucket.nanosUntil(tokens, now);
            if (wait > 0) {
                // Refused means: as many whole tokens are not there; and the wait is long enough.
                assertThat(bucket.nanosUntil(tokens, now + wait - 1))
                        .as("seed %d", seed)
                        .isEqualTo(1);
                assertThat(bucket.nanosUntil(tokens, now + wait)).as("seed %d", seed).isZero();
                if (random.nextBoolean()) {
                    continue;
                }
                now += wait;
            } else {
                assertThat(tokens).as("seed %d", seed).isLessThanOrEqualTo(available + 1);
            }
            bucket = bucket.take(tokens, now);
            taken.add(new Taken(now, tokens));
        }

        // then
        for (int from = 0; from < taken.size(); from++) {
            long sum = 0;
            for (int to = from; to < taken.size(); to++) {
                sum += taken.get(to).tokens();
                long nanos = taken.get(to).atNanos() - taken.get(from).atNanos();
                assertThat(BigInteger.valueOf(sum - capacity).multiply(BigInteger.valueOf(SECOND)))
                        .as("seed %d", seed)
                        .isLessThanOrEqualTo(
                                BigInteger.valueOf(nanos)
                                        .multiply(BigInteger.valueOf(perSecond))
                                        // The capacity itself is rounded up to whole nanoseconds.
                                        .add(BigInteger.valueOf(perSecond)));
            }
        }
    }

    @RepeatedTest(50)
    void whoeverTakesWhateverIsThereGetsTheRate() {
        // given
        long seed = System.nanoTime();
        Random random = new Random(seed);
        long perSecond = 100 + random.nextLong(100_000);
        TokenBucket bucket = TokenBucket.full(1_000, perSecond, start).take(1_000, start);
        long now = start;
        long sum = 0;

        // when
        for (int i = 0; i < 1_000; i++) {
            // Never so long that it could be full.
            now += random.nextLong(500 * SECOND / perSecond);
            long available = bucket.available(now);
            if (bucket.nanosUntil(available, now) == 0) {
                bucket = bucket.take(available, now);
                sum += available;
            }
        }

        // then
        double expected = (double) perSecond * (now - start) / SECOND;
        assertThat((double) sum).as("seed %d", seed).isBetween(expected * 0.97 - 2, expected + 1);
    }
}
