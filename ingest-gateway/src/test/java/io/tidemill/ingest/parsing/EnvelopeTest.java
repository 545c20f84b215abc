package io.tidemill.ingest.parsing;

import static io.tidemill.ingest.parsing.Parsed.accepted;
import static io.tidemill.ingest.parsing.Parsed.events;
import static io.tidemill.ingest.parsing.Parsed.refusal;
import static io.tidemill.ingest.parsing.Parsed.rejection;
import static io.tidemill.ingest.parsing.Parsed.with;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// An object is one event until a member `events` that holds an array makes it an envelope.
class EnvelopeTest {

    private static final String GOOD = with("");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"event_type\":5",
                "\"event_type\":\"t\",\"user_id\":\"u\",\"timestamp\":0",
                "\"x\":1,\"x\":2",
                "\"properties\":[{\"events\":[1]}]",
                "\"properties\":{\"events\":[1],\"a\":{\"a\":1,\"a\":2}}",
                "\"\\u0000\":{\"events\":[]}",
                "\"\\ud800\":[[{}]]",
                "\"a\":\"\\u0000\",\"b\":\"\\u0000\",\"c\":{\"d\":[1e999]}",
                "\"api_key\":[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]",
                "\"demo_mode\":{},\"tool_name\":[],\"toolName\":{\"events\":[]}"
            })
    void whatWouldBreakAnEventDoesNotBreakAnEnvelope(String members) {
        // when
        List<Verdict> verdicts =
                events("{" + members + ",\"events\":[" + GOOD + ",{}],\"y\":[1e999]}");

        // then
        assertThat(verdicts).hasSize(2);
        accepted(verdicts.getFirst());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"sent_at\":1760749200000,\"events\":[%s]",
                "\"x\":{\"x\":1,\"x\":2},\"sent_at\":1760749200000,\"events\":[%s]",
                "\"sent_at\":1760749200000,\"event_type\":[],\"events\":[%s]",
                "\"events\":[%s],\"sentAt\":1760749200000",
                "\"event_type\":1,\"events\":[%s],\"x\":{},\"sent_at\":\"2025-10-18T01:00:00Z\""
            })
    void theClockOfTheRequestIsReadWhereverItStands(String members) {
        // when
        List<Verdict> verdicts = events(("{" + members + "}").formatted(GOOD));

        // then
        assertThat(accepted(verdicts.getFirst()).clockOffsetMillis()).isEqualTo(250);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"sent_at\":\"x\",\"events\":[%s]|TIMESTAMP_INVALID",
                "\"event_type\":1,\"sent_at\":\"x\",\"events\":[%s]|TIMESTAMP_INVALID",
                "\"events\":[%s],\"sent_at\":[]|TIMESTAMP_INVALID",
                "\"sent_at\":1,\"events\":[%s],\"sentAt\":1|DUPLICATE_FIELD",
                "\"event_type\":1,\"sent_at\":1,\"sent_at\":1,\"events\":[%s]|DUPLICATE_KEY",
                "\"events\":1,\"events\":[%s]|DUPLICATE_KEY",
                "\"events\":[%s],\"\\u0065vents\":1|DUPLICATE_KEY",
                "\"events\":[%s],\"x\":|MALFORMED_JSON",
                "\"x\":\"\\u0000\",\"events\":[%s]],\"y\":1|MALFORMED_JSON"
            })
    void aBrokenEnvelopeRefusesTheRequest(String members, Rejection reason) {
        assertThat(refusal(("{" + members + "}").formatted(GOOD))).isEqualTo(reason);
    }

    @Test
    void anObjectWithoutAnArrayOfEventsIsOneEventWithTheFirstOfItsFaults() {
        assertThat(rejection("{\"event_type\":5,\"events\":{\"events\":[1]},\"x\":1e999}"))
                .returns(Rejection.WRONG_TYPE, Verdict.Rejected::rejection)
                .returns("event_type", Verdict.Rejected::field);
        assertThat(rejection("{\"events\":1,\"events\":{}}").rejection())
                .isEqualTo(Rejection.DUPLICATE_KEY);
    }
}
