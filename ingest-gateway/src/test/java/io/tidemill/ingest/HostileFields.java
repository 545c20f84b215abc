package io.tidemill.ingest;

import java.time.Instant;
import java.util.List;

/// Events whose fields break a rule, or come close to it.
final class HostileFields {

    private HostileFields() {}

    /// @param now by the server's clock
    static void addTo(HostileInputs to, long now) {
        addTypes(to);
        addTexts(to);
        addTimes(to, now);
    }

    private static void addTypes(HostileInputs to) {
        for (String type : List.of("null", "\"\"", "\" \\t\"")) {
            to.json(
                    "type " + type,
                    "{\"event_type\":" + type + ",\"session_id\":\"s\"}",
                    400,
                    "event_type_missing");
        }
        for (String type : List.of("1", "[\"t\"]", "{}", "true")) {
            to.json(
                    "type " + type,
                    "{\"event_type\":" + type + ",\"session_id\":\"s\"}",
                    400,
                    "wrong_type");
        }
    }

    private static void addTexts(HostileInputs to) {
        to.json(
                "a type with an escape code",
                "{\"event_type\":\"\\u001b[2J\",\"session_id\":\"s\"}",
                400,
                "control_character");
        to.fields("a user of 256", "\"user_id\":\"" + "u".repeat(256) + "\"", 400, "too_long");
        to.fields(
                "a user of 255 astral characters",
                "\"user_id\":\"" + "😀".repeat(255) + "\"",
                200,
                null);
        to.fields("a user of two lines", "\"user_id\":\"a\\r\\nb\"", 200, null);
        to.fields("another project's id", "\"project_id\":\"another\"", 200, null);
        to.fields("an id without a time", "\"event_id\":\"1\"", 400, "timestamp_missing");
        to.fields("properties that are an array", "\"properties\":[]", 400, "wrong_type");
        to.fields("properties that are a string", "\"properties\":\"{}\"", 400, "wrong_type");
        to.fields(
                "300 KB",
                "\"prompt_text\":\"" + "x".repeat(300_000) + "\"",
                400,
                "event_too_large");
    }

    private static void addTimes(HostileInputs to, long now) {
        for (String time :
                List.of(
                        "253402300799000",
                        "\"9999-12-31T23:59:59Z\"",
                        Long.toString(now + 660_000))) {
            to.fields("time " + time, "\"timestamp\":" + time, 400, "timestamp_in_future");
        }
        for (String time :
                List.of("0", "-1", "1760749200", "\"1969-12-31T23:59:59Z\"", "-62135596800000")) {
            to.fields("time " + time, "\"timestamp\":" + time, 400, "timestamp_too_old");
        }
        for (String time :
                List.of(
                        "\"2025-10-18T01:00:60Z\"",
                        "\"2025-10-18T24:00:00Z\"",
                        "\"2025-02-30T00:00:00Z\"",
                        "\"2025-10-18T01:00:00\"",
                        "\"2025-10-18T01:00:00+25:00\"",
                        "\"+294277-01-01T00:00:00Z\"",
                        "8210266876799999",
                        "9223372036854775808",
                        "1.5",
                        "1e12",
                        "true",
                        "{}",
                        "\"now\"")) {
            to.fields("time " + time, "\"timestamp\":" + time, 400, "timestamp_invalid");
        }
        to.fields(
                "a time of nanoseconds",
                "\"timestamp\":\""
                        + Instant.ofEpochMilli(now)
                                .toString()
                                .replaceAll("\\.?\\d*Z", ".999999999Z")
                        + "\"",
                200,
                null);
    }
}
