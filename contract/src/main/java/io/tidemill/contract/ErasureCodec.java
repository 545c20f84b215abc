package io.tidemill.contract;

import static io.tidemill.contract.JsonRecord.instant;
import static io.tidemill.contract.JsonRecord.number;
import static io.tidemill.contract.JsonRecord.text;

import java.time.Instant;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// Keys and values of `erasures` as JSON; `docs/wire-format.md` has an example.
public final class ErasureCodec {

    static final int VERSION = 1;
    private static final JsonMapper JSON = JsonMapper.shared();

    private ErasureCodec() {}

    /// Equal users have equal keys: of many erasures of a user, compaction keeps the last.
    public static byte[] encodeKey(Erasure erasure) {
        ObjectNode json = JSON.createObjectNode();
        json.put("project_id", erasure.projectId());
        json.put("user_id", erasure.userId());
        return JSON.writeValueAsBytes(json);
    }

    public static byte[] encodeValue(Erasure erasure) {
        ObjectNode json = JSON.createObjectNode();
        json.put("version", VERSION);
        json.put(
                "received_before", Instant.ofEpochMilli(erasure.receivedBeforeMillis()).toString());
        return JSON.writeValueAsBytes(json);
    }

    /// @throws MalformedRecordException when the bytes are not such a record of a version known
    ///   here
    public static Erasure decode(byte[] key, byte[] value) {
        JsonNode keyJson = JsonRecord.parse(key);
        JsonNode json = JsonRecord.parse(value);
        if (number(json, "version") != VERSION) {
            throw new MalformedRecordException("erasure version is not " + VERSION);
        }
        long receivedBefore = instant(json, "received_before");
        if (receivedBefore != Hours.startOf(receivedBefore)) {
            throw new MalformedRecordException("erasure does not end with a whole hour");
        }
        return new Erasure(text(keyJson, "project_id"), text(keyJson, "user_id"), receivedBefore);
    }
}
