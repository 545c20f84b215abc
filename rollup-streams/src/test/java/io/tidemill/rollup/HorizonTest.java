package io.tidemill.rollup;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.contract.DirtyHour;
import io.tidemill.contract.Hours;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class HorizonTest {

    private static final long HOUR = Hours.MILLIS;
    private static final long NOW = 1_000_000 * HOUR + 17;

    private final Horizon horizon = Horizon.of(Duration.ofHours(24));

    @Test
    void anEventIsCountedFromTheHorizonUpToAnHourAhead() {
        assertThat(horizon.refusal(NOW - 24 * HOUR, NOW, NOW)).isNull();
        assertThat(horizon.refusal(NOW - 24 * HOUR - 1, NOW, NOW)).isEqualTo(DirtyHour.LATE);
        assertThat(horizon.refusal(NOW + HOUR, NOW, NOW)).isNull();
        assertThat(horizon.refusal(NOW + HOUR + 1, NOW, NOW)).isEqualTo(DirtyHour.AHEAD);
    }

    @Test
    void aheadIsMeasuredFromItsOwnAppendTimeAndLateFromTheNewest() {
        long behind = NOW - 10 * HOUR;

        assertThat(horizon.refusal(behind + HOUR + 1, behind, NOW)).isEqualTo(DirtyHour.AHEAD);
        assertThat(horizon.refusal(behind - 14 * HOUR, behind, NOW)).isNull();
        assertThat(horizon.refusal(behind - 14 * HOUR - 1, behind, NOW)).isEqualTo(DirtyHour.LATE);
    }

    @Test
    void noTimestampIsTooWildToJudge() {
        assertThat(horizon.refusal(Long.MAX_VALUE, NOW, NOW)).isEqualTo(DirtyHour.AHEAD);
        assertThat(horizon.refusal(Long.MIN_VALUE, NOW, NOW)).isEqualTo(DirtyHour.LATE);
    }

    @Test
    void whatIsKeptReachesTwoHoursBeyondTheHorizon() {
        assertThat(horizon.keptFrom(NOW)).isEqualTo(Hours.startOf(NOW) - 26 * HOUR);
        assertThat(horizon.hasExpired(Hours.startOf(NOW) - 26 * HOUR, NOW)).isFalse();
        assertThat(horizon.hasExpired(Hours.startOf(NOW) - 27 * HOUR, NOW)).isTrue();
    }
}
