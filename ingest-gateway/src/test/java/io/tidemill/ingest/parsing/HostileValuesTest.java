package io.tidemill.ingest.parsing;

import static io.tidemill.ingest.parsing.Parsed.eventWith;
import static io.tidemill.ingest.parsing.Parsed.rejection;
import static io.tidemill.ingest.parsing.Parsed.rejectionWith;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.contract.Event;
import io.tidemill.contract.JsonText;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What no event may hold, wherever in it.
class HostileValuesTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"action\":\"\\u0000\"",
                "\"x\":\"a\\u0000b\"",
                "\"a\\u0000\":1",
                "\"properties\":{\"p\":\"\\u0000\"}",
                "\"properties\":{\"\\u0000\":1}",
                "\"properties\":{\"p\":[{\"q\":\"\\u0000\"}]}",
                "\"metadata\":{\"a\":{\"\\u0000\":1}}",
                "\"api_key\":\"\\u0000\"",
                "\"prompt_text\":\"\\u0000\""
            })
    void nulIsRejected(String fields) {
        assertThat(rejectionWith(fields).rejection()).isEqualTo(Rejection.NUL_CHARACTER);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"action\":\"\\ud800\"", "\"action\":\"\\udc00\"", "\"action\":\"\\udc00\\ud800\"",
                "\"action\":\"\\ud800x\"", "\"\\ud800\":1", "\"properties\":{\"p\":\"\\uD83D\"}",
                "\"properties\":{\"\\udfff\":1}", "\"metadata\":{\"a\":[\"\\ud800\\ud800\"]}"
            })
    void loneSurrogatesAreRejected(String fields) {
        assertThat(rejectionWith(fields).rejection()).isEqualTo(Rejection.LONE_SURROGATE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\\\\u0000",
                "\\\\ud800",
                "\\ud83d\\ude00",
                "\uffff",
                "\u202e",
                "e\u0301",
                "é",
                "__proto__",
                "<script>",
                "${jndi:x}",
                "'; DROP TABLE",
                "👨‍👩‍👧",
                "\\u007f\\r\\n"
            })
    void whatMerelyLooksDangerousIsKeptAsSent(String text) {
        // when
        Event event = eventWith("\"properties\":{\"" + text + "\":\"" + text + "\"}");

        // then
        assertThat(event.properties())
                .isEqualTo(JsonText.of("{\"" + text + "\":\"" + text + "\"}"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"tool_name\":\"a\",\"tool_name\":\"a\"",
                "\"tool_name\":1,\"tool_n\\u0061me\":2",
                "\"x\":1,\"x\":1",
                "\"x\":1,\"\\u0078\":2",
                "\"properties\":{\"a\":1,\"a\":1}",
                "\"properties\":{\"a\":1,\"\\u0061\":1}",
                "\"properties\":{\"a\":[{\"b\":1,\"b\":2}]}",
                "\"metadata\":{\"a\":{\"b\":{\"c\":1,\"c\":2}}}",
                "\"y\":{\"a\":{},\"a\":{}}",
                "\"properties\":{},\"properties\":{}"
            })
    void duplicateKeysAreRejected(String fields) {
        assertThat(rejectionWith(fields).rejection())
                .isIn(Rejection.DUPLICATE_KEY, Rejection.WRONG_TYPE);
    }

    @Test
    void aPairOfEscapesIsTheSameKeyAsTheCharacter() {
        assertThat(rejectionWith("\"properties\":{\"😀\":1,\"\\ud83d\\ude00\":2}").rejection())
                .isEqualTo(Rejection.DUPLICATE_KEY);
    }

    @Test
    void anEventWithHalfAPairLeavesItsNeighboursWhole() {
        // when
        List<Verdict> verdicts =
                Parsed.events(
                        "[{\"\\ud800\":1},"
                                + Parsed.with("\"x\":\"\\ud83d\\ude00\\\\ud800\"")
                                + "]");

        // then
        assertThat(Parsed.rejected(verdicts.get(0)).rejection())
                .isEqualTo(Rejection.LONE_SURROGATE);
        assertThat(Parsed.accepted(verdicts.get(1)).properties())
                .hasToString("{\"x\":\"\\ud83d\\ude00\\\\ud800\"}");
    }

    @Test
    void theSameKeyInDifferentObjectsIsNoDuplicate() {
        eventWith("\"x\":{\"a\":{\"a\":1},\"b\":[{\"a\":1},{\"a\":2}]},\"properties\":{\"a\":1}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1e309",
                "-1e309",
                "1e400",
                "1e131072",
                "1E+999999999999",
                "1e-400",
                "-1e-20000",
                "0.0000000001e-400",
                "0e-99999",
                "0e1001"
            })
    void numbersThatNoDoubleHoldsAreRejected(String number) {
        assertThat(rejectionWith("\"properties\":{\"n\":[" + number + "]}").rejection())
                .isEqualTo(Rejection.NUMBER_OUT_OF_RANGE);
    }

    @Test
    void numbersOfTooManyCharactersAreRejected() {
        // given
        String zeros = "0".repeat(398);

        // then
        eventWith("\"n\":0." + zeros);
        assertThat(rejectionWith("\"n\":0.0" + zeros).rejection())
                .isEqualTo(Rejection.NUMBER_TOO_LONG);
        assertThat(rejectionWith("\"n\":1" + zeros).rejection())
                .isEqualTo(Rejection.NUMBER_OUT_OF_RANGE);
        assertThat(rejectionWith("\"n\":" + "1".repeat(100_000)).rejection())
                .isEqualTo(Rejection.NUMBER_TOO_LONG);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0",
                "-0",
                "0.0",
                "0e5",
                "0E-10",
                "1.0",
                "1E2",
                "9007199254740993",
                "9223372036854775808",
                "1.7976931348623157e308",
                "4.9e-324",
                "0.1000"
            })
    void otherNumbersAreKeptAsSent(String number) {
        // when
        Event event = eventWith("\"properties\":{\"n\":" + number + "}");

        // then
        assertThat(event.properties()).isEqualTo(JsonText.of("{\"n\":" + number + "}"));
    }

    @Test
    void propertiesAreNestedToTheirDepth() {
        // then
        eventWith("\"properties\":" + nested(16));
        eventWith("\"metadata\":" + nested(16));
        eventWith("\"x\":" + nested(15));
        assertThat(rejectionWith("\"properties\":" + nested(17)).rejection())
                .isEqualTo(Rejection.TOO_DEEP);
        assertThat(rejectionWith("\"metadata\":" + nested(17)).rejection())
                .isEqualTo(Rejection.TOO_DEEP);
        assertThat(rejectionWith("\"x\":" + nested(16)).rejection()).isEqualTo(Rejection.TOO_DEEP);
    }

    @Test
    void anUnknownFieldThatMovesToMetadataKeepsToTheDepthThere() {
        eventWith("\"x\":" + nested(14) + ",\"properties\":{\"x\":1}");
        assertThat(rejectionWith("\"x\":" + nested(15) + ",\"properties\":{\"x\":1}").rejection())
                .isEqualTo(Rejection.TOO_DEEP);
    }

    @Test
    void manyDifferentKeysAreReadInOneGo() {
        // given
        String keys =
                IntStream.range(0, 20_000)
                        .mapToObj(i -> "\"" + i + "\":0")
                        .collect(Collectors.joining(","));

        // then
        eventWith("\"properties\":{\"nested\":{" + keys + "}}");
        assertThat(rejectionWith("\"properties\":{" + keys + "}").rejection())
                .isEqualTo(Rejection.TOO_MANY_KEYS);
    }

    @Test
    void aRejectionNamesAnUnknownFieldInBoundedLength() {
        // when
        Verdict.Rejected rejected = rejectionWith("\"" + "n".repeat(9_000) + "\":1e999");

        // then
        assertThat(rejected.field()).hasSize(200);
    }

    @Test
    void aRejectionNamesNoFieldWhoseNameCantBeWritten() {
        assertThat(rejection("{\"\\ud800\":1}").field()).isNull();
    }

    /// `depth` objects and arrays, one in the other, the outermost an object.
    private static String nested(int depth) {
        return depth % 2 == 0
                ? "{\"a\":[".repeat(depth / 2) + "]}".repeat(depth / 2)
                : "{\"a\":" + nested(depth - 1) + "}";
    }
}
