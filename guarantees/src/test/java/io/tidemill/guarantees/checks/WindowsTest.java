package io.tidemill.guarantees.checks;

import static io.tidemill.guarantees.checks.Told.TIME;
import static io.tidemill.guarantees.checks.Told.identity;
import static io.tidemill.guarantees.checks.Told.row;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.guarantees.checks.Verdict.Result;
import io.tidemill.guarantees.history.History;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class WindowsTest {

    private static final Duration WINDOW = Duration.ofDays(30);

    private final History history = new Told().acknowledged("alpha", "e", "a").history();

    @Test
    void holdsForRowsUpToTwoDaysOlderThanTheWindow() {
        Verdict verdict = daysLater(32).judge(history, List.of(row("alpha", "e", "a")), Set.of());

        assertThat(verdict.result()).isEqualTo(Result.HOLDS);
    }

    @Test
    void isBrokenByARowThatStaysLonger() {
        Verdict verdict = daysLater(33).judge(history, List.of(row("alpha", "e", "a")), Set.of());

        assertThat(verdict.result()).isEqualTo(Result.BROKEN);
    }

    @Test
    void isBrokenByAnEventThatExpiredWithinItsWindow() {
        Set<io.tidemill.contract.EventIdentity> expired = Set.of(identity("alpha", "e"));

        assertThat(daysLater(29).judge(history, List.of(), expired).result())
                .isEqualTo(Result.BROKEN);
        assertThat(daysLater(31).judge(history, List.of(), expired).result())
                .isEqualTo(Result.HOLDS);
    }

    private static Windows daysLater(int days) {
        return new Windows(WINDOW, TIME + Duration.ofDays(days).toMillis());
    }
}
