package io.tidemill.ingest.parsing;

import static io.tidemill.ingest.parsing.Parsed.accepted;
import static io.tidemill.ingest.parsing.Parsed.events;
import static io.tidemill.ingest.parsing.Parsed.lines;
import static io.tidemill.ingest.parsing.Parsed.refusal;
import static io.tidemill.ingest.parsing.Parsed.rejected;
import static io.tidemill.ingest.parsing.Parsed.with;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The forms of a body, and what becomes of its events beside each other.
class EventParserTest {

    private static final String GOOD = with("");
    private static final String BAD = "{\"session_id\":\"s\"}";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "%s",
                "[%s]",
                "{\"events\":[%s]}",
                " { \"api_key\" : \"wk_1\" , \"events\" : [ %s ] } \r\n",
                "{\"context\":{\"deep\":[{}]},\"events\":[%s],\"later\":1}",
                "\ufeff[%s]"
            })
    void everyFormOfABodyHoldsItsEvents(String form) {
        // when
        List<Verdict> verdicts = events(form.formatted(GOOD));

        // then
        assertThat(verdicts).hasSize(1);
        assertThat(accepted(verdicts.getFirst()).eventType()).isEqualTo("t");
    }

    @Test
    void goodEventsSurviveBadNeighbours() {
        // when
        List<Verdict> verdicts =
                events("[" + String.join(",", GOOD, BAD, "5", "[[1]]", "null", GOOD) + "]");

        // then
        assertThat(verdicts).hasSize(6);
        accepted(verdicts.get(0));
        assertThat(rejected(verdicts.get(1)).rejection()).isEqualTo(Rejection.EVENT_TYPE_MISSING);
        assertThat(verdicts.subList(2, 5))
                .allSatisfy(verdict ->
                        assertThat(rejected(verdict).rejection())
                                .isEqualTo(Rejection.NOT_AN_OBJECT));
        accepted(verdicts.get(5));
    }

    @Test
    void anEventThatIsGivenUpHalfWayLeavesTheNextOneWhole() {
        // given
        String givenUp =
                "{\"event_type\":5,\"properties\":{\"a\":[{\"}\":\"]\"},[[]]]},\"event_type\":[{}]}";

        // when
        List<Verdict> verdicts = events("[" + givenUp + "," + with("\"tool_name\":\"x\"") + "]");

        // then
        assertThat(rejected(verdicts.get(0)).rejection()).isEqualTo(Rejection.WRONG_TYPE);
        assertThat(accepted(verdicts.get(1)).toolName()).isEqualTo("x");
    }

    @Test
    void aFieldOfAnEventCalledEventsThatIsNoArrayIsKept() {
        // when
        List<Verdict> verdicts = events(with("\"events\":7"));

        // then
        assertThat(accepted(verdicts.getFirst()).properties()).hasToString("{\"events\":7}");
    }

    @Test
    void theSameIdentityTwiceIsSkippedTheSecondTime() {
        // given
        String first = with("\"event_id\":\"e\",\"timestamp\":1760749200000,\"action\":\"first\"");
        String again = with("\"event_id\":\"e\",\"timestamp\":\"2025-10-18T03:00:00.0009+02:00\"");

        // when
        List<Verdict> verdicts = events("[" + first + "," + again + "]");

        // then
        assertThat(accepted(verdicts.get(0)).action()).isEqualTo("first");
        assertThat(verdicts.get(1)).isInstanceOf(Verdict.Skipped.class);
    }

    @Test
    void theSameIdAtAnotherTimeIsAnotherEvent() {
        // when
        List<Verdict> verdicts =
                events(
                        "["
                                + with("\"event_id\":\"e\",\"timestamp\":1760749200000")
                                + ","
                                + with("\"event_id\":\"e\",\"timestamp\":1760749200001")
                                + "]");

        // then
        assertThat(verdicts).allSatisfy(Parsed::accepted);
    }

    @Test
    void theClockOfTheRequestHoldsForEventsThatDoNotSayTheirs() {
        // when
        List<Verdict> verdicts =
                events(
                        "{\"events\":["
                                + GOOD
                                + ","
                                + with("\"sent_at\":\"2025-10-18T01:00:00Z\"")
                                + "],\"sentAt\":\"2025-10-18T00:59:59.750Z\"}");

        // then
        assertThat(accepted(verdicts.get(0)).clockOffsetMillis()).isEqualTo(500);
        assertThat(accepted(verdicts.get(1)).clockOffsetMillis()).isEqualTo(250);
    }

    @Test
    void aClockOfTheRequestThatIsNoTimeRefusesTheRequest() {
        assertThat(refusal("{\"sent_at\":\"yesterday\",\"events\":[" + GOOD + "]}"))
                .isEqualTo(Rejection.TIMESTAMP_INVALID);
        assertThat(refusal("{\"sent_at\":1,\"sentAt\":1,\"events\":[" + GOOD + "]}"))
                .isEqualTo(Rejection.DUPLICATE_FIELD);
    }

    @Test
    void eventsTwiceRefusesTheRequest() {
        assertThat(refusal("{\"events\":[" + GOOD + "],\"events\":[]}"))
                .isEqualTo(Rejection.DUPLICATE_KEY);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "  \n", "\ufeff", "[]", "{\"events\":[]}"})
    void aBodyWithoutEventsIsRefused(String body) {
        assertThat(refusal(body)).isEqualTo(Rejection.NO_EVENTS);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[%s,]",
                "[%s",
                "[%s}",
                "{\"events\":[%s]",
                "[%s]]",
                "%s%s",
                "[%s] x",
                "{'a':1}",
                "[%s,NaN]",
                "[%s,01]",
                "[%s,+1]",
                "[%s,.5]",
                "[%s,\"\t\"]",
                "[%s,\"\\x\"]",
                "[%s,tru]",
                "[%s//c\n]",
                "[%s,0x1]",
                "\0[%s]",
                "[%s]\0",
                "{\"a\" 1}",
                "{1:2}"
            })
    void aBodyThatIsNoJsonIsRefusedWhole(String body) {
        assertThat(refusal(body.formatted(GOOD, GOOD))).isEqualTo(Rejection.MALFORMED_JSON);
    }

    @Test
    void aBodyInAnotherEncodingThanUtf8IsRefused() {
        assertThat(refusal(("[" + with("\"action\":\"é\"") + "]").getBytes(ISO_8859_1)))
                .isEqualTo(Rejection.INVALID_UTF8);
        assertThat(refusal(GOOD.getBytes(UTF_16LE))).isEqualTo(Rejection.MALFORMED_JSON);
        assertThat(refusal(GOOD.getBytes(UTF_16BE))).isEqualTo(Rejection.MALFORMED_JSON);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ff", "c0af", "eda080", "edb080", "f4908080", "e282", "f0808080", "80"})
    void bytesThatAreNotStrictlyUtf8AreRefused(String hex) {
        assertThat(refusal(quoted(hex))).isEqualTo(Rejection.INVALID_UTF8);
    }

    @Test
    void nestingThatExhaustsTheParserIsRefusedWithoutHarm() {
        assertThat(refusal("[".repeat(100_000))).isEqualTo(Rejection.TOO_DEEP);
        assertThat(refusal("{\"a\":".repeat(100_000))).isEqualTo(Rejection.TOO_DEEP);
    }

    @Test
    void oneRequestHoldsUpToItsNumberOfEvents() {
        // given
        String full =
                IntStream.range(0, 5_000).mapToObj(_ -> GOOD).collect(Collectors.joining(","));

        // then
        assertThat(events("[" + full + "]")).hasSize(5_000);
        assertThat(refusal("[" + full + ",1]")).isEqualTo(Rejection.TOO_MANY_EVENTS);
        assertThatThrownBy(() -> lines((GOOD + "\n").repeat(5_001))).hasMessageContaining("5000");
    }

    private static byte[] quoted(String hex) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        body.writeBytes("{\"event_type\":\"".getBytes(UTF_8));
        body.writeBytes(HexFormat.of().parseHex(hex));
        body.writeBytes("\",\"session_id\":\"s\"}".getBytes(UTF_8));
        return body.toByteArray();
    }
}
