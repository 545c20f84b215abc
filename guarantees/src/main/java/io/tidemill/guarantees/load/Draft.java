package io.tidemill.guarantees.load;

import io.tidemill.guarantees.history.Content;
import io.tidemill.guarantees.history.SentEvent;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// An event that is going to be sent: its JSON object, and what a row of it must hold.
///
/// @param project that sends it
/// @param eventId null to have one minted
/// @param fields the rest of the object, by the names of columns
/// @param otherProject named in the body, where it must count for nothing; null for none
record Draft(
        String project,
        @Nullable String eventId,
        long timestampMillis,
        Map<String, @Nullable Object> fields,
        @Nullable String otherProject) {

    Draft {
        fields = new LinkedHashMap<>(fields);
    }

    /// As it is written into the history.
    SentEvent sent() {
        Map<String, @Nullable Object> row = new HashMap<>(fields);
        row.putIfAbsent("demo_mode", false);
        if (otherProject != null) {
            // A field that isn't known is kept among the properties.
            Map<String, Object> properties = new HashMap<>(properties());
            properties.put("project_id", otherProject);
            row.put("properties", properties);
        }
        return new SentEvent(project, eventId, timestampMillis, Content.hash(row));
    }

    /// As it goes over the wire.
    Map<String, @Nullable Object> json() {
        Map<String, @Nullable Object> object = new LinkedHashMap<>();
        if (eventId != null) {
            object.put("event_id", eventId);
        }
        object.put("timestamp", timestampMillis);
        object.putAll(fields);
        if (otherProject != null) {
            object.put("project_id", otherProject);
        }
        return object;
    }

    /// The same identity, saying something else.
    Draft saying(String eventType) {
        Map<String, @Nullable Object> other = new LinkedHashMap<>(fields);
        other.put("event_type", eventType);
        return new Draft(project, eventId, timestampMillis, other, otherProject);
    }

    /// With the id that the gateway minted.
    Draft named(String id) {
        return new Draft(project, id, timestampMillis, fields, otherProject);
    }

    private Map<String, Object> properties() {
        Map<String, Object> properties = new HashMap<>();
        if (fields.get("properties") instanceof Map<?, ?> sent) {
            sent.forEach((name, value) -> properties.put(String.valueOf(name), value));
        }
        return properties;
    }
}
