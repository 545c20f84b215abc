package io.tidemill.contract;

import static io.tidemill.contract.JsonRecord.number;
import static io.tidemill.contract.JsonRecord.text;

import java.time.LocalDate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// Keys and values of `retention.cohorts` as JSON; `docs/wire-format.md` has an example.
public final class CohortCodec {

    static final int VERSION = 1;
    private static final JsonMapper JSON = JsonMapper.shared();

    private CohortCodec() {}

    /// Equal cells have equal keys: compaction compares bytes.
    public static byte[] encodeKey(CohortCell cell) {
        ObjectNode json = JSON.createObjectNode();
        json.put("project_id", cell.projectId());
        json.put("cohort_day", LocalDate.ofEpochDay(cell.cohortDay()).toString());
        json.put("day_number", cell.dayNumber());
        return JSON.writeValueAsBytes(json);
    }

    public static byte[] encodeValue(CohortCount count) {
        ObjectNode json = JSON.createObjectNode();
        json.put("version", VERSION);
        json.put("revision", count.revision());
        json.put("users", count.users());
        return JSON.writeValueAsBytes(json);
    }

    /// @throws MalformedRecordException when the bytes are not such a record of a version known
    ///   here
    public static CohortCount decode(byte[] key, byte[] value) {
        JsonNode keyJson = JsonRecord.parse(key);
        JsonNode json = JsonRecord.parse(value);
        if (number(json, "version") != VERSION) {
            throw new MalformedRecordException("cohort version is not " + VERSION);
        }
        long users = number(json, "users");
        if (users < 0) {
            throw new MalformedRecordException("cohort has less than no users");
        }
        return new CohortCount(cell(keyJson), users, number(json, "revision"));
    }

    private static CohortCell cell(JsonNode json) {
        long dayNumber = number(json, "day_number");
        if (dayNumber < 0 || dayNumber > CohortCell.LAST_DAY_NUMBER) {
            throw new MalformedRecordException("day number is not within a cohort's days");
        }
        return new CohortCell(
                text(json, "project_id"), JsonRecord.day(json, "cohort_day"), (int) dayNumber);
    }
}
