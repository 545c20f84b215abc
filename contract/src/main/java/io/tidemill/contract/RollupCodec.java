package io.tidemill.contract;

import static io.tidemill.contract.JsonRecord.number;
import static io.tidemill.contract.JsonRecord.text;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// Keys and values of `rollups.hourly` as JSON; `docs/wire-format.md` has an example.
///
/// JSON here, unlike on `events`: there are few of these records, and people read them.
public final class RollupCodec {

    static final int VERSION = 1;
    private static final JsonMapper JSON = JsonMapper.shared();

    private RollupCodec() {}

    /// Equal keys have equal bytes: compaction compares bytes.
    public static byte[] encodeKey(RollupKey key) {
        ObjectNode json = JSON.createObjectNode();
        json.put("project_id", key.projectId());
        json.put("hour", Instant.ofEpochMilli(key.hourMillis()).toString());
        json.put("part", key.part());
        return JSON.writeValueAsBytes(json);
    }

    /// @throws MalformedRecordException when the bytes are not such a key
    public static RollupKey decodeKey(byte[] bytes) {
        JsonNode json = JsonRecord.parse(bytes);
        return new RollupKey(text(json, "project_id"), JsonRecord.hour(json), text(json, "part"));
    }

    public static byte[] encode(HourlyRollup rollup) {
        ObjectNode json = JSON.createObjectNode();
        json.put("version", VERSION);
        json.put("revision", rollup.revision());
        json.put("total_events", rollup.totalEvents());
        json.put("unique_sessions", rollup.uniqueSessions());
        json.put("unique_users", rollup.uniqueUsers());
        putCounts(json.putObject("event_counts"), rollup.eventCounts());
        putCounts(json.putObject("tool_usage"), rollup.toolUsage());
        putCounts(json.putObject("risk_distribution"), rollup.riskDistribution());
        if (rollup.settingsVersion() > 0) {
            json.put("settings_version", rollup.settingsVersion());
        }
        return JSON.writeValueAsBytes(json);
    }

    /// @throws MalformedRecordException when the bytes are not a rollup of a version known here
    public static HourlyRollup decode(RollupKey key, byte[] bytes) {
        JsonNode json = part(bytes);
        return new HourlyRollup(
                key.projectId(),
                key.hourMillis(),
                number(json, "revision"),
                number(json, "total_events"),
                number(json, "unique_sessions"),
                number(json, "unique_users"),
                counts(json, "event_counts"),
                counts(json, "tool_usage"),
                counts(json, "risk_distribution"),
                json.path("settings_version").asInt(0));
    }

    public static byte[] encode(DimensionCounts counts) {
        ObjectNode json = JSON.createObjectNode();
        json.put("version", VERSION);
        json.put("revision", counts.revision());
        putCounts(json.putObject("counts"), counts.counts());
        return JSON.writeValueAsBytes(json);
    }

    /// @throws MalformedRecordException when the bytes are not such counts of a version known here
    public static DimensionCounts decodeDimension(RollupKey key, byte[] bytes) {
        JsonNode json = part(bytes);
        return new DimensionCounts(
                key.projectId(),
                key.hourMillis(),
                key.dimension(),
                number(json, "revision"),
                counts(json, "counts"));
    }

    public static byte[] encode(MeasureNumbers numbers) {
        ObjectNode json = JSON.createObjectNode();
        json.put("version", VERSION);
        json.put("revision", numbers.revision());
        json.put("count", numbers.count());
        json.put("sum", numbers.sum().toPlainString());
        json.put("min", numbers.min()).put("max", numbers.max());
        json.put("p50", numbers.p50()).put("p95", numbers.p95()).put("p99", numbers.p99());
        json.put("sketch", HexFormat.of().formatHex(numbers.sketch()));
        return JSON.writeValueAsBytes(json);
    }

    /// @throws MalformedRecordException when the bytes are not such numbers of a version known here
    public static MeasureNumbers decodeMeasure(RollupKey key, byte[] bytes) {
        JsonNode json = part(bytes);
        List<String> names = key.measure();
        try {
            return new MeasureNumbers(
                    key.projectId(),
                    key.hourMillis(),
                    names.get(0),
                    names.get(1),
                    names.get(2),
                    number(json, "revision"),
                    number(json, "count"),
                    new BigDecimal(text(json, "sum")),
                    size(json, "min"),
                    size(json, "max"),
                    size(json, "p50"),
                    size(json, "p95"),
                    size(json, "p99"),
                    HexFormat.of().parseHex(text(json, "sketch")));
        } catch (IllegalArgumentException e) {
            throw new MalformedRecordException("measure has a number that is none", e);
        }
    }

    private static JsonNode part(byte[] bytes) {
        JsonNode json = JsonRecord.parse(bytes);
        if (number(json, "version") != VERSION) {
            throw new MalformedRecordException("rollup part version is not " + VERSION);
        }
        return json;
    }

    private static double size(JsonNode json, String field) {
        JsonNode value = json.path(field);
        if (!value.isNumber() || !Double.isFinite(value.doubleValue())) {
            throw new MalformedRecordException("record lacks the number " + field);
        }
        return value.doubleValue();
    }

    /// Counts as a JSON object, keys in order.
    public static String countsAsJson(SortedMap<String, Long> counts) {
        ObjectNode json = JSON.createObjectNode();
        putCounts(json, counts);
        return new String(JSON.writeValueAsBytes(json), StandardCharsets.UTF_8);
    }

    private static void putCounts(ObjectNode json, Map<String, Long> counts) {
        counts.forEach((value, count) -> json.put(value, count.longValue()));
    }

    private static SortedMap<String, Long> counts(JsonNode json, String field) {
        JsonNode object = json.path(field);
        if (!object.isObject()) {
            throw new MalformedRecordException("rollup record lacks the counts " + field);
        }
        SortedMap<String, Long> counts = new TreeMap<>();
        for (Map.Entry<String, JsonNode> entry : object.properties()) {
            counts.put(entry.getKey(), number(object, entry.getKey()));
        }
        return counts;
    }
}
