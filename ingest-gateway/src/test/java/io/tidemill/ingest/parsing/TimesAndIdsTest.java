package io.tidemill.ingest.parsing;

import static io.tidemill.ingest.parsing.Parsed.RECEIVED_AT;
import static io.tidemill.ingest.parsing.Parsed.RECEIVED_AT_MILLIS;
import static io.tidemill.ingest.parsing.Parsed.eventWith;
import static io.tidemill.ingest.parsing.Parsed.rejectionWith;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.contract.Event;
import java.time.Duration;
import java.time.Instant;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// When an event happened, and which event it is.
class TimesAndIdsTest {

    @ParameterizedTest
    @CsvSource({
        "2025-10-18T01:00:00Z,2025-10-18T01:00:00Z",
        "2025-10-18T01:00Z,2025-10-18T01:00:00Z",
        "2025-10-18t01:00:00.5z,2025-10-18T01:00:00.500Z",
        "2025-10-18T03:00:00+02:00,2025-10-18T01:00:00Z",
        "2025-10-18T03:00:00+02,2025-10-18T01:00:00Z",
        "2025-10-18T06:45:00+0545,2025-10-18T01:00:00Z",
        "2025-10-17T20:00:00.123999-05:00,2025-10-18T01:00:00.123Z",
        "2025-10-17T23:59:59.999999999Z,2025-10-17T23:59:59.999Z",
        "2025-10-26T02:30:00+01:00,2025-10-26T01:30:00Z",
        "1969-12-31T23:59:59.9999Z,1969-12-31T23:59:59.999Z",
        "2024-02-29T00:00:00Z,2024-02-29T00:00:00Z"
    })
    void timesAreReadWithTheirOffsetAndCutToTheMillisecond(String text, Instant time) {
        assertThat(Timestamps.parse(text)).hasValue(time.toEpochMilli());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "2025-10-18T01:00:00",
                "2025-10-18",
                "2025-10-18T01:00:60Z",
                "2025-10-18T24:00:00Z",
                "2025-02-30T01:00:00Z",
                "2025-10-18T01:00:00+25:00",
                "2025-13-01T00:00:00Z",
                "2025-10-18 01:00:00Z",
                " 2025-10-18T01:00:00Z",
                "2025-10-18T01:00:00Zx",
                "now",
                "1760749200000",
                "2025-10-18T01:00:00[Europe/Berlin]",
                "+999999999-01-01T00:00:00Z",
                "2025-10-18T01:00:00.1234567890Z"
            })
    void whatIsNoTimeIsRejected(String text) {
        assertThat(rejectionWith("\"timestamp\":\"" + text + "\"").rejection())
                .isEqualTo(Rejection.TIMESTAMP_INVALID);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1.5",
                "1e3",
                "true",
                "{}",
                "[1]",
                "9223372036854775807",
                "99999999999999999999"
            })
    void whatIsNotWholeMillisecondsIsRejected(String json) {
        assertThat(rejectionWith("\"timestamp\":" + json).rejection())
                .isEqualTo(Rejection.TIMESTAMP_INVALID);
        assertThat(rejectionWith("\"sent_at\":" + json).field()).isEqualTo("sent_at");
    }

    @Test
    void theWindowIncludesItsEnds() {
        // given
        long oldest = RECEIVED_AT_MILLIS - Duration.ofDays(29).toMillis();
        long newest = RECEIVED_AT_MILLIS + Duration.ofMinutes(5).toMillis();

        // then
        assertThat(eventWith("\"timestamp\":" + oldest).timestampMillis()).isEqualTo(oldest);
        assertThat(eventWith("\"timestamp\":" + newest).timestampMillis()).isEqualTo(newest);
        assertThat(rejectionWith("\"timestamp\":" + (oldest - 1)).rejection())
                .isEqualTo(Rejection.TIMESTAMP_TOO_OLD);
        assertThat(rejectionWith("\"timestamp\":" + (newest + 1)).rejection())
                .isEqualTo(Rejection.TIMESTAMP_IN_FUTURE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "1760749200", "253402300799999"})
    void timesOutsideTheWindowAreToldTheTimeOfTheServer(String millis) {
        assertThat(rejectionWith("\"timestamp\":" + millis).detail())
                .contains("2025-10-18T01:00:00.250Z");
    }

    @Test
    void anEventWithoutTimeAndIdHappenedOnReceipt() {
        // when
        Event event = eventWith("");

        // then
        assertThat(event.timestampMillis()).isEqualTo(RECEIVED_AT_MILLIS);
        assertThat(EventIds.millisOf(event.eventId())).hasValue(RECEIVED_AT_MILLIS);
    }

    @Test
    void anEventSentAgainWithItsMintedIdIsTheSameEvent() {
        // given
        Event first = eventWith("");

        // when
        Event again =
                Parsed.accepted(
                        Parsed.PARSER
                                .parseEvents(
                                        Parsed.with("\"event_id\":\"" + first.eventId() + "\"")
                                                .getBytes(UTF_8),
                                        Parsed.PROJECT,
                                        RECEIVED_AT_MILLIS + 90_000)
                                .getFirst());

        // then
        assertThat(again.identity()).isEqualTo(first.identity());
    }

    @Test
    void anIdOfItsOwnWithoutATimeIsRejected() {
        assertThat(rejectionWith("\"event_id\":\"order-17\"").rejection())
                .isEqualTo(Rejection.TIMESTAMP_MISSING);
    }

    @Test
    void aTimeInTheIdKeepsToTheWindow() {
        // given
        String future = EventIds.mint(RECEIVED_AT_MILLIS + 600_000, new SplittableRandom(1));

        // when
        Verdict.Rejected rejected = rejectionWith("\"event_id\":\"" + future + "\"");

        // then
        assertThat(rejected.rejection()).isEqualTo(Rejection.TIMESTAMP_IN_FUTURE);
        assertThat(rejected.field()).isEqualTo("event_id");
    }

    @Test
    void theTimestampGoesBeforeTheTimeInTheId() {
        // given
        String id = EventIds.mint(RECEIVED_AT_MILLIS - 5_000, new SplittableRandom(1));

        // when
        Event event = eventWith("\"timestamp\":1760749200000,\"event_id\":\"" + id + "\"");

        // then
        assertThat(event.timestampMillis()).isEqualTo(1_760_749_200_000L);
    }

    @Test
    void theClockOfTheSenderChangesNothingButItsOffset() {
        // when
        Event event = eventWith("\"timestamp\":1760749200000,\"sent_at\":\"9999-12-31T00:00:00Z\"");

        // then
        assertThat(event.timestampMillis()).isEqualTo(1_760_749_200_000L);
        assertThat(event.clockOffsetMillis())
                .isEqualTo(
                        Duration.between(Instant.parse("9999-12-31T00:00:00Z"), RECEIVED_AT)
                                .toMillis());
    }

    @Test
    void mintedIdsAreUuidsOfVersionSeven() {
        // when
        String id = EventIds.mint(RECEIVED_AT_MILLIS, new SplittableRandom(7));

        // then
        UUID uuid = UUID.fromString(id.substring("evt_".length()));
        assertThat(id).startsWith("evt_");
        assertThat(uuid.version()).isEqualTo(7);
        assertThat(uuid.variant()).isEqualTo(2);
        assertThat(EventIds.millisOf(id)).hasValue(RECEIVED_AT_MILLIS);
    }

    @ParameterizedTest
    @CsvSource({
        "01ARZ3NDEKTSV4RRFFQ69G5FAV,1469922850259",
        "01arz3ndektsv4rrffq69g5fav,1469922850259",
        "evt_01ARZ3NDEKTSV4RRFFQ69G5FAV,1469922850259",
        "017f22e2-79b0-7cc3-98c4-dc0c0c07398f,1645557742000",
        "evt_017F22E2-79B0-7CC3-98C4-DC0C0C07398F,1645557742000"
    })
    void ulidsAndUuidsOfVersionSevenHoldATime(String id, long millis) {
        assertThat(EventIds.millisOf(id)).hasValue(millis);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "81ARZ3NDEKTSV4RRFFQ69G5FAV",
                "01ARZ3NDEKTSV4RRFFQ69G5FAU",
                "01ARZ3NDEKTSV4RRFFQ69G5FA",
                "evt_evt_01ARZ3NDEKTSV4RRFFQ69G5FAV",
                "017f22e2-79b0-4cc3-98c4-dc0c0c07398f",
                "017f22e2-79b0-7cc3-18c4-dc0c0c07398f",
                "017f22e279b07cc398c4dc0c0c07398f",
                "017f22e2-79b0-7cc3-98c4-dc0c0c07398g",
                "017f22e2-79b0-7cc3-98c4dc0c0c07398f0",
                "",
                "evt_",
                "１２３４５６７８９０"
            })
    void otherIdsHoldNone(String id) {
        assertThat(EventIds.millisOf(id)).isEqualTo(OptionalLong.empty());
    }
}
