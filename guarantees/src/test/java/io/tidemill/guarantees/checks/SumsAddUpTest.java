package io.tidemill.guarantees.checks;

import static io.tidemill.guarantees.checks.Told.identity;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.contract.EventIdentity;
import io.tidemill.guarantees.checks.Verdict.Result;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SumsAddUpTest {

    private static final EventIdentity ONE = identity("alpha", "one");
    private static final EventIdentity TWO = identity("alpha", "two");

    @Test
    void holdsWhenWhatIsOnTheTopicIsStoredOrOnRecord() {
        assertThat(new SumsAddUp(Set.of(ONE, TWO)).judge(Set.of(ONE), Set.of(TWO)).result())
                .isEqualTo(Result.HOLDS);
    }

    @Test
    void isBrokenByWhatIsOnTheTopicAlone() {
        assertThat(new SumsAddUp(Set.of(ONE, TWO)).judge(Set.of(ONE), Set.of()).result())
                .isEqualTo(Result.BROKEN);
    }

    @Test
    void isBrokenByARowThatIsNotOnTheTopic() {
        assertThat(new SumsAddUp(Set.of(ONE)).judge(Set.of(ONE, TWO), Set.of()).result())
                .isEqualTo(Result.BROKEN);
    }
}
