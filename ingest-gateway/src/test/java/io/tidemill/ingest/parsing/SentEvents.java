package io.tidemill.ingest.parsing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// What the contract says of events, told once more, in the simplest way, over trees.
final class SentEvents {

    private SentEvents() {}

    /// The events of a body.
    static List<JsonNode> of(JsonNode body) {
        JsonNode events =
                body.isObject() && body.path("events").isArray() ? body.get("events") : body;
        List<JsonNode> all = new ArrayList<>();
        if (events.isArray()) {
            events.forEach(all::add);
        } else {
            all.add(events);
        }
        return all;
    }

    /// What becomes of an event's properties; null when nothing was sent.
    static @Nullable JsonNode properties(JsonNode sent) {
        ObjectNode properties = copy(sent.get("properties"));
        unknown(sent)
                .properties()
                .forEach(it -> properties.putIfAbsent(it.getKey(), it.getValue()));
        return properties.isEmpty() && !sent.path("properties").isObject() ? null : properties;
    }

    /// What becomes of an event's metadata; null when nothing was sent.
    static @Nullable JsonNode metadata(JsonNode sent) {
        ObjectNode metadata = copy(sent.get("metadata"));
        ObjectNode topLevel = unknown(sent);
        topLevel.retain(
                topLevel.propertyNames().stream().filter(sent.path("properties")::has).toList());
        if (!topLevel.isEmpty()) {
            metadata.set("top_level", topLevel);
        }
        return metadata.isEmpty() && !sent.path("metadata").isObject() ? null : metadata;
    }

    static boolean hasUnknown(JsonNode sent) {
        return !unknown(sent).isEmpty();
    }

    /// Fails for an event that must not have been accepted.
    static void requireAcceptable(JsonNode sent) {
        assertThat(sent.isObject()).isTrue();
        requireStorable(sent);
        String type = sent.path("event_type").asString(sent.path("eventType").asString(""));
        assertThat(type).isNotBlank();
        assertThat(type.codePointCount(0, type.length())).isLessThanOrEqualTo(200);
        for (String field : List.of("properties", "metadata")) {
            assertThat(sent.path(field).size()).isLessThanOrEqualTo(Parsed.LIMITS.maxKeys());
            assertThat(depth(sent.path(field))).isLessThanOrEqualTo(Parsed.LIMITS.maxDepth());
        }
    }

    private static void requireStorable(JsonNode value) {
        if (value.isString()) {
            requireStorable(value.stringValue());
        } else if (value.isNumber()) {
            double number = value.decimalValue().doubleValue();
            assertThat(number).isFinite();
            assertThat(number == 0).isEqualTo(value.decimalValue().signum() == 0);
        }
        for (Map.Entry<String, JsonNode> member : value.properties()) {
            requireStorable(member.getKey());
        }
        value.forEach(SentEvents::requireStorable);
    }

    private static void requireStorable(String text) {
        assertThat(text.codePoints())
                .noneMatch(point -> point == 0 || (point >= 0xd800 && point <= 0xdfff));
    }

    private static int depth(JsonNode value) {
        int deepest = 0;
        for (JsonNode inner : value) {
            deepest = Math.max(deepest, depth(inner));
        }
        return value.isContainer() ? deepest + 1 : 0;
    }

    private static ObjectNode copy(@Nullable JsonNode object) {
        return object instanceof ObjectNode sent
                ? sent.deepCopy()
                : JsonNodeFactory.instance.objectNode();
    }

    private static ObjectNode unknown(JsonNode sent) {
        ObjectNode unknown = JsonNodeFactory.instance.objectNode();
        for (Map.Entry<String, JsonNode> member : sent.properties()) {
            EventField field = EventField.named(member.getKey());
            boolean conversation =
                    field == EventField.CONVERSATION_ID
                            && !member.getValue().asString("").isEmpty();
            if (field == null || conversation) {
                unknown.set(member.getKey(), member.getValue());
            }
        }
        return unknown;
    }
}
