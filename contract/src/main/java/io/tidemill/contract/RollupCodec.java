package io.tidemill.contract;

import static io.tidemill.contract.JsonRecord.number;
import static io.tidemill.contract.JsonRecord.text;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
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
        return JSON.writeValueAsBytes(json);
    }

    /// @throws MalformedRecordException when the bytes are not a rollup of a version known here
    public static HourlyRollup decode(RollupKey key, byte[] bytes) {
        JsonNode json = JsonRecord.parse(bytes);
        if (number(json, "version") != VERSION) {
            throw new MalformedRecordException("rollup version is not " + VERSION);
        }
        return new HourlyRollup(
                key.projectId(),
                key.hourMillis(),
                number(json, "revision"),
                number(json, "total_events"),
                number(json, "unique_sessions"),
                number(json, "unique_users"),
                counts(json, "event_counts"),
                counts(json, "tool_usage"),
                counts(json, "risk_distribution"));
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
