package io.tidemill.guarantees.checks;

import static io.tidemill.guarantees.checks.Told.row;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.guarantees.checks.Verdict.Result;
import java.util.List;
import org.junit.jupiter.api.Test;

class TenantsApartTest {

    private final TenantsApart check =
            new TenantsApart(
                    new Told()
                            .acknowledged("alpha", "shared", "of alpha")
                            .acknowledged("beta", "shared", "of beta")
                            .history());

    @Test
    void holdsWhenEachProjectHasItsOwn() {
        Verdict verdict =
                check.judge(
                        List.of(
                                row("alpha", "shared", "of alpha"),
                                row("beta", "shared", "of beta")));

        assertThat(verdict.result()).isEqualTo(Result.HOLDS);
    }

    @Test
    void isBrokenByARowThatAnotherProjectSent() {
        assertThat(check.judge(List.of(row("beta", "shared", "of alpha"))).result())
                .isEqualTo(Result.BROKEN);
    }
}
