package io.tidemill.guarantees.checks;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.guarantees.checks.Verdict.Result;
import io.tidemill.guarantees.history.Answer;
import io.tidemill.guarantees.history.History;
import io.tidemill.guarantees.history.Outcome;
import io.tidemill.guarantees.history.Request;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OverloadToldTest {

    @ParameterizedTest
    @ValueSource(ints = {429, 503})
    void whoIsTurnedAwayMustBeToldWhenToComeBack(int status) {
        assertThat(judge(status, true, List.of()).result()).isEqualTo(Result.HOLDS);
        assertThat(judge(status, false, List.of()).result()).isEqualTo(Result.BROKEN);
    }

    @Test
    void otherAnswersNeedNotSay() {
        assertThat(judge(400, false, List.of()).result()).isEqualTo(Result.HOLDS);
    }

    @Test
    void isBrokenByAProcessThatRanOutOfMemory() {
        assertThat(judge(200, false, List.of("gateway-1")).result()).isEqualTo(Result.BROKEN);
    }

    private static Verdict judge(int status, boolean retryAfter, List<String> outOfMemory) {
        Request request =
                new Request(0, 1L, List.of(), Answer.same(status, retryAfter, Outcome.UNKNOWN, 0));
        return OverloadTold.judge(new History(List.of(request)), outOfMemory);
    }
}
