package io.tidemill.guarantees.checks;

import static io.tidemill.guarantees.checks.Told.row;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.guarantees.checks.Verdict.Result;
import java.util.List;
import org.junit.jupiter.api.Test;

class OnceTest {

    @Test
    void holdsWhenOnlyProjectsShareAnId() {
        Verdict verdict = Once.judge(List.of(row("alpha", "e", "a"), row("beta", "e", "a")));

        assertThat(verdict.result()).isEqualTo(Result.HOLDS);
    }

    @Test
    void isBrokenByASecondRowWhateverItSays() {
        Verdict verdict = Once.judge(List.of(row("alpha", "e", "a"), row("alpha", "e", "b")));

        assertThat(verdict.result()).isEqualTo(Result.BROKEN);
    }
}
