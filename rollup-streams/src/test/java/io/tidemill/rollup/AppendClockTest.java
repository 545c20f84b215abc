package io.tidemill.rollup;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class AppendClockTest {

    private final List<Long> written = new ArrayList<>();
    private final AppendClock.Memory memory =
            new AppendClock.Memory() {
                @Override
                public long read() {
                    return written.isEmpty() ? 0 : written.getLast();
                }

                @Override
                public void write(long newest) {
                    written.add(newest);
                }
            };

    @Test
    void itShowsTheNewestTimeWhateverComesAfter() {
        AppendClock clock = new AppendClock(memory);

        assertThat(clock.saw(1_000_000)).isEqualTo(1_000_000);
        assertThat(clock.saw(7)).isEqualTo(1_000_000);
    }

    @Test
    void itIsWrittenOnceAMinute() {
        AppendClock clock = new AppendClock(memory);

        for (long second = 0; second <= 300; second++) {
            clock.saw(1_000_000 + second * 1_000);
        }

        assertThat(written)
                .containsExactly(
                        1_000_000L, 1_060_000L, 1_120_000L, 1_180_000L, 1_240_000L, 1_300_000L);
    }

    @Test
    void whatIsStoredIsNeverAheadOfWhatIsJudgedBy() {
        AppendClock one = new AppendClock(memory);
        AppendClock other = new AppendClock(memory);
        one.saw(1_000_000);

        assertThat(other.saw(5)).isEqualTo(1_000_000);

        other.saw(9_000_000);
        assertThat(one.saw(5)).isEqualTo(9_000_000);
    }
}
