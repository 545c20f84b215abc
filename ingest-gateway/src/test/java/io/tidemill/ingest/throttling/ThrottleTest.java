package io.tidemill.ingest.throttling;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.ingest.throttling.Quota.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ThrottleTest {

    private static final long SECOND = 1_000_000_000;

    private final AtomicLong clock = new AtomicLong();
    private final Throttle throttle = new Throttle(5_000, 10 << 20, clock::get);

    @Test
    void withoutALimitNothingIsCounted() {
        assertThat(throttle.take("shop", Kind.EVENTS, null, 5_000)).isEmpty();
        assertThat(throttle.look("shop", Kind.BYTES, null, 10 << 20)).isEmpty();
    }

    @Test
    void aBucketHoldsTheLargestRequestHoweverLowTheRate() {
        // when
        Quota events = throttle.take("shop", Kind.EVENTS, 10L, 5_000).orElseThrow();
        Quota bytes = throttle.take("shop", Kind.BYTES, 1L, 10 << 20).orElseThrow();

        // then
        assertThat(events)
                .isEqualTo(new Quota(Kind.EVENTS, 5_000, 0, 500 * SECOND, 0))
                .matches(Quota::isGranted);
        assertThat(bytes.isGranted()).isTrue();
        assertThat(bytes.capacity()).isEqualTo(10 << 20);
    }

    @Test
    void aHighRateIsTheCapacityItself() {
        assertThat(throttle.take("shop", Kind.EVENTS, 80_000L, 1).orElseThrow())
                .isEqualTo(new Quota(Kind.EVENTS, 80_000, 79_999, 12_500, 0));
    }

    @Test
    void whoIsTurnedAwayIsToldWhenThereIsRoomAndPaysNothing() {
        // given
        throttle.take("shop", Kind.EVENTS, 10L, 4_995);

        // when
        Quota refused = throttle.take("shop", Kind.EVENTS, 10L, 20).orElseThrow();

        // then
        assertThat(refused.isGranted()).isFalse();
        assertThat(refused.remaining()).isEqualTo(5);
        assertThat(refused.secondsUntilEnough()).isEqualTo(2);
        assertThat(refused.secondsUntilFull()).isEqualTo(500);
        clock.addAndGet(3 * SECOND / 2);
        assertThat(throttle.take("shop", Kind.EVENTS, 10L, 20).orElseThrow().isGranted()).isTrue();
    }

    @Test
    void lookingTakesNothing() {
        // when
        Quota first = throttle.look("shop", Kind.BYTES, 1_000L, 5_000).orElseThrow();
        Quota second = throttle.look("shop", Kind.BYTES, 1_000L, 5_000).orElseThrow();

        // then
        assertThat(first).isEqualTo(second);
        assertThat(first.remaining()).isEqualTo(10 << 20);
    }

    @Test
    void projectsAndKindsDoNotShare() {
        // given
        throttle.take("noisy", Kind.EVENTS, 1L, 5_000);

        // then
        assertThat(throttle.take("noisy", Kind.EVENTS, 1L, 1).orElseThrow().isGranted()).isFalse();
        assertThat(throttle.take("noisy", Kind.BYTES, 1L, 1).orElseThrow().isGranted()).isTrue();
        assertThat(throttle.take("quiet", Kind.EVENTS, 1L, 5_000).orElseThrow().isGranted())
                .isTrue();
    }

    @Test
    void aChangedLimitHoldsFromItsChangeOn() {
        // given
        throttle.take("shop", Kind.EVENTS, 1L, 5_000);

        // when
        Quota raised = throttle.take("shop", Kind.EVENTS, 10_000L, 10_000).orElseThrow();

        // then
        assertThat(raised.isGranted()).isTrue();
        assertThat(throttle.take("shop", Kind.EVENTS, 10_000L, 1).orElseThrow().isGranted())
                .isFalse();
    }

    @Test
    void threadsTogetherTakeNoMoreThanThereIs() throws Exception {
        // given
        int threads = 4;
        List<Future<Integer>> granted = new ArrayList<>();

        // when
        try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
            for (int i = 0; i < threads; i++) {
                granted.add(
                        pool.submit(() -> {
                            int mine = 0;
                            for (int j = 0; j < 2_000; j++) {
                                if (throttle.take("shop", Kind.EVENTS, 1L, 1)
                                        .orElseThrow()
                                        .isGranted()) {
                                    mine++;
                                }
                            }
                            return mine;
                        }));
            }
        }

        // then
        int sum = 0;
        for (Future<Integer> one : granted) {
            sum += one.get();
        }
        assertThat(sum).isEqualTo(5_000);
    }
}
