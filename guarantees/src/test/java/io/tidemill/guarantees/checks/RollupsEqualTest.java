package io.tidemill.guarantees.checks;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.guarantees.checks.Counts.Hour;
import io.tidemill.guarantees.checks.Verdict.Result;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RollupsEqualTest {

    private static final Hour HOUR = new Hour("alpha", 0);
    private static final Hour NEXT = new Hour("alpha", 3_600_000);

    private final Counts raw = new Counts();
    private final Counts rollups = new Counts();
    private final RollupsEqual check = new RollupsEqual(raw);

    @Test
    void holdsWhenAllNumbersAreTheSame() {
        raw.put(HOUR, "events", 2);
        rollups.put(HOUR, "events", 2);

        assertThat(judge(List.of()).result()).isEqualTo(Result.HOLDS);
    }

    @Test
    void isBrokenByAnotherNumber() {
        raw.put(HOUR, "events", 2);
        rollups.put(HOUR, "events", 3);

        assertThat(judge(List.of()).told())
                .containsExactly("table, alpha 1970-01-01T00:00:00Z: events 3, raw 2");
    }

    @Test
    void isBrokenByAnHourThatOnlyOneOfThemHas() {
        raw.put(HOUR, "tool/editor", 1);
        rollups.put(NEXT, "events", 1);

        assertThat(judge(List.of()).findings()).isEqualTo(2);
    }

    @Test
    void isBrokenByWhatVerifyFinds() {
        assertThat(judge(List.of("an hour")).result()).isEqualTo(Result.BROKEN);
    }

    private Verdict judge(List<String> verify) {
        return check.judge(Map.of("table", rollups), verify);
    }
}
