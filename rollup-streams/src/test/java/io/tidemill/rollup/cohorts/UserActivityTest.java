package io.tidemill.rollup.cohorts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.contract.MalformedRecordException;
import io.tidemill.rollup.cohorts.UserNews.Active;
import io.tidemill.rollup.cohorts.UserNews.Erased;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UserActivityTest {

    private static final long HOUR = 20_000 * 24;

    @Test
    void whatWasReceivedBeforeAnErasureGoesAndWhatCameLaterStays() {
        // given
        UserActivity user = known(active(100, 1), active(101, 2), active(102, 3));

        // when
        UserActivity erased = user.after(erased(3));

        // then
        assertThat(user.changesTo(erased))
                .isEqualTo(
                        Map.of(
                                new Cell(100, 0), -1,
                                new Cell(100, 1), -1,
                                new Cell(100, 2), -1,
                                new Cell(102, 0), 1));
    }

    @Test
    void aDayStaysWhenAnythingOfItWasReceivedAfterTheErasure() {
        // given the same day was received before and after
        UserActivity user = known(active(100, 1), active(100, 5), active(100, 2));

        // then
        assertThat(user.changesTo(user.after(erased(5)))).isEmpty();
        assertThat(user.changesTo(user.after(erased(6)))).isEqualTo(Map.of(new Cell(100, 0), -1));
    }

    @Test
    void whatComesAfterAnErasureThatCoversItBringsNobodyBack() {
        UserActivity erased = known(erased(5));

        assertThat(erased.after(active(100, 4))).isSameAs(erased);
        assertThat(erased.changesTo(erased.after(active(100, 5))))
                .isEqualTo(Map.of(new Cell(100, 0), 1));
    }

    @Test
    void anEarlierErasureAfterALaterOneChangesNothing() {
        UserActivity erased = known(erased(5));

        assertThat(erased.after(erased(4))).isSameAs(erased);
        assertThat(erased.after(erased(5))).isSameAs(erased);
    }

    @Test
    void whatIsKnownIsNoNews() {
        UserActivity user = known(active(100, 5));

        assertThat(user.after(active(100, 5))).isSameAs(user);
        assertThat(user.after(active(100, 4))).isSameAs(user);
    }

    @Test
    void anErasureIsRememberedWhenAllDaysAreForgotten() {
        // given
        UserActivity user = known(active(100, 1), erased(20_000 * 24));

        // when
        UserActivity forgotten = user.withoutStaysBefore(30_000);

        // then
        assertThat(forgotten.after(active(101, -1))).isSameAs(forgotten);
        assertThat(forgotten.lastDay()).isEqualTo((HOUR + 20_000 * 24) / 24);
    }

    @Test
    void aYearOfDailyUseTakesFewBytes() {
        UserActivity user = UserActivity.NONE;
        for (int day = 0; day < 365; day++) {
            user = user.after(new Active(20_000 + day, (20_000 + day) * 24L + day % 24));
        }

        assertThat(user.bytes()).hasSizeLessThan(450);
        assertThat(UserActivity.of(user.bytes())).isEqualTo(user);
    }

    @Test
    void bytesSurviveTheRoundTripWhateverTheClocks() {
        UserActivity user =
                known(
                        new Active(20_000, Long.MAX_VALUE / 4),
                        new Active(20_001, Long.MIN_VALUE / 4),
                        new Active(20_002, 20_002 * 24L),
                        new Erased(Long.MIN_VALUE / 2));

        assertThat(UserActivity.of(user.bytes())).isEqualTo(user);
        assertThat(UserActivity.of(UserActivity.NONE.bytes())).isEqualTo(UserActivity.NONE);
    }

    @Test
    void whatIsNotAnActivityIsRefused() {
        byte[] bytes = known(active(100, 1), active(103, 2)).bytes();
        for (int length = 0; length < bytes.length; length++) {
            byte[] cut = Arrays.copyOf(bytes, length);
            assertThatThrownBy(() -> UserActivity.of(cut))
                    .isInstanceOf(MalformedRecordException.class);
        }
        assertThatThrownBy(() -> UserActivity.of(Arrays.copyOf(bytes, bytes.length + 1)))
                .isInstanceOf(MalformedRecordException.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {-30, 0, 7})
    void aDayThatAGatewayLetsInIsCounted(int ahead) {
        assertThat(CohortWindow.counts(20_000 + ahead, 20_000)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(longs = {-31, 8, 100_000_000_000L, -100_000_000_000L})
    void aDayThatNoGatewayLetsInIsNot(long ahead) {
        assertThat(CohortWindow.counts(20_000 + ahead, 20_000)).isFalse();
    }

    private static UserActivity known(UserNews... news) {
        UserActivity user = UserActivity.NONE;
        for (UserNews each : news) {
            user = user.after(each);
        }
        return user;
    }

    private static Active active(long day, long receivedHour) {
        return new Active(day, HOUR + receivedHour);
    }

    private static Erased erased(long beforeHour) {
        return new Erased(HOUR + beforeHour);
    }
}
