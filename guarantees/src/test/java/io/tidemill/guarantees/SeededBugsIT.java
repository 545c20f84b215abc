package io.tidemill.guarantees;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.guarantees.bugs.SeededBug;
import io.tidemill.guarantees.checks.Guarantee;
import io.tidemill.guarantees.checks.Verdict;
import io.tidemill.guarantees.checks.Verdict.Result;
import io.tidemill.guarantees.faults.FaultKind;
import io.tidemill.guarantees.faults.FaultPlan;
import io.tidemill.guarantees.faults.FaultPlan.Planned;
import io.tidemill.guarantees.processes.Jvm;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A judge that is never seen to say no is worth nothing. Each bug meets the fault that brings it
/// to light, and would be found in a longer run by chance.
@Tag("torture")
class SeededBugsIT {

    private static final long SEED = 42;
    private static final Duration LENGTH = Duration.ofSeconds(45);
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    @ParameterizedTest
    @EnumSource
    void theJudgeFinds(SeededBug bug) throws Exception {
        // given
        Path folder = WorkFolder.temporary();
        Jvm jvm = bug.plant(folder.resolve("bug"), Torture.ofThisProcess());
        Run.Setup setup =
                new Run.Setup(
                        SEED,
                        bug == SeededBug.ACKNOWLEDGED_BY_ONE_BROKER ? 3 : 1,
                        LENGTH,
                        folder,
                        jvm,
                        new FaultPlan(faults(bug)),
                        PATIENCE);

        // when
        Report report = new Run(setup, System.out::println).carryOut();

        // then
        report.lines().forEach(System.out::println);
        Set<Guarantee> broken =
                report.verdicts().stream()
                        .filter(verdict -> verdict.result() == Result.BROKEN)
                        .map(Verdict::guarantee)
                        .collect(Collectors.toSet());
        assertThat(broken).contains(breaks(bug));
        WorkFolder.delete(folder);
    }

    private static Guarantee breaks(SeededBug bug) {
        return switch (bug) {
            case ACKNOWLEDGED_BY_ONE_BROKER,
                    ACKNOWLEDGED_BEFORE_THE_BROKER,
                    OFFSETS_OUTSIDE_THE_TRANSACTION,
                    NO_COMPARE_AND_SET,
                    COMMITS_NOT_WAITED_FOR_AND_OFFSETS_ELSEWHERE ->
                    Guarantee.I1;
            case NO_DEDUPE, NO_MARK_BY_THE_WRITER -> Guarantee.I6;
            case REVISION_IGNORED -> Guarantee.I7;
        };
    }

    private static List<Planned> faults(SeededBug bug) {
        return switch (bug) {
            case ACKNOWLEDGED_BY_ONE_BROKER ->
                    List.of(
                            new Planned(FaultKind.STRAND_LEADER, 8, 4, 0),
                            new Planned(FaultKind.STRAND_LEADER, 26, 4, 1));
            case ACKNOWLEDGED_BEFORE_THE_BROKER ->
                    List.of(new Planned(FaultKind.PAUSE_BROKER, 10, 20, 0));
            case OFFSETS_OUTSIDE_THE_TRANSACTION, COMMITS_NOT_WAITED_FOR_AND_OFFSETS_ELSEWHERE ->
                    IntStream.iterate(5, second -> second < 44, second -> second + 6)
                            .mapToObj(second -> new Planned(FaultKind.KILL_POSTGRES, second, 0, 0))
                            .toList();
            case NO_COMPARE_AND_SET -> List.of(new Planned(FaultKind.RESTORE_POSTGRES, 8, 20, 0));
            case REVISION_IGNORED ->
                    List.of(
                            new Planned(FaultKind.STALE_ROLLUPS, 20, 0, 0),
                            new Planned(FaultKind.STALE_ROLLUPS, 44, 0, 0));
            case NO_DEDUPE, NO_MARK_BY_THE_WRITER -> List.of();
        };
    }
}
