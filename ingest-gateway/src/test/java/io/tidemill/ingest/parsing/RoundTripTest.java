package io.tidemill.ingest.parsing;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.contract.Event;
import io.tidemill.contract.JsonText;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/// Any event, written as JSON in any way that means the same, is read as that event.
class RoundTripTest {

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final int EVENTS = 1_000;
    private static final String[] PIECES = {
        "a", "Z", "0", " ", "é", "ß", "€", "漢", "😀", "\"", "\\", "/", "\u202e", "\uffff", "&"
    };

    @Test
    void everyEventIsReadAsItWasMeant() {
        // given
        long seed = System.nanoTime();
        System.out.println("RoundTripTest seed=" + seed);
        RandomGenerator random = new SplittableRandom(seed);
        List<Event> events = new ArrayList<>();
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < EVENTS; i++) {
            Event event = event(i, random);
            events.add(event);
            texts.add(write(event, random));
        }

        // when
        List<Verdict> fromArray = Parsed.events("[" + String.join(" ,\n", texts) + "]");
        List<Verdict> fromLines = Parsed.lines(String.join("\n", texts));

        // then
        assertThat(fromArray.stream().map(Parsed::accepted)).as("seed " + seed).isEqualTo(events);
        assertThat(fromLines.stream().map(Parsed::accepted)).as("seed " + seed).isEqualTo(events);
    }

    private static Event event(int index, RandomGenerator random) {
        long timestamp = Parsed.RECEIVED_AT_MILLIS - random.nextLong(29L * 24 * 3600 * 1000);
        return new Event(
                Parsed.PROJECT,
                index + text(random, 20),
                "t" + text(random, 20),
                maybe(random, text(random, 250)),
                "s" + text(random, 250),
                maybe(random, text(random, 200)),
                maybe(random, text(random, 200)),
                random.nextBoolean(),
                maybe(random, object(random, 1)),
                maybe(random, object(random, 1)),
                maybe(random, text(random, 500)),
                maybe(random, text(random, 500)),
                timestamp,
                Parsed.RECEIVED_AT_MILLIS,
                maybe(random, random.nextLong(-100_000, 100_000)));
    }

    /// The event as JSON: fields in any order, under any of their names, absent ones left out or
    /// null, characters escaped or not.
    private static String write(Event event, RandomGenerator random) {
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put(name(random, "event_type", "eventType"), quote(event.eventType(), random));
        fields.put(name(random, "event_id", "eventId"), quote(event.eventId(), random));
        fields.put(name(random, "user_id", "userId"), quote(event.userId(), random));
        fields.put(name(random, "session_id", "sessionId"), quote(event.sessionId(), random));
        fields.put(name(random, "tool_name", "toolName"), quote(event.toolName(), random));
        fields.put("action", quote(event.action(), random));
        fields.put(name(random, "prompt_text", "promptText"), quote(event.promptText(), random));
        fields.put(name(random, "ai_response", "aiResponse"), quote(event.aiResponse(), random));
        fields.put(name(random, "demo_mode", "demoMode"), Boolean.toString(event.demoMode()));
        fields.put("properties", String.valueOf(event.properties()));
        fields.put("metadata", String.valueOf(event.metadata()));
        fields.put("timestamp", time(event.timestampMillis(), random));
        Long offset = event.clockOffsetMillis();
        fields.put(
                name(random, "sent_at", "sentAt"),
                offset == null ? "null" : time(event.receivedAtMillis() - offset, random));
        fields.values().removeIf(value -> value.equals("null") && random.nextBoolean());

        List<String> members = new ArrayList<>();
        fields.forEach((name, value) -> members.add("\"" + name + "\" : " + value));
        Collections.shuffle(members, Random.from(random));
        return "{" + String.join(",", members) + " }";
    }

    private static String time(long millis, RandomGenerator random) {
        return random.nextBoolean()
                ? Long.toString(millis)
                : "\"" + Timestamps.format(millis).replace("Z", "9+00:00") + "\"";
    }

    private static String name(RandomGenerator random, String name, String other) {
        return random.nextBoolean() ? name : other;
    }

    private static String quote(@Nullable String text, RandomGenerator random) {
        if (text == null) {
            return "null";
        }
        StringBuilder json = new StringBuilder("\"");
        text.codePoints()
                .forEach(point -> {
                    if (point == '"' || point == '\\' || random.nextInt(4) == 0) {
                        for (char unit : Character.toChars(point)) {
                            json.append("\\u").append(HexFormat.of().toHexDigits(unit));
                        }
                    } else {
                        json.appendCodePoint(point);
                    }
                });
        return json.append('"').toString();
    }

    private static JsonText object(RandomGenerator random, int depth) {
        Map<String, Object> members = new LinkedHashMap<>();
        for (int i = random.nextInt(5); i > 0; i--) {
            Object value =
                    switch (random.nextInt(5)) {
                        case 0 -> random.nextLong();
                        case 1 -> random.nextDouble();
                        case 2 -> random.nextBoolean();
                        case 3 ->
                                depth < 6
                                        ? List.of(JSON.readTree(object(random, depth + 2).utf8()))
                                        : "";
                        default -> text(random, 30);
                    };
            members.put("key" + text(random, 5), value);
        }
        return JsonText.of(JSON.writeValueAsString(members));
    }

    /// 1 to `longest` characters.
    private static String text(RandomGenerator random, int longest) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(longest) + 1; i > 0; i--) {
            text.append(PIECES[random.nextInt(PIECES.length)]);
        }
        return text.toString();
    }

    private static <T> @Nullable T maybe(RandomGenerator random, T value) {
        return random.nextInt(3) == 0 ? null : value;
    }
}
