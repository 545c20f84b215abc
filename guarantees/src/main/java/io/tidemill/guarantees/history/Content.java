package io.tidemill.guarantees.history;

import io.tidemill.contract.Hash128;
import java.util.Collection;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// What an event says beside its identity, in a form that doesn't depend on how it is written: keys
/// in order, numbers by their value, absent and null alike. The same for what was sent and for the
/// row that came of it.
public final class Content {

    private static final JsonMapper JSON =
            JsonMapper.builder()
                    .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                    .enable(DeserializationFeature.USE_BIG_INTEGER_FOR_INTS)
                    .build();

    private Content() {}

    /// @param fields by their names as columns of `analytics.events`; values are texts, booleans,
    ///   numbers, maps and lists of such
    /// @return 32 hexadecimal digits
    public static String hash(Map<String, @Nullable Object> fields) {
        return HexFormat.of().formatHex(Hash128.of(canonical(JSON.valueToTree(fields))).bytes());
    }

    /// @param json as Postgres prints a `jsonb`; null for no value
    public static @Nullable Object parsed(@Nullable String json) {
        return json == null ? null : JSON.readTree(json);
    }

    static String canonical(JsonNode value) {
        StringBuilder text = new StringBuilder();
        append(text, value);
        return text.toString();
    }

    private static void append(StringBuilder text, JsonNode value) {
        switch (value.getNodeType()) {
            case OBJECT -> {
                Map<String, JsonNode> present = new TreeMap<>();
                for (Map.Entry<String, JsonNode> field : value.properties()) {
                    if (!field.getValue().isNull()) {
                        present.put(field.getKey(), field.getValue());
                    }
                }
                text.append('{');
                present.forEach((name, field) -> {
                    text.append(JSON.writeValueAsString(name)).append(':');
                    append(text, field);
                    text.append(',');
                });
                text.append('}');
            }
            case ARRAY -> {
                Collection<JsonNode> elements = value.values();
                text.append('[');
                for (JsonNode element : elements) {
                    append(text, element);
                    text.append(',');
                }
                text.append(']');
            }
            case NUMBER -> text.append(value.decimalValue().stripTrailingZeros().toPlainString());
            case STRING, BOOLEAN, NULL -> text.append(JSON.writeValueAsString(value));
            case BINARY, POJO, MISSING ->
                    throw new IllegalArgumentException("not JSON: " + value.getNodeType());
        }
    }
}
