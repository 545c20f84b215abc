package io.tidemill.guarantees.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.guarantees.faults.FaultPlan.Planned;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class FaultPlanTest {

    @Test
    void theSameSeedPlansTheSame() {
        assertThat(FaultPlan.of(7, 600)).isEqualTo(FaultPlan.of(7, 600));
        assertThat(FaultPlan.of(7, 600)).isNotEqualTo(FaultPlan.of(8, 600));
    }

    @Test
    void everythingIsHealedWithinTheRun() {
        assertThat(FaultPlan.of(1, 300).faults())
                .isNotEmpty()
                .allMatch(fault -> fault.endsAtSecond() <= 300);
    }

    @Test
    void everyKindComesInSomeRun() {
        assertThat(
                        LongStream.range(0, 20)
                                .mapToObj(seed -> FaultPlan.of(seed, 600))
                                .flatMap(plan -> plan.faults().stream())
                                .map(Planned::kind)
                                .collect(Collectors.toSet()))
                .containsExactlyInAnyOrder(FaultKind.values());
    }
}
