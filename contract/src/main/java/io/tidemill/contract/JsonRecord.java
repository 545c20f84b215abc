package io.tidemill.contract;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Reads the fields of records that are JSON; whatever else they are is malformed.
final class JsonRecord {

    private static final JsonMapper JSON = JsonMapper.shared();

    private JsonRecord() {}

    static JsonNode parse(byte[] bytes) {
        try {
            return JSON.readTree(bytes);
        } catch (JacksonException e) {
            throw new MalformedRecordException("record is not JSON", e);
        }
    }

    static String text(JsonNode json, String field) {
        JsonNode value = json.path(field);
        if (!value.isString()) {
            throw new MalformedRecordException("record lacks the text " + field);
        }
        return value.stringValue();
    }

    static long number(JsonNode json, String field) {
        JsonNode value = json.path(field);
        if (!value.canConvertToLong()) {
            throw new MalformedRecordException("record lacks the number " + field);
        }
        return value.longValue();
    }

    /// The field `hour` in milliseconds.
    static long hour(JsonNode json) {
        return instant(json, "hour");
    }

    /// An instant in milliseconds.
    static long instant(JsonNode json, String field) {
        try {
            return Instant.parse(text(json, field)).toEpochMilli();
        } catch (DateTimeException | ArithmeticException e) {
            throw new MalformedRecordException("record has no valid " + field, e);
        }
    }

    /// A day in days since 1970-01-01.
    static long day(JsonNode json, String field) {
        try {
            return LocalDate.parse(text(json, field)).toEpochDay();
        } catch (DateTimeException e) {
            throw new MalformedRecordException("record has no valid " + field, e);
        }
    }
}
