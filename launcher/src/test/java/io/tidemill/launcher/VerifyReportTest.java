package io.tidemill.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.sink.CohortReconciliation;
import io.tidemill.sink.CohortReconciliation.ComparedCohorts;
import io.tidemill.sink.Reconciliation.ComparedHour;
import io.tidemill.sink.Reconciliation.Status;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class VerifyReportTest {

    private static final Instant ONE = Instant.parse("2025-10-18T01:00:00Z");
    private static final ComparedHour EQUAL = new ComparedHour("a", ONE, Status.EQUAL, "");
    private static final ComparedHour DIFFERENT =
            new ComparedHour("b", ONE, Status.DIFFERENT, "total_events 3, raw 4");
    private static final ComparedHour OPEN = new ComparedHour("c", ONE, Status.OPEN, "");

    @Test
    void everyHourIsALineAndTheLastSumsUp() {
        assertThat(new VerifyReport(List.of(EQUAL, DIFFERENT, OPEN)).lines())
                .containsExactly(
                        "2025-10-18T01:00:00Z  a  equal",
                        "2025-10-18T01:00:00Z  b  different: total_events 3, raw 4",
                        "2025-10-18T01:00:00Z  c  open",
                        "1 hours agree, 1 differ, 1 are open, 0 are expired");
    }

    @Test
    void oneDifferenceIsDisagreementAndAnOpenHourIsNot() {
        assertThat(new VerifyReport(List.of(EQUAL, DIFFERENT)).allAgree()).isFalse();
        assertThat(new VerifyReport(List.of(EQUAL, OPEN)).allAgree()).isTrue();
        assertThat(new VerifyReport(List.of()).allAgree()).isTrue();
    }

    @Test
    void programsGetCountsAndHours() {
        assertThat(new VerifyReport(List.of(DIFFERENT)).json())
                .isEqualTo(
                        "{\"equal\":0,\"different\":1,\"open\":0,\"expired\":0,\"hours\":["
                                + "{\"project_id\":\"b\",\"hour\":\"2025-10-18T01:00:00Z\","
                                + "\"status\":\"different\","
                                + "\"difference\":\"total_events 3, raw 4\"}]}");
    }

    @Test
    void onlyAnOpenHourThatIsOverIsWorthAnotherLook() {
        VerifyReport report = new VerifyReport(List.of(EQUAL, OPEN));

        assertThat(report.waitsFor(ONE.plusSeconds(3_600))).isTrue();
        assertThat(report.waitsFor(ONE.plusSeconds(3_599))).isFalse();
        assertThat(new VerifyReport(List.of(EQUAL)).waitsFor(ONE.plusSeconds(9_999))).isFalse();
    }

    @Test
    void cohortsHaveALineEachAndADifferenceOfThemIsDisagreement() {
        // given
        ComparedCohorts different =
                new ComparedCohorts(
                        "b", CohortReconciliation.Status.DIFFERENT, "2025-10-18 day 3: 2, raw 1");
        ComparedCohorts apart =
                new ComparedCohorts(
                        "c",
                        CohortReconciliation.Status.NOT_COMPARABLE,
                        "cohorts reach back to 2025-08-01, raw events to 2025-10-01");

        // when
        VerifyReport report = new VerifyReport(List.of(), List.of(different, apart));

        // then
        assertThat(report.lines())
                .startsWith(
                        "cohorts  b  different: 2025-10-18 day 3: 2, raw 1",
                        "cohorts  c  not_comparable: cohorts reach back to 2025-08-01, raw events"
                                + " to 2025-10-01");
        assertThat(report.allAgree()).isFalse();
        assertThat(new VerifyReport(List.of(), List.of(apart)).allAgree()).isTrue();
        assertThat(report.json())
                .contains("\"cohorts\":[{\"project_id\":\"b\",\"status\":\"different\"");
    }
}
