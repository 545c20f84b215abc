package io.tidemill.sink;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.projects.Retention;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class KeptDaysTest {

    private static final Duration MAX_AGE = Duration.ofDays(29);
    private static final Instant NOW = Instant.parse("2026-03-31T00:00:00Z");

    @Test
    void aDayGoesWhenItsEndIsPastTheWindow() {
        assertThat(at(NOW).goneBefore(Retention.parse("30d")))
                .contains(Instant.parse("2026-03-01T00:00:00Z"));
    }

    @Test
    void aMomentBeforeMidnightTheDayStays() {
        assertThat(at(NOW.minusMillis(1)).goneBefore(Retention.parse("30d")))
                .contains(Instant.parse("2026-02-28T00:00:00Z"));
    }

    @Test
    void nothingGoesOfAWindowWithoutEnd() {
        assertThat(at(NOW).goneBefore(Retention.parse("forever"))).isEmpty();
    }

    @Test
    void aDayWaitsUntilAllThatWasAcceptedForItHasCome() {
        // given
        Instant behind = NOW.minus(Duration.ofDays(2));

        // when
        KeptDays days = new KeptDays(NOW, behind, MAX_AGE);

        // then
        assertThat(days.goneBefore(Retention.parse("30d")))
                .contains(Instant.parse("2026-02-28T00:00:00Z"));
    }

    @Test
    void withAWindowShorterThanTheOldestEventADayWaitsNoLongerThanTheWindow() {
        assertThat(at(NOW).goneBefore(Retention.parse("3d")))
                .contains(Instant.parse("2026-03-28T00:00:00Z"));
    }

    @Test
    void nothingGoesWhileNothingIsKnownToBeComplete() {
        KeptDays days = new KeptDays(NOW, Instant.EPOCH, MAX_AGE);

        assertThat(days.goneBefore(Retention.parse("30d")).orElseThrow()).isBefore(Instant.EPOCH);
    }

    private static KeptDays at(Instant now) {
        return new KeptDays(now, now, MAX_AGE);
    }
}
