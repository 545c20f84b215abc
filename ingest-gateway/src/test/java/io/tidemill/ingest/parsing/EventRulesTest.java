package io.tidemill.ingest.parsing;

import static io.tidemill.ingest.parsing.Parsed.accepted;
import static io.tidemill.ingest.parsing.Parsed.event;
import static io.tidemill.ingest.parsing.Parsed.eventWith;
import static io.tidemill.ingest.parsing.Parsed.rejected;
import static io.tidemill.ingest.parsing.Parsed.rejection;
import static io.tidemill.ingest.parsing.Parsed.rejectionWith;
import static io.tidemill.ingest.parsing.Parsed.track;
import static io.tidemill.ingest.parsing.Parsed.with;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.contract.Event;
import io.tidemill.contract.JsonText;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Who acted, where unknown fields go, and how large an event may be.
class EventRulesTest {

    @Test
    void anEventNeedsAnActor() {
        assertThat(rejection("{\"event_type\":\"t\"}").rejection())
                .isEqualTo(Rejection.ACTOR_MISSING);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"user_id\":\"u\"|u|",
                "\"session_id\":\"s\"||s",
                "\"properties\":{\"user_id\":\"u\"}|u|",
                "\"properties\":{\"userId\":\"v\",\"user_id\":\"u\"}|u|",
                "\"properties\":{\"userId\":\"v\"}|v|",
                "\"properties\":{\"user_id\":42,\"conversation_id\":\"c\"}||c",
                "\"conversation_id\":\"c\"||c",
                "\"conversationId\":\"c\",\"properties\":{\"conversation_id\":\"d\"}||c",
                "\"conversation_id\":\"c\",\"session_id\":\"s\"||s",
                "\"user_id\":\"u\",\"properties\":{\"user_id\":\"v\",\"conversation_id\":\"\"}|u|"
            })
    void theActorIsFoundWhereItMayBe(String fields, String user, String session) {
        // when
        Event event = event("{\"event_type\":\"t\"," + fields + "}");

        // then
        assertThat(event.userId()).isEqualTo(user);
        assertThat(event.sessionId()).isEqualTo(session);
    }

    @Test
    void anActorTakenFromPropertiesKeepsToItsLength() {
        // when
        Verdict.Rejected rejected =
                rejection(
                        "{\"event_type\":\"t\",\"properties\":{\"user_id\":\"%s\"}}"
                                .formatted("u".repeat(256)));

        // then
        assertThat(rejected.rejection()).isEqualTo(Rejection.TOO_LONG);
        assertThat(rejected.field()).isEqualTo("properties.user_id");
    }

    @Test
    void theRouteOfSingleEventsNeedsASessionAndPresumesADemonstration() {
        assertThat(rejected(track("{\"event_type\":\"t\",\"user_id\":\"u\"}")).rejection())
                .isEqualTo(Rejection.SESSION_ID_MISSING);
        assertThat(accepted(track(with(""))).demoMode()).isTrue();
        assertThat(accepted(track(with("\"demo_mode\":false"))).demoMode()).isFalse();
        assertThat(accepted(track("{\"event_type\":\"t\",\"conversation_id\":\"c\"}")).sessionId())
                .isEqualTo("c");
        assertThat(rejected(track("[" + with("") + "]")).rejection())
                .isEqualTo(Rejection.NOT_AN_OBJECT);
    }

    @Test
    void aKeyInTheBodyIsNeverKept() {
        // when
        Event event = eventWith("\"api_key\":\"wk_secret\",\"x\":1");

        // then
        assertThat(event.toString()).doesNotContain("wk_secret");
        assertThat(event.properties()).hasToString("{\"x\":1}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"x\" : 1.0 |{\"x\" : 1.0}|",
                "\"x\":[ {} ],\"properties\":{}|{\"x\":[ {} ]}|",
                "\"x\":\"\\u00e9\",\"properties\":{\"y\":2 }|{\"y\":2 ,\"x\":\"\\u00e9\"}|",
                "\"x\":null,\"y\":true,\"z\":-0|{\"x\":null,\"y\":true,\"z\":-0}|",
                "\"conversationId\":\"c\"|{\"conversationId\":\"c\"}|",
                "\"x\":1,\"properties\":{\"x\":2}|{\"x\":2}|{\"top_level\":{\"x\":1}}",
                "\"x\":1,\"y\":3,\"properties\":{\"x\":2},\"metadata\":{ \"m\":0 }"
                        + "|{\"x\":2,\"y\":3}|{ \"m\":0 ,\"top_level\":{\"x\":1}}"
            })
    void unknownFieldsAreKept(String fields, String properties, String metadata) {
        // when
        Event event = eventWith(fields);

        // then
        assertThat(event.properties()).isEqualTo(JsonText.of(properties));
        assertThat(event.metadata()).isEqualTo(metadata == null ? null : JsonText.of(metadata));
    }

    @Test
    void anUnknownFieldThatFindsBothItsPlacesTakenIsRejected() {
        assertThat(
                        rejectionWith(
                                        "\"x\":1,\"properties\":{\"x\":2},\"metadata\":{\"top_level\":{}}")
                                .rejection())
                .isEqualTo(Rejection.DUPLICATE_FIELD);
    }

    @Test
    void propertiesAndUnknownFieldsTogetherKeepToTheNumberOfKeys() {
        // given
        String keys =
                IntStream.range(0, 255)
                        .mapToObj(i -> "\"k" + i + "\":0")
                        .collect(Collectors.joining(","));

        // then
        eventWith("\"properties\":{" + keys + "}");
        eventWith("\"metadata\":{" + keys + "}");
        eventWith(keys);
        assertThat(rejectionWith("\"properties\":{" + keys + ",\"l\":0}").rejection())
                .isEqualTo(Rejection.TOO_MANY_KEYS);
        assertThat(rejectionWith("\"metadata\":{" + keys + ",\"l\":0}").rejection())
                .isEqualTo(Rejection.TOO_MANY_KEYS);
        assertThat(rejectionWith(keys + ",\"l\":0").rejection()).isEqualTo(Rejection.TOO_MANY_KEYS);
        assertThat(rejectionWith("\"l\":0,\"properties\":{" + keys + "}").rejection())
                .isEqualTo(Rejection.TOO_MANY_KEYS);
    }

    @Test
    void oneEventHasItsLongestLength() {
        // given
        int rest = Parsed.LIMITS.maxEventBytes() - with("\"prompt_text\":\"\"").length();

        // then
        eventWith("\"prompt_text\":\"" + "x".repeat(rest) + "\"");
        assertThat(rejectionWith("\"prompt_text\":\"" + "x".repeat(rest + 1) + "\"").rejection())
                .isEqualTo(Rejection.EVENT_TOO_LARGE);
        assertThat(
                        rejected(
                                        Parsed.lines(with("\"x\":\"" + "x".repeat(300_000) + "\""))
                                                .getFirst())
                                .rejection())
                .isEqualTo(Rejection.EVENT_TOO_LARGE);
    }
}
