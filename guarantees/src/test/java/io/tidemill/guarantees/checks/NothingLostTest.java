package io.tidemill.guarantees.checks;

import static io.tidemill.guarantees.checks.Told.identity;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.guarantees.checks.Verdict.Result;
import io.tidemill.guarantees.history.History;
import java.util.Set;
import org.junit.jupiter.api.Test;

class NothingLostTest {

    private final History history =
            new Told()
                    .acknowledged("alpha", "kept", "a")
                    .acknowledged("alpha", "set aside", "b")
                    .unknown("alpha", "perhaps", "c")
                    .refused("alpha", "no", "d")
                    .history();

    @Test
    void holdsWhenEveryAcknowledgedEventIsStoredOrOnRecord() {
        Verdict verdict =
                new NothingLost(
                                Set.of(identity("alpha", "kept")),
                                identity("alpha", "set aside")::equals)
                        .judge(history);

        assertThat(verdict.result()).isEqualTo(Result.HOLDS);
    }

    @Test
    void isBrokenByAnAcknowledgedEventThatIsNowhere() {
        Verdict verdict =
                new NothingLost(Set.of(identity("alpha", "kept")), _ -> false).judge(history);

        assertThat(verdict.result()).isEqualTo(Result.BROKEN);
        assertThat(verdict.told()).singleElement().asString().contains("set aside");
    }

    @Test
    void theSameEventOfAnotherProjectDoesNotMakeUpForIt() {
        Verdict verdict =
                new NothingLost(
                                Set.of(identity("beta", "kept")),
                                identity("alpha", "set aside")::equals)
                        .judge(history);

        assertThat(verdict.findings()).isEqualTo(1);
    }

    @Test
    void countsAnEventThatWasAcknowledgedAgainOnce() {
        History twice =
                new Told()
                        .acknowledged("alpha", "gone", "a")
                        .acknowledged("alpha", "gone", "a")
                        .history();

        assertThat(new NothingLost(Set.of(), _ -> false).judge(twice).findings()).isEqualTo(1);
    }
}
