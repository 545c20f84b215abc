package io.tidemill.ingest.parsing;

import static io.tidemill.ingest.parsing.Parsed.RECEIVED_AT_MILLIS;
import static io.tidemill.ingest.parsing.Parsed.event;
import static io.tidemill.ingest.parsing.Parsed.eventWith;
import static io.tidemill.ingest.parsing.Parsed.rejected;
import static io.tidemill.ingest.parsing.Parsed.rejection;
import static io.tidemill.ingest.parsing.Parsed.rejectionWith;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.contract.Event;
import io.tidemill.contract.JsonText;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The fields of an event: their names, types and lengths.
class EventFieldsTest {

    @Test
    void everyFieldArrivesAsItWasSent() {
        // when
        Event event =
                event(
                        """
                        {"event_type":"tool_used","event_id":"e-1","session_id":"s","user_id":"u",
                         "timestamp":"2025-10-18T00:59:59.123Z","sent_at":1760749200000,
                         "tool_name":"editor","action":"open","demo_mode":true,
                         "properties":{ "a" : 1.50 },"metadata":{"m":[1, 2]},
                         "prompt_text":"why?","ai_response":"because \\u00e9"}
                        """);

        // then
        assertThat(event)
                .isEqualTo(
                        new Event(
                                Parsed.PROJECT,
                                "e-1",
                                "tool_used",
                                "u",
                                "s",
                                "editor",
                                "open",
                                true,
                                JsonText.of("{ \"a\" : 1.50 }"),
                                JsonText.of("{\"m\":[1, 2]}"),
                                "why?",
                                "because é",
                                1_760_749_199_123L,
                                RECEIVED_AT_MILLIS,
                                250L));
    }

    @Test
    void everyFieldHasACamelCaseForm() {
        // when
        Event event =
                event(
                        """
                        {"eventType":"t","eventId":"e","sessionId":"s","userId":"u",
                         "timestamp":1760749200000,"sentAt":1760749200250,"toolName":"n",
                         "demoMode":true,"promptText":"p","aiResponse":"a"}
                        """);

        // then
        assertThat(event)
                .isEqualTo(
                        new Event(
                                Parsed.PROJECT,
                                "e",
                                "t",
                                "u",
                                "s",
                                "n",
                                null,
                                true,
                                null,
                                null,
                                "p",
                                "a",
                                1_760_749_200_000L,
                                RECEIVED_AT_MILLIS,
                                0L));
    }

    @ParameterizedTest
    @CsvSource({
        "event_type,eventType",
        "event_id,eventId",
        "session_id,sessionId",
        "user_id,userId",
        "conversation_id,conversationId",
        "sent_at,sentAt",
        "tool_name,toolName",
        "demo_mode,demoMode",
        "prompt_text,promptText",
        "ai_response,aiResponse"
    })
    void bothNamesOfOneFieldAreRejected(String name, String other) {
        // when
        Verdict.Rejected rejected = rejection("{\"%s\":null,\"%s\":null}".formatted(name, other));

        // then
        assertThat(rejected.rejection()).isEqualTo(Rejection.DUPLICATE_FIELD);
        assertThat(rejected.field()).isEqualTo(name);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "event_id|5",
                "event_id|{}",
                "user_id|[\"u\"]",
                "tool_name|true",
                "action|0",
                "demo_mode|\"true\"",
                "demo_mode|1",
                "properties|[]",
                "properties|\"{}\"",
                "metadata|7",
                "prompt_text|{}",
                "ai_response|[]",
                "conversation_id|42"
            })
    void aFieldOfAnotherTypeRejectsTheEvent(String field, String value) {
        // when
        Verdict.Rejected rejected = rejectionWith("\"%s\":%s".formatted(field, value));

        // then
        assertThat(rejected.rejection()).isEqualTo(Rejection.WRONG_TYPE);
        assertThat(rejected.field()).isEqualTo(field);
    }

    @Test
    void nullAndTheEmptyStringAreAbsent() {
        // when
        Event event =
                eventWith(
                        """
                        "event_id":"","user_id":null,"timestamp":"","sent_at":null,"tool_name":"",
                        "action":null,"demo_mode":null,"properties":null,"metadata":null,
                        "prompt_text":"","ai_response":null,"conversation_id":""
                        """);

        // then
        assertThat(event.eventId()).startsWith("evt_");
        assertThat(event)
                .isEqualTo(
                        new Event(
                                Parsed.PROJECT,
                                event.eventId(),
                                "t",
                                null,
                                "s",
                                null,
                                null,
                                false,
                                null,
                                null,
                                null,
                                null,
                                RECEIVED_AT_MILLIS,
                                RECEIVED_AT_MILLIS,
                                null));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"event_type\":null}",
                "{\"event_type\":\"\"}",
                "{\"event_type\":\" \\t \"}"
            })
    void anEventHasAType(String body) {
        assertThat(rejection(body).rejection()).isEqualTo(Rejection.EVENT_TYPE_MISSING);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\\nb", "a\\u007f", "\\u0085x", "\\u001b[31m"})
    void aTypeHoldsNoControlCharacters(String type) {
        assertThat(rejection("{\"event_type\":\"" + type + "\",\"user_id\":\"u\"}").rejection())
                .isEqualTo(Rejection.CONTROL_CHARACTER);
    }

    @ParameterizedTest
    @CsvSource({
        "event_type,200",
        "event_id,200",
        "tool_name,200",
        "action,200",
        "user_id,255",
        "session_id,255",
        "conversation_id,255"
    })
    void lengthsAreCountedInCodePoints(String field, int longest) {
        // given
        String base =
                "{\"timestamp\":1760749200000,"
                        + (field.equals("event_type") ? "" : "\"event_type\":\"t\",")
                        + (field.equals("session_id") ? "" : "\"session_id\":\"s\",")
                        + "\"%s\":\"%s\"}";

        // then
        event(base.formatted(field, "😀".repeat(longest)));
        Verdict.Rejected rejected = rejection(base.formatted(field, "😀".repeat(longest + 1)));
        assertThat(rejected.rejection()).isEqualTo(Rejection.TOO_LONG);
        assertThat(rejected.field()).isEqualTo(field);
    }
}
