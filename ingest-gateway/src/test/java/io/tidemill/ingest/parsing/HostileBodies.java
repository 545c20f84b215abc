package io.tidemill.ingest.parsing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.random.RandomGenerator;

/// Makes bodies of requests as nobody should send them: nearly right events of hostile values, in
/// every form, and then damaged or not.
final class HostileBodies {

    private static final String[] NAMES = {
        "event_type",
        "eventType",
        "event_id",
        "eventId",
        "session_id",
        "sessionId",
        "user_id",
        "userId",
        "conversation_id",
        "timestamp",
        "sent_at",
        "sentAt",
        "tool_name",
        "action",
        "demo_mode",
        "properties",
        "metadata",
        "prompt_text",
        "ai_response",
        "api_key",
        "events",
        "top_level",
        "x",
        "y",
        "\\u0078",
        "__proto__",
        "",
        "\\u0000",
        "\\ud800",
        "\\ud83d\\ude00",
        "event\\u005ftype",
        "\\\\u0000",
        "k\\\"",
        "é"
    };
    private static final String[] TEXTS = {
        "t", "", " ", "ann", "😀", "\\ud83d\\ude00", "\\ud83d", "\\ude00x", "\\u0000", "\\\\u0000",
        "\\n", "\\u007f", "\u007f", "\u202e", "\ufeff", "\uffff", "e\u0301", "\\/", "\\\"", "<b>",
        "evt_0199f4d4-a280-7abc-8000-000000000000", "01K7TD9880ABCDEFGHJKMNPQRS", "order-17"
    };
    private static final String[] NUMBERS = {
        "0",
        "-0",
        "1",
        "-1",
        "0.0",
        "1.0",
        "1E2",
        "1e400",
        "-1e309",
        "1e-400",
        "0e5",
        "0e1001",
        "9007199254740993",
        "9223372036854775808",
        "4.9e-324",
        "1.7976931348623157e308",
        "1e308",
        "01",
        "+1",
        ".5",
        "1.",
        "1e",
        "0x1",
        "NaN",
        "Infinity",
        "1e131071",
        "-"
    };
    private static final String[] TIMES = {
        "1760749200000",
        "\"2025-10-18T01:00:00.000Z\"",
        "\"2025-10-18T03:00:00.9999999Z\"",
        "\"2025-10-17T23:59:59.999999999Z\"",
        "\"2025-10-18T02:30:00+01:30\"",
        "1760749200",
        "0",
        "-1",
        "253402300799999",
        "\"9999-12-31T23:59:59Z\"",
        "\"2025-02-30T00:00:00Z\"",
        "\"\"",
        "\"2025-10-18T01:00:60Z\"",
        "null",
        "1.5",
        "99999999999999999999"
    };

    private final RandomGenerator random;

    HostileBodies(RandomGenerator random) {
        this.random = random;
    }

    /// A body of JSON: one event, many, or an envelope; often damaged.
    byte[] json() {
        String body =
                switch (random.nextInt(5)) {
                    case 0, 1 -> event();
                    case 2, 3 -> "[" + events(",") + "]";
                    default -> "{" + members(2) + "\"events\":[" + events(",") + "]" + tail() + "}";
                };
        return maybeDamaged((random.nextInt(20) == 0 ? "\ufeff" : "") + body);
    }

    /// A body of NDJSON, often damaged.
    byte[] lines() {
        return maybeDamaged(events(random.nextBoolean() ? "\n" : "\r\n\n"));
    }

    private String events(String separator) {
        StringBuilder events = new StringBuilder();
        for (int i = random.nextInt(6); i >= 0; i--) {
            events.append(random.nextInt(12) == 0 ? value(0) : event());
            events.append(i == 0 ? "" : separator);
        }
        return events.toString();
    }

    /// Valid unless one of its further members is not.
    private String event() {
        String event = "{" + space() + members(3) + "\"event_type\":\"t\",\"session_id\":\"s\"";
        return event + tail() + space() + "}";
    }

    private String members(int most) {
        StringBuilder members = new StringBuilder();
        for (int i = random.nextInt(most + 1); i > 0; i--) {
            members.append(member(0)).append(',');
        }
        return members.toString();
    }

    private String tail() {
        return random.nextBoolean() ? "" : "," + space() + member(0);
    }

    private String member(int depth) {
        String name = NAMES[random.nextInt(NAMES.length)];
        String value =
                switch (name) {
                    case "timestamp", "sent_at", "sentAt" ->
                            random.nextInt(8) == 0 ? value(depth) : pick(TIMES);
                    case "properties", "metadata" ->
                            random.nextInt(8) == 0 ? value(depth) : object(depth);
                    case "demo_mode" -> random.nextInt(8) == 0 ? value(depth) : "true";
                    default -> random.nextInt(4) == 0 ? value(depth) : text();
                };
        return "\"" + name + "\"" + space() + ":" + space() + value;
    }

    private String value(int depth) {
        return switch (random.nextInt(depth > 8 ? 4 : 7)) {
            case 0 -> text();
            case 1 -> pick(NUMBERS);
            case 2 -> random.nextBoolean() ? "null" : "false";
            case 3 -> "1".repeat(random.nextInt(500) + 1);
            case 4 -> object(depth);
            case 5 -> "[" + value(depth + 1) + space() + "," + value(depth + 1) + "]";
            default -> nested(random.nextInt(20));
        };
    }

    private String object(int depth) {
        StringBuilder object = new StringBuilder("{" + space());
        int members = random.nextInt(40) == 0 ? 300 : random.nextInt(4);
        for (int i = 0; i < members; i++) {
            object.append(i == 0 ? "" : ",");
            object.append(
                    random.nextInt(3) == 0
                            ? member(depth + 1)
                            : "\"k" + i + "\":" + value(depth + 1));
        }
        return object.append(space()).append('}').toString();
    }

    private static String nested(int depth) {
        return "[".repeat(depth) + "{\"a\":1}" + "]".repeat(depth);
    }

    private String text() {
        StringBuilder text = new StringBuilder("\"");
        for (int i = random.nextInt(3); i >= 0; i--) {
            text.append(pick(TEXTS));
        }
        if (random.nextInt(30) == 0) {
            text.append("é".repeat(random.nextInt(300)));
        }
        return text.append('"').toString();
    }

    private String space() {
        return random.nextInt(4) == 0 ? " \t" : "";
    }

    private String pick(String[] values) {
        return values[random.nextInt(values.length)];
    }

    private byte[] maybeDamaged(String body) {
        byte[] bytes = body.getBytes(UTF_8);
        for (int i = random.nextInt(4) - 1; i > 0; i--) {
            bytes = Damage.of(bytes, random);
        }
        return bytes;
    }
}
