package io.tidemill.guarantees.checks;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.contract.Event;
import io.tidemill.guarantees.checks.Cohorts.Cell;
import io.tidemill.guarantees.checks.Verdict.Result;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class CohortsTest {

    private static final LocalDate DAY = LocalDate.of(2025, 10, 1);

    private final Cohorts cohorts = new Cohorts(Set.of("alpha"));

    @Test
    void aUserBelongsToTheFirstDayWhateverComesFirst() {
        add("alpha", "ann", 2);
        add("alpha", "ann", 0);
        add("alpha", "ann", 0);
        add("alpha", "bob", 2);

        assertThat(cohorts.cells())
                .containsOnly(
                        Map.entry(cell(0, 0), 1L),
                        Map.entry(cell(0, 2), 1L),
                        Map.entry(cell(2, 0), 1L));
    }

    @Test
    void aGapOfMoreThanNinetyDaysStartsAnew() {
        add("alpha", "ann", 0);
        add("alpha", "ann", 90);
        add("alpha", "ann", 181);

        assertThat(cohorts.cells())
                .containsOnly(
                        Map.entry(cell(0, 0), 1L),
                        Map.entry(cell(0, 90), 1L),
                        Map.entry(cell(181, 0), 1L));
    }

    @Test
    void nobodyAndOtherProjectsDoNotCount() {
        add("alpha", null, 0);
        add("poison", "ann", 0);

        assertThat(cohorts.judge(Map.of(new Cell("poison", DAY, 0), 7L)).result())
                .isEqualTo(Result.HOLDS);
    }

    @Test
    void isBrokenByAnotherNumberAndByACellTooMany() {
        add("alpha", "ann", 0);

        assertThat(cohorts.judge(Map.of(cell(0, 0), 1L)).result()).isEqualTo(Result.HOLDS);
        assertThat(cohorts.judge(Map.of(cell(0, 0), 2L, cell(0, 1), 1L)).findings()).isEqualTo(2);
        assertThat(cohorts.judge(Map.of()).findings()).isEqualTo(1);
    }

    private static Cell cell(int cohortDay, int dayNumber) {
        return new Cell("alpha", DAY.plusDays(cohortDay), dayNumber);
    }

    private void add(String project, @Nullable String user, int day) {
        long time = DAY.plusDays(day).atStartOfDay(ZoneOffset.UTC).toInstant().toEpochMilli();
        cohorts.add(
                new Event(
                        project, "e", "click", user, "s", null, null, false, null, null, null, null,
                        time, time, null));
    }
}
