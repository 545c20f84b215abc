package io.tidemill.guarantees.checks;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.guarantees.checks.RevisionsGrow.Part;
import io.tidemill.guarantees.checks.Verdict.Result;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RevisionsGrowTest {

    private static final Part HOUR = new Part("alpha hour");

    private final RevisionsGrow check = new RevisionsGrow();

    @Test
    void holdsWhenRevisionsGrowToTheNewest() {
        check.look(0, Map.of(HOUR, 1L));
        check.look(0, Map.of(HOUR, 4L));

        assertThat(check.judge(Map.of(HOUR, 5L), Map.of(HOUR, 5L)).result())
                .isEqualTo(Result.HOLDS);
    }

    @Test
    void isBrokenByARevisionThatWentBackAndCameAgain() {
        check.look(0, Map.of(HOUR, 5L));
        check.look(0, Map.of(HOUR, 4L));

        assertThat(check.judge(Map.of(HOUR, 5L), Map.of(HOUR, 5L)).told())
                .containsExactly("went back from 5 to 4: alpha hour");
    }

    @Test
    void anOlderDatabaseStartsAnew() {
        check.look(0, Map.of(HOUR, 5L));
        check.look(2, Map.of(HOUR, 4L));

        assertThat(check.judge(Map.of(), Map.of()).result()).isEqualTo(Result.HOLDS);
    }

    @Test
    void isBrokenByAnEndThatIsNotTheNewest() {
        assertThat(check.judge(Map.of(HOUR, 5L), Map.of(HOUR, 4L)).result())
                .isEqualTo(Result.BROKEN);
        assertThat(check.judge(Map.of(HOUR, 5L), Map.of()).result()).isEqualTo(Result.BROKEN);
    }
}
