package io.tidemill.launcher;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.tidemill.contract.Event;
import io.tidemill.contract.EventCodec;
import io.tidemill.contract.MalformedRecordException;
import io.tidemill.sink.RejectedRecords.RejectedRecord;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/// Records that were set aside, for people and for programs.
final class RejectedList {

    private static final int BYTES_A_LINE = 16;

    private RejectedList() {}

    static String line(RejectedRecord record) {
        return record.firstSeen()
                + "  "
                + record.origin()
                + "  "
                + record.reason()
                + ": "
                + record.detail()
                + (record.replayedAs() == null ? "" : "  put back as " + record.replayedAs())
                + (record.replayOf() == null ? "" : "  repeats " + record.replayOf());
    }

    static List<String> details(RejectedRecord record) {
        List<String> lines = new ArrayList<>(List.of(line(record)));
        Optional<Event> event = event(record);
        if (event.isPresent()) {
            fields(event.get()).forEach((name, value) -> lines.add("  " + name + ": " + value));
            return lines;
        }
        lines.add("  key: " + (record.key() == null ? "none" : new String(record.key(), UTF_8)));
        lines.addAll(dump(record.value() == null ? new byte[0] : record.value()));
        return lines;
    }

    static String json(List<RejectedRecord> records) {
        return JsonMapper.shared()
                .writeValueAsString(
                        Map.of("records", records.stream().map(RejectedList::summary).toList()));
    }

    static String json(RejectedRecord record) {
        Map<String, Object> fields = summary(record);
        fields.put("key", base64(record.key()));
        fields.put("value", base64(record.value()));
        event(record).ifPresent(event -> fields.put("event", fields(event)));
        return JsonMapper.shared().writeValueAsString(fields);
    }

    private static Map<String, Object> summary(RejectedRecord record) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("record", record.origin().toString());
        fields.put("first_seen", record.firstSeen().toString());
        fields.put("reason", record.reason());
        fields.put("detail", record.detail());
        fields.put(
                "replayed_at", record.replayedAt() == null ? null : record.replayedAt().toString());
        fields.put("replayed_as", record.replayedAs());
        fields.put("replay_of", record.replayOf());
        return fields;
    }

    /// What the event says, without what it doesn't.
    private static Map<String, Object> fields(Event event) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("project_id", event.projectId());
        fields.put("event_id", event.eventId());
        fields.put("event_type", event.eventType());
        fields.put("user_id", event.userId());
        fields.put("session_id", event.sessionId());
        fields.put("timestamp", instant(event.timestampMillis()));
        fields.put("received_at", instant(event.receivedAtMillis()));
        fields.put("tool_name", event.toolName());
        fields.put("action", event.action());
        fields.put("properties", text(event.properties()));
        fields.put("metadata", text(event.metadata()));
        fields.put("prompt_text", event.promptText());
        fields.put("ai_response", event.aiResponse());
        fields.values().removeIf(value -> value == null);
        return fields;
    }

    private static @Nullable String text(@Nullable Object json) {
        return json == null ? null : json.toString();
    }

    private static String instant(long millis) {
        return Instant.ofEpochMilli(millis).toString();
    }

    private static Optional<Event> event(RejectedRecord record) {
        try {
            return Optional.ofNullable(record.value()).map(EventCodec::decode);
        } catch (MalformedRecordException _) {
            return Optional.empty();
        }
    }

    private static @Nullable String base64(byte @Nullable [] bytes) {
        return bytes == null ? null : Base64.getEncoder().encodeToString(bytes);
    }

    /// Offset, hex and what of it is printable.
    private static List<String> dump(byte[] bytes) {
        List<String> lines = new ArrayList<>();
        for (int from = 0; from < bytes.length; from += BYTES_A_LINE) {
            int to = Math.min(bytes.length, from + BYTES_A_LINE);
            String hex = HexFormat.ofDelimiter(" ").formatHex(bytes, from, to);
            String text = new String(bytes, from, to - from, US_ASCII);
            lines.add("  %06x  %-47s  %s".formatted(from, hex, text.replaceAll("[^ -~]", ".")));
        }
        return lines;
    }
}
