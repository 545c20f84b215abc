package io.tidemill.guarantees.load;

import io.tidemill.contract.Hours;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Makes events: most of the last two hours, some late by hours or weeks, some a little ahead, and
/// some that must be refused. A function of the random numbers and the clock. Thread-safe.
final class EventMaker {

    private static final List<String> TYPES =
            List.of("page_view", "click", "tool_used", "risk_mode_changed", "größe_geändert");
    private static final List<String> TOOLS = List.of("search", "editor", "terminal");
    private static final List<Object> RISKS = List.of("low", "high", true, 7, 1.5);
    private static final int USERS = 400;
    private static final int SESSIONS = 900;

    private final List<String> projects;
    private final AtomicLong numbers = new AtomicLong();

    EventMaker(List<String> projects) {
        this.projects = List.copyOf(projects);
    }

    String project(RandomGenerator random) {
        return projects.get(random.nextInt(projects.size()));
    }

    Draft event(String project, long nowMillis, RandomGenerator random) {
        long number = numbers.incrementAndGet();
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        String type = TYPES.get(random.nextInt(TYPES.size()));
        // Must be refused: no type.
        if (random.nextInt(200) != 0) {
            fields.put("event_type", type);
        }
        boolean user = random.nextInt(10) != 0;
        if (user) {
            fields.put("user_id", "user-" + random.nextInt(USERS));
        }
        if (!user || random.nextInt(4) != 0) {
            fields.put("session_id", "session-" + random.nextInt(SESSIONS));
        }
        if (type.equals("tool_used")) {
            fields.put("tool_name", TOOLS.get(random.nextInt(TOOLS.size())));
        }
        if (random.nextInt(20) == 0) {
            fields.put("demo_mode", true);
        }
        fields.put("properties", properties(type, number, random));
        if (random.nextInt(5) == 0) {
            fields.put(
                    "metadata",
                    Map.of("build", 1_000 + random.nextInt(9), "tags", List.of("a", "b")));
        }
        if (random.nextInt(10) == 0) {
            fields.put("prompt_text", "line\n\ttab \"quoted\" \\ é 漢 😀 " + number);
        }
        String otherProject = random.nextInt(50) == 0 ? project(random) : null;
        if (random.nextInt(20) == 0) {
            // The same identity in every project, which must not meet; in one it meets others.
            long hour = Hours.startOf(nowMillis - minutes(60));
            String shared = "shared-" + random.nextInt(300);
            return new Draft(project, shared, hour, fields, otherProject);
        }
        String id = random.nextInt(20) == 0 ? null : "event-" + number;
        return new Draft(project, id, nowMillis + offsetMillis(random), fields, otherProject);
    }

    private static Map<String, Object> properties(
            String type, long number, RandomGenerator random) {
        Map<String, Object> properties = new LinkedHashMap<>();
        // Makes the content unlike any other's.
        properties.put("number", number);
        properties.put("amount", random.nextInt(100_000) / 100.0);
        properties.put("path", "/p/" + random.nextInt(30) + "?q=%20&x='\\n");
        if (type.equals("risk_mode_changed")) {
            properties.put("risk_mode", RISKS.get(random.nextInt(RISKS.size())));
        }
        return properties;
    }

    private static long offsetMillis(RandomGenerator random) {
        int kind = random.nextInt(200);
        if (kind == 0) {
            return minutes(10); // refused: too far ahead
        }
        if (kind == 1) {
            return -Duration.ofDays(31).toMillis(); // refused: too old
        }
        if (kind < 4) {
            return random.nextLong(minutes(4));
        }
        if (kind < 10) {
            return -random.nextLong(Duration.ofDays(28).toMillis());
        }
        if (kind < 20) {
            return -Duration.ofHours(22).toMillis()
                    - random.nextLong(Duration.ofHours(4).toMillis());
        }
        return -random.nextLong(minutes(120));
    }

    private static long minutes(long minutes) {
        return Duration.ofMinutes(minutes).toMillis();
    }
}
