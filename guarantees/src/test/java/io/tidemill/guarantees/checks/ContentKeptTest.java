package io.tidemill.guarantees.checks;

import static io.tidemill.guarantees.checks.Told.row;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.guarantees.checks.Verdict.Result;
import java.util.List;
import org.junit.jupiter.api.Test;

class ContentKeptTest {

    private final ContentKept check =
            new ContentKept(
                    new Sent(
                            new Told()
                                    .acknowledged("alpha", "e", "one")
                                    .acknowledged("alpha", "e", "two")
                                    .refused("alpha", "e", "refused")
                                    .history()));

    @Test
    void holdsForAnyOfSeveralContents() {
        assertThat(check.judge(List.of(row("alpha", "e", "one"))).result()).isEqualTo(Result.HOLDS);
        assertThat(check.judge(List.of(row("alpha", "e", "two"))).result()).isEqualTo(Result.HOLDS);
    }

    @Test
    void isBrokenByAMixtureOfThem() {
        assertThat(check.judge(List.of(row("alpha", "e", "one and two"))).result())
                .isEqualTo(Result.BROKEN);
    }

    @Test
    void isBrokenByTheContentThatWasRefused() {
        assertThat(check.judge(List.of(row("alpha", "e", "refused"))).result())
                .isEqualTo(Result.BROKEN);
    }
}
