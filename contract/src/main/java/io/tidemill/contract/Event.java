package io.tidemill.contract;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;

/// One accepted event, as every part after the gateway takes it: valid by construction of the
/// gateway, identified once and for all.
///
/// Times are milliseconds since 1970-01-01T00:00:00Z, cut (never rounded) to the millisecond.
///
/// @param projectId project of the key that the event came with
/// @param eventId the sender's id, or one minted by the gateway
/// @param userId null when the event names no user
/// @param sessionId null when the event names no session
/// @param toolName null when not sent
/// @param action null when not sent
/// @param properties null when not sent
/// @param metadata null when not sent
/// @param promptText null when not sent
/// @param aiResponse null when not sent
/// @param timestampMillis when it happened, by the sender's word
/// @param receivedAtMillis when the gateway received it, by the gateway's clock
/// @param clockOffsetMillis `received_at − sent_at`; null when the sender did not say `sent_at`
public record Event(
        String projectId,
        String eventId,
        String eventType,
        @Nullable String userId,
        @Nullable String sessionId,
        @Nullable String toolName,
        @Nullable String action,
        boolean demoMode,
        @Nullable JsonText properties,
        @Nullable JsonText metadata,
        @Nullable String promptText,
        @Nullable String aiResponse,
        long timestampMillis,
        long receivedAtMillis,
        @Nullable Long clockOffsetMillis) {

    public Event {
        requireNonNull(projectId, "projectId");
        requireNonNull(eventId, "eventId");
        requireNonNull(eventType, "eventType");
    }

    /// What makes this event the same event when it is sent again.
    public EventIdentity identity() {
        return new EventIdentity(projectId, timestampMillis, eventId);
    }

    /// The hour this event is counted in, as the milliseconds of its start.
    public long hourMillis() {
        return Hours.startOf(timestampMillis);
    }

    /// The key that decides the partition: a function of the event alone, so that a retry goes the
    /// same way. The user, else the session, else the event id, behind the project.
    public RoutingKey routingKey() {
        String actor = userId != null ? userId : sessionId != null ? sessionId : eventId;
        return new RoutingKey(projectId, actor);
    }
}
