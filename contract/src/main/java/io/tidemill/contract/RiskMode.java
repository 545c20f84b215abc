package io.tidemill.contract;

import io.tidemill.contract.settings.DimensionValue;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.json.JsonMapper;

/// The built-in dimension `risk_mode`: `properties.risk_mode` of events of type
/// `risk_mode_changed`.
public final class RiskMode {

    /// The only event type that carries a risk mode.
    public static final String EVENT_TYPE = "risk_mode_changed";

    private static final String PROPERTY = "risk_mode";
    private static final JsonMapper JSON = JsonMapper.shared();

    private RiskMode() {}

    /// The value this event counts under, or null when it counts under none.
    ///
    /// A string (cut to 200 code points), `true`, `false`, or a whole number below 2^53 as digits;
    /// other values aren't counted.
    public static @Nullable String of(Event event) {
        JsonText properties = event.properties();
        if (properties == null || !event.eventType().equals(EVENT_TYPE)) {
            return null;
        }
        try (JsonParser parser = JSON.createParser(properties.utf8())) {
            return valueOfProperty(parser);
        } catch (JacksonException e) {
            throw new MalformedRecordException("properties are not JSON", e);
        }
    }

    private static @Nullable String valueOfProperty(JsonParser parser) {
        if (parser.nextToken() != JsonToken.START_OBJECT) {
            return null;
        }
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            boolean found = parser.currentName().equals(PROPERTY);
            JsonToken value = parser.nextToken();
            if (found) {
                return dimensionValue(parser, value);
            }
            parser.skipChildren();
        }
        return null;
    }

    private static @Nullable String dimensionValue(JsonParser parser, JsonToken token) {
        return switch (token) {
            case VALUE_STRING -> DimensionValue.ofText(parser.getString());
            case VALUE_TRUE -> "true";
            case VALUE_FALSE -> "false";
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT ->
                    DimensionValue.ofNumber(parser.getDecimalValue());
            default -> null;
        };
    }
}
