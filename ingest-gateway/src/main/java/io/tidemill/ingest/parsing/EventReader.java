package io.tidemill.ingest.parsing;

import java.util.EnumMap;
import java.util.HashSet;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/// Reads one event off a parser in one pass, and checks all that needs no other field to be
/// checked: types, lengths, names, and what no JSON value may hold.
final class EventReader {

    static final int MAX_NAME_LENGTH = 200;
    static final int MAX_ACTOR_LENGTH = 255;

    private final EventLimits limits;
    private final JsonDocument document;
    private final JsonParser parser;
    private final ValueCheck check;
    private final EventFields fields = new EventFields();
    private final Map<EventField, String> namesSeen = new EnumMap<>(EventField.class);

    EventReader(EventLimits limits, JsonDocument document) {
        this.limits = limits;
        this.document = document;
        this.parser = document.parser();
        this.check = new ValueCheck(document, limits.maxDepth());
    }

    /// Reads the object that the parser stands at the beginning of.
    ///
    /// @throws RefusedException at the first thing that may not be; the parser stays there
    EventFields read() {
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            readMember();
        }
        return fields;
    }

    /// Reads the member whose name the parser stands on.
    ///
    /// @throws RefusedException like {@link #read()}
    void readMember() {
        check.text(null);
        String name = parser.currentName();
        EventField field = EventField.named(name);
        if (field == null) {
            int from = document.tokenStart();
            parser.nextToken();
            readUnknown(name, from);
        } else {
            requireFirst(field, name, namesSeen.put(field, name));
            readKnown(field, name);
        }
    }

    /// Reads the value of a field that no rule knows.
    ///
    /// @param from where its name begins
    void readUnknown(String name, int from) {
        String field = shortened(name);
        if (fields.unknown().containsKey(name)) {
            throw new RefusedException(
                    Rejection.DUPLICATE_KEY, field, "a field of the event occurs twice");
        }
        if (fields.unknown().size() == limits.maxKeys()) {
            throw new RefusedException(
                    Rejection.TOO_MANY_KEYS, "the event has more fields than " + limits.maxKeys());
        }
        // It will be a member of properties, so it is nested one deeper than they are.
        int depth = check.value(2, field) - 1;
        fields.putUnknown(name, new EventFields.Unknown(from, document.tokenEnd(), depth));
    }

    /// What has been read so far.
    EventFields fields() {
        return fields;
    }

    /// Checks a text field's length, in code points.
    static void requireLength(String field, String text, int maxCodePoints) {
        if (text.length() > maxCodePoints
                && text.codePointCount(0, text.length()) > maxCodePoints) {
            throw new RefusedException(
                    Rejection.TOO_LONG,
                    field,
                    field + " is longer than " + maxCodePoints + " characters");
        }
    }

    /// The time that the parser stands on, in milliseconds; null when absent.
    private static @Nullable Long time(JsonParser parser, EventField field) {
        JsonToken token = parser.currentToken();
        boolean absent =
                token == JsonToken.VALUE_NULL
                        || (token == JsonToken.VALUE_STRING && parser.getStringLength() == 0);
        if (absent) {
            return null;
        }
        OptionalLong millis = Timestamps.read(parser);
        if (millis.isEmpty()) {
            throw new RefusedException(
                    Rejection.TIMESTAMP_INVALID,
                    field.fieldName(),
                    field.fieldName()
                            + " is neither ISO-8601 with an offset nor whole milliseconds");
        }
        return millis.getAsLong();
    }

    private static void requireFirst(EventField field, String name, @Nullable String before) {
        if (before == null) {
            return;
        }
        String fieldName = field.fieldName();
        if (before.equals(name)) {
            throw new RefusedException(
                    Rejection.DUPLICATE_KEY, fieldName, fieldName + " occurs twice");
        }
        throw new RefusedException(
                Rejection.DUPLICATE_FIELD, fieldName, fieldName + " occurs under both its names");
    }

    private void readKnown(EventField field, String name) {
        int from = field == EventField.CONVERSATION_ID ? document.tokenStart() : 0;
        JsonToken token = parser.nextToken();
        if (token == JsonToken.VALUE_NULL) {
            return;
        }
        switch (field) {
            case EVENT_TYPE, EVENT_ID, TOOL_NAME, ACTION -> readText(field, MAX_NAME_LENGTH);
            case SESSION_ID, USER_ID -> readText(field, MAX_ACTOR_LENGTH);
            case PROMPT_TEXT, AI_RESPONSE -> readText(field, Integer.MAX_VALUE);
            case CONVERSATION_ID -> {
                readText(field, MAX_ACTOR_LENGTH);
                if (fields.text(field) != null) {
                    // The event has no place of its own for it, so it is kept like an unknown one.
                    fields.putUnknown(name, new EventFields.Unknown(from, document.tokenEnd(), 0));
                }
            }
            case TIMESTAMP, SENT_AT -> fields.put(field, time(parser, field));
            case DEMO_MODE -> {
                requireType(field, token.isBoolean(), "a boolean");
                fields.putDemoMode(token == JsonToken.VALUE_TRUE);
            }
            case PROPERTIES, METADATA -> readObject(field);
            case API_KEY -> check.value(1, field.fieldName());
        }
    }

    private void readText(EventField field, int maxCodePoints) {
        requireType(field, parser.currentToken() == JsonToken.VALUE_STRING, "a string");
        check.text(field.fieldName());
        String text = parser.getString();
        if (text.isEmpty()) {
            return;
        }
        requireLength(field.fieldName(), text, maxCodePoints);
        fields.put(field, text);
    }

    private void readObject(EventField field) {
        String fieldName = field.fieldName();
        requireType(field, parser.currentToken() == JsonToken.START_OBJECT, "an object");
        int from = document.tokenStart();
        Set<String> keys = new HashSet<>();
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            check.text(fieldName);
            String key = parser.currentName();
            ValueCheck.addKey(keys, key, fieldName);
            requireKeys(fieldName, keys.size(), limits.maxKeys());
            if (parser.nextToken() == JsonToken.VALUE_STRING && field == EventField.PROPERTIES) {
                noteActor(key);
            }
            check.value(2, fieldName);
        }
        fields.put(field, new SentObject(document.bytes(), from, document.tokenEnd(), keys));
    }

    /// Checks the number of keys of an object.
    static void requireKeys(String field, int keys, int maxKeys) {
        if (keys > maxKeys) {
            throw new RefusedException(
                    Rejection.TOO_MANY_KEYS, field, field + " has more keys than " + maxKeys);
        }
    }

    private void noteActor(String key) {
        EventField field = EventField.named(key);
        if ((field == EventField.USER_ID || field == EventField.CONVERSATION_ID)
                && parser.getStringLength() > 0) {
            fields.putOfProperties(field, key, parser.getString());
        }
    }

    private static void requireType(EventField field, boolean right, String type) {
        if (!right) {
            throw new RefusedException(
                    Rejection.WRONG_TYPE, field.fieldName(), field.fieldName() + " is not " + type);
        }
    }

    private static String shortened(String name) {
        return name.codePointCount(0, name.length()) <= MAX_NAME_LENGTH
                ? name
                : name.substring(0, name.offsetByCodePoints(0, MAX_NAME_LENGTH));
    }
}
