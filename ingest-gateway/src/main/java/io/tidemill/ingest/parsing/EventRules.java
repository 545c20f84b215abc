package io.tidemill.ingest.parsing;

import io.tidemill.contract.Event;
import io.tidemill.contract.JsonText;
import java.util.Map;
import java.util.OptionalLong;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Decides who, when and which event it is, and where its unknown fields go: everything that takes
/// more than one field, the route or the clock to decide.
final class EventRules {

    private static final String TOP_LEVEL = "top_level";

    /// The route an event came by: what it requires and presumes.
    private enum Route {
        TRACK,
        EVENTS
    }

    private final EventLimits limits;
    private final RandomGenerator random;
    private final String projectId;
    private final Route route;
    private final long receivedAtMillis;

    private EventRules(
            EventLimits limits,
            RandomGenerator random,
            String projectId,
            Route route,
            long receivedAtMillis) {
        this.limits = limits;
        this.random = random;
        this.projectId = projectId;
        this.route = route;
        this.receivedAtMillis = receivedAtMillis;
    }

    /// For the route of single events: a session is required, and a demonstration is presumed.
    static EventRules ofTrack(
            EventLimits limits, RandomGenerator random, String projectId, long receivedAtMillis) {
        return new EventRules(limits, random, projectId, Route.TRACK, receivedAtMillis);
    }

    /// For the route that takes many events.
    static EventRules ofEvents(
            EventLimits limits, RandomGenerator random, String projectId, long receivedAtMillis) {
        return new EventRules(limits, random, projectId, Route.EVENTS, receivedAtMillis);
    }

    /// @param json the bytes that `fields` were read from
    /// @throws RefusedException when the event breaks a rule
    Event apply(EventFields fields, byte[] json) {
        String eventType = eventType(fields);
        String user = actor(fields, EventField.USER_ID, EventField.USER_ID);
        String session = actor(fields, EventField.SESSION_ID, EventField.CONVERSATION_ID);
        requireActor(user, session);
        String ownId = fields.text(EventField.EVENT_ID);
        long timestamp = timestamp(fields, ownId);
        placeUnknown(fields, json);
        Long sentAt = fields.time(EventField.SENT_AT);
        return new Event(
                projectId,
                ownId != null ? ownId : EventIds.mint(receivedAtMillis, random),
                eventType,
                user,
                session,
                fields.text(EventField.TOOL_NAME),
                fields.text(EventField.ACTION),
                fields.demoModeOr(route == Route.TRACK),
                json(fields, EventField.PROPERTIES),
                json(fields, EventField.METADATA),
                fields.text(EventField.PROMPT_TEXT),
                fields.text(EventField.AI_RESPONSE),
                timestamp,
                receivedAtMillis,
                sentAt == null ? null : (Long) (receivedAtMillis - sentAt));
    }

    private static String eventType(EventFields fields) {
        String field = EventField.EVENT_TYPE.fieldName();
        String eventType = fields.text(EventField.EVENT_TYPE);
        if (eventType == null || eventType.isBlank()) {
            throw new RefusedException(
                    Rejection.EVENT_TYPE_MISSING, field, "event_type is required");
        }
        if (eventType.chars().anyMatch(Character::isISOControl)) {
            throw new RefusedException(
                    Rejection.CONTROL_CHARACTER, field, "event_type holds a control character");
        }
        return eventType;
    }

    /// The actor from its own field, else the other at the top level, else from `properties`.
    private static @Nullable String actor(
            EventFields fields, EventField field, EventField substitute) {
        String own = fields.text(field);
        if (own != null) {
            return own;
        }
        String beside = fields.text(substitute);
        if (beside != null) {
            return beside;
        }
        String inside = fields.textOfProperties(substitute);
        if (inside != null) {
            EventReader.requireLength(
                    "properties." + substitute.fieldName(), inside, EventReader.MAX_ACTOR_LENGTH);
        }
        return inside;
    }

    private void requireActor(@Nullable String user, @Nullable String session) {
        if (session == null && route == Route.TRACK) {
            throw new RefusedException(
                    Rejection.SESSION_ID_MISSING,
                    EventField.SESSION_ID.fieldName(),
                    "session_id is required");
        }
        if (session == null && user == null) {
            throw new RefusedException(
                    Rejection.ACTOR_MISSING,
                    EventField.USER_ID.fieldName(),
                    "user_id or session_id is required");
        }
    }

    private long timestamp(EventFields fields, @Nullable String ownId) {
        Long sent = fields.time(EventField.TIMESTAMP);
        if (sent != null) {
            return inWindow(sent, EventField.TIMESTAMP);
        }
        if (ownId == null) {
            return receivedAtMillis;
        }
        OptionalLong inId = EventIds.millisOf(ownId);
        if (inId.isEmpty()) {
            throw new RefusedException(
                    Rejection.TIMESTAMP_MISSING,
                    EventField.TIMESTAMP.fieldName(),
                    "timestamp is required beside an event_id that holds no time");
        }
        return inWindow(inId.getAsLong(), EventField.EVENT_ID);
    }

    private long inWindow(long timestamp, EventField field) {
        if (timestamp > receivedAtMillis + limits.maxFuture().toMillis()) {
            throw outsideWindow(Rejection.TIMESTAMP_IN_FUTURE, field, "in the future");
        }
        if (timestamp < receivedAtMillis - limits.maxAge().toMillis()) {
            throw outsideWindow(Rejection.TIMESTAMP_TOO_OLD, field, "too old");
        }
        return timestamp;
    }

    private RefusedException outsideWindow(Rejection rejection, EventField field, String how) {
        return new RefusedException(
                rejection,
                field.fieldName(),
                "the time in "
                        + field.fieldName()
                        + " is "
                        + how
                        + "; the server's time is "
                        + Timestamps.format(receivedAtMillis));
    }

    private void placeUnknown(EventFields fields, byte[] json) {
        if (fields.unknown().isEmpty()) {
            return;
        }
        SentObject properties = objectOrNew(fields, EventField.PROPERTIES);
        SentObject topLevel = new SentObject();
        for (Map.Entry<String, EventFields.Unknown> entry : fields.unknown().entrySet()) {
            EventFields.Unknown value = entry.getValue();
            boolean taken = properties.has(entry.getKey());
            if (taken && value.depth() + 2 > limits.maxDepth()) {
                throw new RefusedException(
                        Rejection.TOO_DEEP,
                        EventField.METADATA.fieldName(),
                        "metadata.top_level would be nested deeper than " + limits.maxDepth());
            }
            (taken ? topLevel : properties).add(entry.getKey(), json, value.from(), value.to());
        }
        EventReader.requireKeys(
                EventField.PROPERTIES.fieldName(), properties.size(), limits.maxKeys());
        if (topLevel.size() > 0) {
            keepTopLevel(fields, topLevel);
        }
    }

    private void keepTopLevel(EventFields fields, SentObject topLevel) {
        SentObject metadata = objectOrNew(fields, EventField.METADATA);
        String field = EventField.METADATA.fieldName();
        if (metadata.has(TOP_LEVEL)) {
            throw new RefusedException(
                    Rejection.DUPLICATE_FIELD,
                    field,
                    "a field is both in the event and in its properties, and metadata.top_level is"
                            + " taken");
        }
        metadata.add(TOP_LEVEL, topLevel);
        EventReader.requireKeys(field, metadata.size(), limits.maxKeys());
    }

    private static SentObject objectOrNew(EventFields fields, EventField field) {
        SentObject sent = fields.object(field);
        if (sent != null) {
            return sent;
        }
        SentObject added = new SentObject();
        fields.put(field, added);
        return added;
    }

    private static @Nullable JsonText json(EventFields fields, EventField field) {
        SentObject object = fields.object(field);
        return object == null ? null : object.json();
    }
}
