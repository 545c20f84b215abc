package io.tidemill.testkit;

import io.tidemill.contract.Event;
import io.tidemill.contract.JsonText;
import io.tidemill.contract.RiskMode;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// Builds events. What a test doesn't say is a page view in project `demo` that names no user,
/// session or tool, at one fixed time, under an id of its own.
public final class Events {

    public static final String PROJECT = "demo";
    public static final Instant TIME = Instant.parse("2025-10-18T01:00:00Z");

    private static final AtomicLong NEXT_ID = new AtomicLong(1);

    private String projectId = PROJECT;
    private String eventId;
    private String eventType = "page_viewed";
    private @Nullable String userId;
    private @Nullable String sessionId;
    private @Nullable String toolName;
    private @Nullable String action;
    private boolean demoMode;
    private @Nullable JsonText properties;
    private @Nullable JsonText metadata;
    private @Nullable String promptText;
    private @Nullable String aiResponse;
    private long timestampMillis = TIME.toEpochMilli();
    private @Nullable Long receivedAtMillis;
    private @Nullable Long clockOffsetMillis;

    private Events(String eventId) {
        this.eventId = eventId;
    }

    public static Events event() {
        return new Events("event-" + NEXT_ID.getAndIncrement());
    }

    public Events project(String projectId) {
        this.projectId = projectId;
        return this;
    }

    public Events id(String eventId) {
        this.eventId = eventId;
        return this;
    }

    public Events type(String eventType) {
        this.eventType = eventType;
        return this;
    }

    public Events user(@Nullable String userId) {
        this.userId = userId;
        return this;
    }

    public Events session(@Nullable String sessionId) {
        this.sessionId = sessionId;
        return this;
    }

    public Events tool(@Nullable String toolName) {
        this.toolName = toolName;
        return this;
    }

    public Events action(@Nullable String action) {
        this.action = action;
        return this;
    }

    public Events demoMode() {
        this.demoMode = true;
        return this;
    }

    public Events properties(String json) {
        this.properties = JsonText.of(json);
        return this;
    }

    public Events metadata(String json) {
        this.metadata = JsonText.of(json);
        return this;
    }

    public Events prompt(@Nullable String promptText) {
        this.promptText = promptText;
        return this;
    }

    public Events response(@Nullable String aiResponse) {
        this.aiResponse = aiResponse;
        return this;
    }

    /// Makes it a change of the risk mode to this value, which needs no JSON escaping.
    public Events riskMode(String value) {
        return type(RiskMode.EVENT_TYPE).properties("{\"risk_mode\":\"" + value + "\"}");
    }

    /// @param timestamp as `2025-10-18T01:00:00.000Z`
    public Events at(String timestamp) {
        return at(Instant.parse(timestamp));
    }

    public Events at(Instant timestamp) {
        return at(timestamp.toEpochMilli());
    }

    public Events at(long timestampMillis) {
        this.timestampMillis = timestampMillis;
        return this;
    }

    /// When nothing is said, the gateway received it when it happened.
    public Events receivedAt(String timestamp) {
        this.receivedAtMillis = Instant.parse(timestamp).toEpochMilli();
        return this;
    }

    public Events clockOffset(long millis) {
        this.clockOffsetMillis = millis;
        return this;
    }

    public Event build() {
        return new Event(
                projectId,
                eventId,
                eventType,
                userId,
                sessionId,
                toolName,
                action,
                demoMode,
                properties,
                metadata,
                promptText,
                aiResponse,
                timestampMillis,
                receivedAtMillis == null ? timestampMillis : receivedAtMillis,
                clockOffsetMillis);
    }
}
