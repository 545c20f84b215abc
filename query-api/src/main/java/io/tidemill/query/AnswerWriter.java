package io.tidemill.query;

import io.tidemill.contract.Event;
import io.tidemill.contract.JsonText;
import java.io.ByteArrayOutputStream;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.json.JsonMapper;

/// The JSON of every answer. An event or an hour has all its fields, null where it has no value.
final class AnswerWriter {

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final DateTimeFormatter MILLIS =
            new DateTimeFormatterBuilder().appendInstant(3).toFormatter();

    private AnswerWriter() {}

    /// @param nextCursor null on the last page
    static JsonText track(EventPage page, long totalInRange, @Nullable String nextCursor) {
        return object(json -> {
            json.writeBooleanProperty("ok", true);
            json.writeNumberProperty("count", page.events().size());
            json.writeNumberProperty("total_in_range", totalInRange);
            writeEvents(json, page.events());
            writeText(json, "next_cursor", nextCursor);
        });
    }

    /// @param nextCursor null on the last page
    static JsonText events(EventPage page, Total total, int limit, @Nullable String nextCursor) {
        return object(json -> {
            writeEvents(json, page.events());
            json.writeNumberProperty("total", total.events());
            json.writeBooleanProperty("total_is_estimate", total.isEstimate());
            json.writeNumberProperty("limit", limit);
            json.writeBooleanProperty("has_more", page.hasMore());
            writeText(json, "next_cursor", nextCursor);
        });
    }

    static JsonText event(Event event) {
        return object(json -> writeFields(json, event));
    }

    static JsonText rollups(RollupQueries.Answer answer) {
        return object(json -> {
            json.writeBooleanProperty("ok", true);
            json.writeNumberProperty("count", answer.hours().size());
            json.writeNumberProperty("hours", answer.range().hours());
            json.writeNumberProperty("total_events", answer.totalEvents());
            json.writeNumberProperty("total_sessions", answer.uniques().sessions());
            json.writeNumberProperty("total_users", answer.uniques().users());
            writeTime(json, "complete_through", answer.completeThrough());
            json.writeArrayPropertyStart("rollups");
            answer.hours().forEach(hour -> writeHour(json, hour));
            json.writeEndArray();
        });
    }

    static JsonText retention(List<CohortQueries.Cohort> cohorts) {
        return object(json -> {
            json.writeArrayPropertyStart("cohorts");
            for (CohortQueries.Cohort cohort : cohorts) {
                json.writeStartObject();
                json.writeStringProperty("cohort", cohort.day().toString());
                json.writeNumberProperty("size", cohort.size());
                json.writeArrayPropertyStart("users");
                cohort.users().forEach(json::writeNumber);
                json.writeEndArray();
                json.writeEndObject();
            }
            json.writeEndArray();
        });
    }

    /// How many events there are.
    ///
    /// @param isEstimate there are at least that many
    record Total(long events, boolean isEstimate) {}

    private static JsonText object(Consumer<JsonGenerator> fields) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(4096);
        try (JsonGenerator json = JSON.createGenerator(bytes)) {
            json.writeStartObject();
            fields.accept(json);
            json.writeEndObject();
        }
        return JsonText.ofUtf8(bytes.toByteArray());
    }

    private static void writeEvents(JsonGenerator json, List<Event> events) {
        json.writeArrayPropertyStart("events");
        for (Event event : events) {
            json.writeStartObject();
            writeFields(json, event);
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private static void writeFields(JsonGenerator json, Event event) {
        json.writeStringProperty("id", event.eventId());
        json.writeStringProperty("event_id", event.eventId());
        json.writeStringProperty("event_type", event.eventType());
        writeText(json, "user_id", event.userId());
        writeText(json, "session_id", event.sessionId());
        writeTime(json, "timestamp", Instant.ofEpochMilli(event.timestampMillis()));
        writeTime(json, "received_at", Instant.ofEpochMilli(event.receivedAtMillis()));
        Long clockOffset = event.clockOffsetMillis();
        if (clockOffset == null) {
            json.writeNullProperty("clock_offset_ms");
        } else {
            json.writeNumberProperty("clock_offset_ms", clockOffset);
        }
        writeText(json, "tool_name", event.toolName());
        writeText(json, "action", event.action());
        json.writeBooleanProperty("demo_mode", event.demoMode());
        writeJson(json, "properties", event.properties());
        writeJson(json, "metadata", event.metadata());
        writeText(json, "prompt_text", event.promptText());
        writeText(json, "ai_response", event.aiResponse());
    }

    private static void writeHour(JsonGenerator json, RollupQueries.Hour hour) {
        json.writeStartObject();
        writeTime(json, "hour", hour.start());
        writeJson(json, "event_counts", hour.eventCounts());
        writeJson(json, "tool_usage", hour.toolUsage());
        writeJson(json, "risk_distribution", hour.riskDistribution());
        json.writeNumberProperty("unique_sessions", hour.uniqueSessions());
        json.writeNumberProperty("unique_users", hour.uniqueUsers());
        json.writeNumberProperty("total_events", hour.totalEvents());
        json.writeEndObject();
    }

    private static void writeText(JsonGenerator json, String name, @Nullable String text) {
        if (text == null) {
            json.writeNullProperty(name);
            return;
        }
        json.writeStringProperty(name, text);
    }

    private static void writeTime(JsonGenerator json, String name, @Nullable Instant time) {
        writeText(json, name, time == null ? null : MILLIS.format(time));
    }

    /// Postgres gives jsonb as valid JSON, so it goes out as it is.
    private static void writeJson(JsonGenerator json, String name, @Nullable JsonText value) {
        json.writeName(name);
        if (value == null) {
            json.writeNull();
            return;
        }
        json.writeRawValue(value.toString());
    }
}
