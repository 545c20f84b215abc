package io.tidemill.launcher;

import io.tidemill.contract.Event;
import io.tidemill.contract.Hours;
import io.tidemill.storage.PostgresUrl;
import io.tidemill.testkit.Events;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/// Events of the open project over some hours, and the JSON that they are sent as.
final class SampleEvents {

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final List<String> TYPES =
            List.of("page_viewed", "tool_used", "risk_mode_changed", "search");
    private static final List<String> MODES = List.of("safe", "bold", "off");

    private SampleEvents() {}

    /// @param newestHour the last of the hours that they fall in
    static List<Event> random(RandomGenerator random, int count, int hours, Instant newestHour) {
        List<Event> events = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            long hour = newestHour.toEpochMilli() - random.nextInt(hours) * Hours.MILLIS;
            String type = TYPES.get(random.nextInt(TYPES.size()));
            Events event =
                    Events.event()
                            .project("default")
                            .id("sample-" + i)
                            .type(type)
                            .user(random.nextInt(5) == 0 ? null : "user-" + random.nextInt(200))
                            .session("session-" + random.nextInt(400))
                            .tool(random.nextBoolean() ? null : "tool-" + random.nextInt(12))
                            .at(hour + random.nextInt((int) Hours.MILLIS));
            if (type.equals("risk_mode_changed")) {
                event.riskMode(MODES.get(random.nextInt(MODES.size())));
            }
            events.add(event.build());
        }
        return events;
    }

    /// The same event, by its identity, as of another user.
    static Event ofUser(String user, Event event) {
        Events copy =
                Events.event()
                        .project(event.projectId())
                        .id(event.eventId())
                        .type(event.eventType())
                        .user(user)
                        .session(event.sessionId())
                        .tool(event.toolName())
                        .at(event.timestampMillis());
        return event.properties() == null
                ? copy.build()
                : copy.properties(event.properties().toString()).build();
    }

    static String json(Event event) {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        fields.put("event_type", event.eventType());
        fields.put("event_id", event.eventId());
        fields.put("user_id", event.userId());
        fields.put("session_id", event.sessionId());
        fields.put("tool_name", event.toolName());
        fields.put("timestamp", event.timestampMillis());
        if (event.properties() != null) {
            fields.put("properties", JSON.readTree(event.properties().utf8()));
        }
        return JSON.writeValueAsString(fields);
    }

    static Path write(Path file, List<Event> events) throws IOException {
        return Files.write(file, events.stream().map(SampleEvents::json).toList());
    }

    /// As `TIDEMILL_POSTGRES_URL` takes it.
    static String address(PostgresUrl url) {
        return "postgresql://%s:%s@%s:%d/%s"
                .formatted(url.user(), url.password(), url.host(), url.port(), url.database());
    }
}
