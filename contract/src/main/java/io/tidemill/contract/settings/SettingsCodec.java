package io.tidemill.contract.settings;

import io.tidemill.contract.Hours;
import io.tidemill.contract.MalformedRecordException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Keys and values of `settings` as JSON; `docs/wire-format.md` has an example.
public final class SettingsCodec {

    static final int VERSION = 1;
    private static final JsonMapper JSON = JsonMapper.shared();

    private SettingsCodec() {}

    public static byte[] encodeKey(int version) {
        return JSON.writeValueAsBytes(JSON.createObjectNode().put("settings_version", version));
    }

    public static byte[] encode(SettingsVersion version) {
        return JSON.writeValueAsBytes(json(version).put("version", VERSION));
    }

    /// For people and programs: what was applied, and from when it holds.
    public static ObjectNode json(SettingsVersion version) {
        ObjectNode json = json(version.settings());
        json.put("settings_version", version.version());
        json.put("from_hour", Instant.ofEpochMilli(version.fromHourMillis()).toString());
        return json;
    }

    /// @return the settings as {@link SettingsReader} reads them, one JSON object
    public static String text(CountingSettings settings) {
        return new String(JSON.writeValueAsBytes(json(settings)), StandardCharsets.UTF_8);
    }

    /// @throws MalformedRecordException when the bytes are not settings of a version known here
    public static SettingsVersion decode(byte[] value) {
        try {
            JsonNode json = JSON.readTree(value);
            JsonNode number = json.path("settings_version");
            if (json.path("version").asInt(0) != VERSION || !number.canConvertToInt()) {
                throw new MalformedRecordException("settings version is not " + VERSION);
            }
            long hour = Instant.parse(json.path("from_hour").asString("")).toEpochMilli();
            if (number.intValue() < 1 || hour != Hours.startOf(hour)) {
                throw new MalformedRecordException("settings have no valid version or hour");
            }
            return new SettingsVersion(number.intValue(), hour, SettingsReader.read(json));
        } catch (JacksonException
                | DateTimeException
                | ArithmeticException
                | InvalidCountingSettingsException e) {
            throw new MalformedRecordException("settings can't be read", e);
        }
    }

    private static ObjectNode json(CountingSettings settings) {
        ObjectNode json = JSON.createObjectNode();
        ArrayNode dimensions = json.putArray("dimensions");
        for (Dimension dimension : settings.dimensions()) {
            ObjectNode one = dimensions.addObject();
            one.put("name", dimension.name()).put("path", dimension.path().toString());
            if (dimension.eventType() != null) {
                one.put("event_type", dimension.eventType());
            }
        }
        ArrayNode measures = json.putArray("measures");
        settings.measures().forEach(measure -> putMeasure(measures.addObject(), measure));
        return json;
    }

    private static void putMeasure(ObjectNode one, Measure measure) {
        one.put("name", measure.name()).put("path", measure.path().toString());
        if (measure.eventType() != null) {
            one.put("event_type", measure.eventType());
        }
        ObjectNode where = one.putObject("where");
        measure.where().forEach(where::put);
        one.put("factor", measure.factor());
        ArrayNode by = one.putArray("by");
        measure.by().forEach(by::add);
    }
}
