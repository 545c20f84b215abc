package io.tidemill.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// JSON as it should not be, and values that only look so.
final class HostileJson {

    /// What is no JSON, as a whole body.
    private static final String[] NO_JSON = {
        "{}{}",
        "{} x",
        "[1,]",
        "[,1]",
        "[1 2]",
        "[1",
        "]",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{,}",
        "{a:1}",
        "{'a':1}",
        "{1:1}",
        "{\"a\":1 \"b\":2}",
        "{\"a\" \"b\"}",
        "{\"a\"::1}",
        "[\"\t\"]",
        "[\"\n\"]",
        "[\"\u0000\"]",
        "[\"\\x\"]",
        "[\"\\u12\"]",
        "[\"\\u00zz\"]",
        "[\"\\ud800\\u\"]",
        "[\"a",
        "[\"\\",
        "[\\u0020\"a\"]",
        "[NaN]",
        "[-NaN]",
        "[Infinity]",
        "[-Infinity]",
        "[0x1]",
        "[01]",
        "[-01]",
        "[+1]",
        "[1.]",
        "[.5]",
        "[-.5]",
        "[1e]",
        "[1e+]",
        "[1.e3]",
        "[1 000]",
        "[--1]",
        "[-]",
        "[1_0]",
        "[1a]",
        "[١]",
        "[tru]",
        "[True]",
        "[nul]",
        "[undefined]",
        "[1]//c",
        "[1]/*c*/",
        "#c\n[1]",
        "<event/>",
        "event_type=t",
        "\\u007b}",
        "[\u00a01]",
        "[\f1]",
        "\u0000",
        "[1]\u0000",
        "\u2060[1]",
        "&",
        "*",
        "\"",
        "{",
        "[{",
        "[[",
        "{\"a\":[",
        "{\"a\":/*c*/1}",
        "[\"a\",\"b\":1]",
        "{[: \"x\"}",
        "[\"x\"]]",
        "{\"a\":true,]"
    };

    /// What is JSON, as the value of a property; kept to the byte.
    private static final String[] KEPT = {
        "[]",
        "{}",
        "[ ]",
        "[[]   ]",
        "[null, 1, \"1\", {}]",
        "[1\n]",
        "null",
        "true",
        "\"\"",
        "-0",
        "1.0",
        "1E2",
        "1e+2",
        "1E-2",
        "0e1",
        "0E+1",
        "-123123e-7",
        "1.7976931348623157e308",
        "4.9e-324",
        "9007199254740993",
        "9223372036854775807",
        "9223372036854775808",
        "-9223372036854775809",
        "123456789012345678901234567890",
        "1.00",
        "\"\\\\u0000\"",
        "\"\\\\ud800\"",
        "\"\\u0060\\u012a\\u12AB\"",
        "\"\\ud801\\udc37\"",
        "\"\\uDBFF\\uDFFF\"",
        "\"\\uFFFE\\uFFFF\"",
        "\"\uffff\"",
        "\"\udbff\udfff\"",
        "\"\u007f\\u007f\"",
        "\"\u2028\u2029\"",
        "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
        "\"\u202eabc\u202c\"",
        "\"\u200b\u200d\ufeff\"",
        "\"👨‍👩‍👧‍👦\"",
        "\"a/*b*/c//d#e\"",
        "\"é e\\u0301 e\u0301\"",
        "{\"__proto__\":{\"x\":1},\"constructor\":{\"prototype\":{}}}",
        "{\"\":0}",
        "\"<script>alert(1)</script>\"",
        "\"=cmd|'/c calc'!A0\"",
        "\"${jndi:ldap://x/a}\"",
        "\"'; DROP TABLE events; --\"",
        "\"%00%0d%0a\"",
        "\"../../etc/passwd\"",
        "\"{{7*7}}\"",
        "\"\\u0008\\u001b[31m\"",
        "{\"project_id\":\"another\"}",
        "\"1;--\\r\\nX: y\""
    };

    private HostileJson() {}

    static void addTo(HostileInputs to) {
        addSyntax(to);
        addNumbers(to);
        addTexts(to);
    }

    private static void addSyntax(HostileInputs to) {
        for (String body : NO_JSON) {
            to.json("no JSON: " + body, body, 400, "malformed_json");
        }
        to.json("100,000 brackets", "[".repeat(100_000), 400, "too_deep");
        to.json("100,000 objects", "{\"a\":".repeat(100_000), 400, "too_deep");
        to.property("17 deep", "[".repeat(16) + "]".repeat(16), 400, "too_deep");
        to.property("16 deep", "[".repeat(15) + "]".repeat(15), 200, null);
        to.fields("a key twice", "\"x\":1,\"x\":1", 400, "duplicate_key");
        to.fields("a key twice, once escaped", "\"event\\u005ftype\":\"t\"", 400, "duplicate_key");
        to.property("a key twice inside", "{\"a\":{\"b\":1,\"b\":1}}", 400, "duplicate_key");
        to.property(
                "a key of 600 KB", "{\"" + "k".repeat(600_000) + "\":1}", 400, "event_too_large");
        to.property("20,000 keys inside", "{" + HostileInputs.keys(20_000) + "}", 200, null);
        to.property("8,192 keys of one hash", "{" + keysOfOneHash(13) + "}", 200, null);
        to.fields(
                "256 keys",
                "\"properties\":{" + HostileInputs.keys(256) + "}",
                400,
                "too_many_keys");
        to.fields("255 keys", "\"properties\":{" + HostileInputs.keys(255) + "}", 200, null);
        to.fields("20,000 keys", HostileInputs.keys(20_000), 400, "too_many_keys");
    }

    /// Every key has the same `String.hashCode`.
    private static String keysOfOneHash(int pairs) {
        List<String> keys = List.of("");
        for (int i = 0; i < pairs; i++) {
            keys = keys.stream().flatMap(key -> Stream.of(key + "Aa", key + "BB")).toList();
        }
        return keys.stream().map(key -> '"' + key + "\":0").collect(Collectors.joining(","));
    }

    private static void addNumbers(HostileInputs to) {
        for (String value : KEPT) {
            to.property("kept: " + value, value, 200, null);
        }
        for (String number :
                List.of(
                        "1e400",
                        "-1e9999",
                        "1e131071",
                        "1e-400",
                        "0.4e0066999999",
                        "123.456e-789",
                        "1e99999999999")) {
            to.property("number " + number, number, 400, "number_out_of_range");
        }
        to.property("1,001 digits", "1".repeat(1_001), 400, "number_too_long");
        to.property("400 digits", "1".repeat(400), 400, "number_out_of_range");
        to.property("300 digits", "1".repeat(300), 200, null);
    }

    private static void addTexts(HostileInputs to) {
        for (String text : List.of("\\u0000", "a\\u0000b", "\\ud83d\\ude00\\u0000")) {
            to.property("NUL " + text, "\"" + text + "\"", 400, "nul_character");
            to.property("key NUL " + text, "{\"" + text + "\":1}", 400, "nul_character");
            to.fields("user NUL " + text, "\"user_id\":\"" + text + "\"", 400, "nul_character");
        }
        for (String text :
                List.of(
                        "\\ud800",
                        "\\udc00",
                        "\\udc00\\ud800",
                        "\\ud800\\ud800\\udc00",
                        "\\uD83Dx",
                        "\\ud83d\\n")) {
            to.property("half a pair " + text, "\"" + text + "\"", 400, "lone_surrogate");
            to.property(
                    "key of half a pair " + text, "{\"" + text + "\":1}", 400, "lone_surrogate");
        }
        for (String bytes :
                List.of(
                        "ff",
                        "c0af",
                        "eda080",
                        "e282",
                        "f8",
                        "81",
                        "f4bfbfbf",
                        "fc83bfbfbfbf",
                        "ed9fbfedb080")) {
            byte[] body =
                    HostileInputs.joined(
                            "{\"x\":\"".getBytes(UTF_8),
                            HostileInputs.hex(bytes),
                            "\"}".getBytes(UTF_8));
            to.add("bytes " + bytes, "application/json", "", body, 400, "invalid_utf8");
        }
    }
}
