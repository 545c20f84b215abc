package io.tidemill.contract;

import static io.tidemill.contract.JsonRecord.number;
import static io.tidemill.contract.JsonRecord.text;

import java.time.Instant;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// Keys and values of `rollups.dirty` as JSON; `docs/wire-format.md` has an example.
public final class DirtyHourCodec {

    static final int VERSION = 1;
    private static final JsonMapper JSON = JsonMapper.shared();

    private DirtyHourCodec() {}

    /// Equal hours have equal keys: of many announcements, compaction keeps one.
    public static byte[] encodeKey(String projectId, long hourMillis) {
        ObjectNode json = JSON.createObjectNode();
        json.put("project_id", projectId);
        json.put("hour", Instant.ofEpochMilli(hourMillis).toString());
        return JSON.writeValueAsBytes(json);
    }

    /// @param reason a stable code
    public static byte[] encodeValue(String reason) {
        ObjectNode json = JSON.createObjectNode();
        json.put("version", VERSION);
        json.put("reason", reason);
        return JSON.writeValueAsBytes(json);
    }

    /// @throws MalformedRecordException when the bytes are not such a record of a version known
    ///   here
    public static DirtyHour decode(byte[] key, byte[] value) {
        JsonNode keyJson = JsonRecord.parse(key);
        JsonNode json = JsonRecord.parse(value);
        if (number(json, "version") != VERSION) {
            throw new MalformedRecordException("dirty hour version is not " + VERSION);
        }
        long hour = JsonRecord.hour(keyJson);
        if (hour != Hours.startOf(hour)) {
            throw new MalformedRecordException("dirty hour is not the start of one");
        }
        return new DirtyHour(text(keyJson, "project_id"), hour, text(json, "reason"));
    }
}
