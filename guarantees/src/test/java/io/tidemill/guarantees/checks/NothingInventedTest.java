package io.tidemill.guarantees.checks;

import static io.tidemill.guarantees.checks.Told.row;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.guarantees.checks.Verdict.Result;
import java.util.List;
import org.junit.jupiter.api.Test;

class NothingInventedTest {

    private final NothingInvented check =
            new NothingInvented(
                    new Sent(
                            new Told()
                                    .acknowledged("alpha", "acknowledged", "a")
                                    .unknown("alpha", "unknown", "b")
                                    .unknown("alpha", null, "nameless")
                                    .refused("alpha", "refused", "c")
                                    .refused("alpha", "refused first", "d")
                                    .acknowledged("alpha", "refused first", "d")
                                    .history()));

    @Test
    void holdsForWhatWasAcknowledgedAtLeastOnceOrIsUnknown() {
        Verdict verdict =
                check.judge(
                        List.of(
                                row("alpha", "acknowledged", "a"),
                                row("alpha", "unknown", "b"),
                                row("alpha", "refused first", "d")));

        assertThat(verdict.result()).isEqualTo(Result.HOLDS);
    }

    @Test
    void holdsForAnIdThatWasMintedAndNeverTold() {
        Verdict verdict = check.judge(List.of(row("alpha", "evt_minted", "nameless")));

        assertThat(verdict.result()).isEqualTo(Result.HOLDS);
    }

    @Test
    void isBrokenByARowOfWhatWasRefused() {
        assertThat(check.judge(List.of(row("alpha", "refused", "c"))).told())
                .singleElement()
                .asString()
                .startsWith("refused and stored");
    }

    @Test
    void isBrokenByARowThatNobodySent() {
        assertThat(check.judge(List.of(row("beta", "acknowledged", "a"))).result())
                .isEqualTo(Result.BROKEN);
        assertThat(check.judge(List.of(row("alpha", "evt_minted", "other"))).result())
                .isEqualTo(Result.BROKEN);
    }
}
