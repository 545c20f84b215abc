package io.tidemill.guarantees.checks;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.guarantees.checks.Verdict.Result;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RecoveryTest {

    private final Recovery check = new Recovery(Duration.ofMinutes(2));

    @Test
    void holdsWhenAllIsSettledInTime() {
        assertThat(check.judge(Optional.of(Duration.ofMinutes(2)), List.of()).result())
                .isEqualTo(Result.HOLDS);
    }

    @Test
    void isBrokenByTakingLonger() {
        assertThat(check.judge(Optional.of(Duration.ofSeconds(121)), List.of()).result())
                .isEqualTo(Result.BROKEN);
        assertThat(check.judge(Optional.empty(), List.of()).result()).isEqualTo(Result.BROKEN);
    }

    @Test
    void isBrokenByAPartThatIsNotReady() {
        assertThat(check.judge(Optional.of(Duration.ZERO), List.of("sink-1: 503")).result())
                .isEqualTo(Result.BROKEN);
    }
}
