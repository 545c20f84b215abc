package io.tidemill.ingest.parsing;

import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What was read of one event: each field of the right type, nothing decided yet.
final class EventFields {

    /// A top-level field of a name that is not known.
    ///
    /// @param from where its name begins in the bytes that were read
    /// @param to behind its value
    /// @param depth how deep its value is nested; 0 when it is no object or array
    record Unknown(int from, int to, int depth) {}

    private final Map<EventField, String> texts = new EnumMap<>(EventField.class);
    private final Map<EventField, String> textsOfProperties = new EnumMap<>(EventField.class);
    private final Map<EventField, Long> times = new EnumMap<>(EventField.class);
    private final Map<EventField, SentObject> objects = new EnumMap<>(EventField.class);
    private final Map<String, Unknown> unknown = new LinkedHashMap<>();
    private @Nullable Boolean demoMode;

    void put(EventField field, String text) {
        texts.put(field, text);
    }

    /// @param millis null when absent
    void put(EventField field, @Nullable Long millis) {
        if (millis != null) {
            times.put(field, millis);
        }
    }

    void put(EventField field, SentObject object) {
        objects.put(field, object);
    }

    void putDemoMode(boolean value) {
        demoMode = value;
    }

    /// A string found in `properties`; the snake_case form of a name goes before the other.
    void putOfProperties(EventField field, String name, String text) {
        if (name.equals(field.fieldName())) {
            textsOfProperties.put(field, text);
        } else {
            textsOfProperties.putIfAbsent(field, text);
        }
    }

    void putUnknown(String name, Unknown value) {
        unknown.put(name, value);
    }

    /// Null when absent.
    @Nullable String text(EventField field) {
        return texts.get(field);
    }

    /// Null when absent.
    @Nullable String textOfProperties(EventField field) {
        return textsOfProperties.get(field);
    }

    /// Null when absent.
    @Nullable Long time(EventField field) {
        return times.get(field);
    }

    /// Null when absent.
    @Nullable SentObject object(EventField field) {
        return objects.get(field);
    }

    boolean demoModeOr(boolean presumed) {
        return demoMode == null ? presumed : demoMode;
    }

    /// In the order in which they were sent.
    Map<String, Unknown> unknown() {
        return unknown;
    }
}
