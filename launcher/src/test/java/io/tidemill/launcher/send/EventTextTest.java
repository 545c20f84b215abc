package io.tidemill.launcher.send;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EventTextTest {

    private static final Instant NOW = Instant.parse("2025-10-18T12:30:00.123Z");
    private static final String PLACE = "a.ndjson line 7";
    private static final String MINTED =
            "evt_[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}";

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    "2015-05-17T10:05:03.000Z"      | "2015-05-17T13:05:03Z"
                    "2015-05-17T10:05:03.120Z"      | "2015-05-17T13:05:03.120Z"
                    "2015-05-17T12:05:03+02:00"     | "2015-05-17T13:05:03Z"
                    "2015-05-17T10:05:03.123456Z"   | "2015-05-17T13:05:03.123456Z"
                    1431857103000                   | 1431867903000
                    """)
    void onlyTheTimestampIsMovedAndEveryOtherByteStays(String before, String after) {
        String event =
                "{ \"event_id\":\"é-1\" ,\"properties\":{\"timestamp\":1.10,\"n\":1e3},"
                        + "\"timestamp\" : %s ,\"x\":[1, 2] }";

        assertThat(toSend(event.formatted(before), new TimeShift(3)))
                .isEqualTo(event.formatted(after));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"event_id\":\"a\",\"timestamp\":\"2015-05-17T10:05:03.1Z\"}",
                "{\"eventId\":\"a\",\"timestamp\":1431857103000}",
                "{\"event_id\":\"a\"}",
                "{}",
                "[1]",
                "17",
                "not json",
                "{\"event_id\":",
            })
    void whatNeedsNothingIsSentAsItIs(String event) {
        assertThat(toSend(event, TimeShift.NONE)).isEqualTo(event);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"event_id\":\"a\",\"timestamp\":\"yesterday\"}",
                "{\"event_id\":\"a\",\"timestamp\":\"2015-05-17T10:05:03\"}",
                "{\"event_id\":\"a\",\"timestamp\":1.5}",
                "{\"event_id\":\"a\",\"timestamp\":true}",
            })
    void timesThatAreNotUnderstoodAreLeftToTheServersVerdict(String event) {
        assertThat(toSend(event, new TimeShift(3))).isEqualTo(event);
    }

    @Test
    void anEventWithATimeGetsAnIdThatDependsOnItAndItsPlaceAlone() {
        // given
        String event = "{\"event_type\":\"x\",\"timestamp\":\"2015-05-17T10:05:03.000Z\"}";

        // when
        String sent = toSend(event, TimeShift.NONE);

        // then
        assertThat(sent)
                .matches(
                        "\\{\"event_id\":\"%s\",\"event_type\":\"x\",\"timestamp\":\"2015-05-17T10:05:03.000Z\"}"
                                .formatted(MINTED));
        assertThat(EventText.of(event.getBytes(UTF_8)).toSend(TimeShift.NONE, PLACE, Instant.EPOCH))
                .asString(UTF_8)
                .isEqualTo(sent);
        assertThat(EventText.of(event.getBytes(UTF_8)).toSend(TimeShift.NONE, "line 8", NOW))
                .asString(UTF_8)
                .isNotEqualTo(sent);
    }

    @Test
    void theTimeInAMintedIdIsThatOfTheEvent() {
        // given
        String event = "{\"event_type\":\"x\",\"timestamp\":1431857103000}";

        // when
        String sent = toSend(event, new TimeShift(1));

        // then
        String id = sent.replaceAll(".*evt_([0-9a-f]{8})-([0-9a-f]{4}).*", "$1$2");
        assertThat(Long.parseLong(id, 16)).isEqualTo(1_431_860_703_000L);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    {"event_type":"x"}                             | {"timestamp":"T","event_id":"ID","event_type":"x"}
                    {"event_type":"x","event_id":null}             | {"timestamp":"T","event_type":"x","event_id":"ID"}
                    {"timestamp":"","eventId":"","event_type":"x"} | {"timestamp":"T","eventId":"ID","event_type":"x"}
                    """)
    void anEventWithNeitherIdNorTimeGetsBoth(String event, String expected) {
        assertThat(toSend(event, new TimeShift(5)))
                .matches(
                        expected.replace("{", "\\{")
                                .replace("\"T\"", "\"2025-10-18T12:30:00.123Z\"")
                                .replace("ID", MINTED));
    }

    private static String toSend(String event, TimeShift shift) {
        return new String(
                EventText.of(event.strip().getBytes(UTF_8)).toSend(shift, PLACE, NOW), UTF_8);
    }
}
