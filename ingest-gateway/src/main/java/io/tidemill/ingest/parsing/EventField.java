package io.tidemill.ingest.parsing;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The top-level fields of an event that are known by name, each in two forms.
enum EventField {
    EVENT_TYPE("event_type", "eventType"),
    EVENT_ID("event_id", "eventId"),
    SESSION_ID("session_id", "sessionId"),
    USER_ID("user_id", "userId"),
    CONVERSATION_ID("conversation_id", "conversationId"),
    TIMESTAMP("timestamp", "timestamp"),
    SENT_AT("sent_at", "sentAt"),
    TOOL_NAME("tool_name", "toolName"),
    ACTION("action", "action"),
    DEMO_MODE("demo_mode", "demoMode"),
    PROPERTIES("properties", "properties"),
    METADATA("metadata", "metadata"),
    PROMPT_TEXT("prompt_text", "promptText"),
    AI_RESPONSE("ai_response", "aiResponse"),
    /// A write key beside the event: never stored, never logged.
    API_KEY("api_key", "apiKey");

    private static final Map<String, EventField> BY_NAME = byName();

    private final String fieldName;
    private final String camelCase;

    EventField(String fieldName, String camelCase) {
        this.fieldName = fieldName;
        this.camelCase = camelCase;
    }

    /// The field of that name, in either form; null for a name that is not known.
    static @Nullable EventField named(String name) {
        return BY_NAME.get(name);
    }

    /// Its name as answers show it.
    String fieldName() {
        return fieldName;
    }

    private static Map<String, EventField> byName() {
        Map<String, EventField> fields = new HashMap<>();
        for (EventField field : values()) {
            fields.put(field.fieldName, field);
            fields.put(field.camelCase, field);
        }
        return Map.copyOf(fields);
    }
}
