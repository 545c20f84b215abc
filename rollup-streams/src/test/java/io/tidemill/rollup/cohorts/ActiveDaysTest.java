package io.tidemill.rollup.cohorts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.contract.MalformedRecordException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ActiveDaysTest {

    private static final long SEED = Long.getLong("seed", System.nanoTime());
    private static final int CASES = 2_000;

    @Test
    void theFirstDayIsTheCohortAndOthersAreCountedFromIt() {
        assertThat(days(100, 101, 190).cells())
                .containsExactly(new Cell(100, 0), new Cell(100, 1), new Cell(100, 90));
    }

    @Test
    void aStayGoesOnBeyondItsLastCell() {
        // given gaps of 90 days and less
        ActiveDays days = days(100, 190, 280, 281);

        // then the user is never new again
        assertThat(days.cells()).containsExactly(new Cell(100, 0), new Cell(100, 90));
    }

    @Test
    void aGapOfMoreThanNinetyDaysStartsAnew() {
        assertThat(days(100, 191, 192).cells())
                .containsExactly(new Cell(100, 0), new Cell(191, 0), new Cell(191, 1));
    }

    @Test
    void aDayThatIsKnownChangesNothing() {
        ActiveDays days = days(100, 107);

        assertThat(days.with(107)).isEqualTo(days);
        assertThat(days.changesTo(days.with(107))).isEmpty();
    }

    @Test
    void aLateDayBeforeTheFirstMovesTheUser() {
        ActiveDays days = days(100, 107);

        assertThat(days.changesTo(days.with(98)))
                .isEqualTo(
                        Map.of(
                                new Cell(98, 0), 1,
                                new Cell(98, 2), 1,
                                new Cell(98, 9), 1,
                                new Cell(100, 0), -1,
                                new Cell(100, 7), -1));
    }

    @Test
    void aLateDayInAGapJoinsTwoStays() {
        ActiveDays days = days(100, 200, 290);

        assertThat(days.changesTo(days.with(150)))
                .isEqualTo(
                        Map.of(new Cell(100, 50), 1, new Cell(200, 0), -1, new Cell(200, 90), -1));
    }

    @Test
    void anErasedUserLeavesAllCells() {
        assertThat(days(100, 101, 300).changesTo(ActiveDays.NONE))
                .isEqualTo(
                        Map.of(
                                new Cell(100, 0), -1,
                                new Cell(100, 1), -1,
                                new Cell(300, 0), -1));
    }

    /// In any order, with repetitions, through bytes, and with forgetting on the way: the sum of
    /// all changes is what a plain look at the set of days gives.
    @Test
    void theChangesAddUpToTheReferenceInAnyOrder() {
        for (int number = 0; number < CASES; number++) {
            // given
            Random random = new Random(SEED + number);
            List<Long> arrivals = randomDays(random);

            // when
            TreeMap<Cell, Integer> table = new TreeMap<>();
            ActiveDays days = ActiveDays.NONE;
            for (long day : arrivals) {
                ActiveDays after = ActiveDays.of(days.with(day).bytes());
                days.changesTo(after).forEach((cell, by) -> table.merge(cell, by, Integer::sum));
                days = after;
            }
            table.values().removeIf(users -> users == 0);

            // then
            String seed = "-Dseed=" + (SEED + number) + " " + arrivals;
            assertThat(table.keySet()).as(seed).isEqualTo(reference(arrivals));
            assertThat(table.values()).as(seed).allMatch(users -> users == 1);
            assertThat(days.changesTo(ActiveDays.NONE).keySet()).as(seed).isEqualTo(table.keySet());
        }
    }

    /// Events that are up to `maxEventAge` days late, while days pass and what can't change is
    /// forgotten.
    @Test
    void forgettingChangesNoCell() {
        int maxEventAge = 29;
        for (int number = 0; number < CASES; number++) {
            // given
            Random random = new Random(SEED + number);
            List<Long> arrivals = new ArrayList<>();
            TreeMap<Cell, Integer> table = new TreeMap<>();
            ActiveDays days = ActiveDays.NONE;

            // when
            long today = 20_000;
            for (int step = 0; step < 60; step++) {
                today += random.nextInt(10) == 0 ? random.nextInt(130) : random.nextInt(12);
                days = days.withoutStaysBefore(ActiveDays.forgottenBefore(today, maxEventAge));
                long day = today - (random.nextBoolean() ? 0 : random.nextInt(maxEventAge + 1));
                arrivals.add(day);
                ActiveDays after = days.with(day);
                days.changesTo(after).forEach((cell, by) -> table.merge(cell, by, Integer::sum));
                days = after;
            }
            table.values().removeIf(users -> users == 0);

            // then
            String seed = "-Dseed=" + (SEED + number) + " " + arrivals;
            assertThat(table.keySet()).as(seed).isEqualTo(reference(arrivals));
            assertThat(table.values()).as(seed).allMatch(users -> users == 1);
        }
    }

    @Test
    void aStayIsForgottenOnceItsLastDayIsLongGone() {
        ActiveDays days = days(100, 150, 300);

        assertThat(days.withoutStaysBefore(150)).isEqualTo(days);
        assertThat(days.withoutStaysBefore(151)).isEqualTo(days(300));
        assertThat(days.withoutStaysBefore(300)).isEqualTo(days(300));
        assertThat(days.withoutStaysBefore(301).isEmpty()).isTrue();
        assertThat(ActiveDays.forgottenBefore(1_000, 29)).isEqualTo(880);
    }

    @Test
    void aYearOfDailyUseTakesFewBytes() {
        ActiveDays days = ActiveDays.NONE;
        for (int day = 0; day < 365; day++) {
            days = days.with(20_000 + day);
        }

        assertThat(days.bytes()).hasSize(9 + 46);
        assertThat(days.cells()).hasSize(91);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "01",
                "020000000000004e2001",
                "010000000000004e20",
                "010000000000004e2002",
                "010000000000004e200100"
            })
    void whatIsNotASetOfDaysIsRefused(String hex) {
        assertThatThrownBy(() -> ActiveDays.of(HexFormat.of().parseHex(hex)))
                .isInstanceOf(MalformedRecordException.class);
    }

    /// The rules once more, in the plainest way.
    private static SortedSet<Cell> reference(List<Long> arrivals) {
        SortedSet<Cell> cells = new TreeSet<>();
        long cohort = Long.MIN_VALUE;
        long before = Long.MIN_VALUE / 2;
        for (long day : new TreeSet<>(arrivals)) {
            if (day - before > 90) {
                cohort = day;
            }
            if (day - cohort <= 90) {
                cells.add(new Cell(cohort, (int) (day - cohort)));
            }
            before = day;
        }
        return cells;
    }

    private static List<Long> randomDays(Random random) {
        List<Long> days = new ArrayList<>();
        int span = random.nextBoolean() ? 100 : 1_000;
        for (int i = random.nextInt(25); i >= 0; i--) {
            days.add(20_000L + random.nextInt(span));
        }
        days.addAll(days.subList(0, days.size() / 2));
        Collections.shuffle(days, random);
        return days;
    }

    private static ActiveDays days(long... days) {
        ActiveDays active = ActiveDays.NONE;
        for (long day : days) {
            active = active.with(day);
        }
        return active;
    }
}
