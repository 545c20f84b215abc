package io.tidemill.guarantees.load;

import static io.tidemill.guarantees.history.Outcome.ACKNOWLEDGED;
import static io.tidemill.guarantees.history.Outcome.REFUSED;
import static io.tidemill.guarantees.history.Outcome.UNKNOWN;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.guarantees.history.Answer;
import org.junit.jupiter.api.Test;

class AnswersTest {

    @Test
    void aWholeSuccessAcknowledgesAll() {
        Answer answer = Answers.of(200, false, "{\"event_ids\":[\"a\",\"b\"]}", 2);

        assertThat(answer.outcomes()).containsExactly(ACKNOWLEDGED, ACKNOWLEDGED);
        assertThat(answer.eventIds()).containsExactly("a", "b");
    }

    @Test
    void aVerdictEachDecidesInAMixedAnswer() {
        Answer answer =
                Answers.of(
                        207,
                        false,
                        """
                        {"event_ids":["a",null,"c"],
                         "errors":[{"event_index":1,"code":"event_type_missing"},
                                   {"event_index":2,"code":"not_durable"}]}
                        """,
                        3);

        assertThat(answer.outcomes()).containsExactly(ACKNOWLEDGED, REFUSED, UNKNOWN);
    }

    @Test
    void aRefusalOfTheRequestRefusesAll() {
        assertThat(Answers.of(413, false, "{\"code\":\"too_large\"}", 2).outcomes())
                .containsExactly(REFUSED, REFUSED);
    }

    @Test
    void anAnswerThatCanNotBeReadSaysNothing() {
        assertThat(Answers.of(200, false, "{\"event_ids\":[", 1).outcomes())
                .containsExactly(UNKNOWN);
        assertThat(Answers.of(503, true, "{\"code\":\"overloaded\"}", 1).outcomes())
                .containsExactly(UNKNOWN);
    }

    @Test
    void ofASingleEventTheStatusDecides() {
        String body = "{\"ok\":true,\"event_id\":\"e\"}";

        assertThat(Answers.of(200, false, body, 1).outcomes()).containsExactly(ACKNOWLEDGED);
        assertThat(Answers.of(503, true, body, 1).outcomes()).containsExactly(UNKNOWN);
    }
}
