package io.tidemill.ingest.parsing;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/// Reads an object that is either one event or the envelope around many. Which of both it is shows
/// only where a member `events` holds an array, so up to there it is read as an event, and no byte
/// is read twice.
final class EnvelopeReader {

    private static final String EVENTS = "events";

    private final JsonDocument document;
    private final JsonParser parser;
    private final EventReader event;
    private @Nullable RefusedException refusal; // of the event it may be; null while it is valid
    private @Nullable RefusedException sentAtRefusal; // null while `sent_at` is valid

    EnvelopeReader(EventLimits limits, JsonDocument document) {
        this.document = document;
        this.parser = document.parser();
        this.event = new EventReader(limits, document);
    }

    /// Reads on from the beginning of the object to that of its events.
    ///
    /// @return false when the object has ended first: it is an event itself
    /// @throws RefusedException when an envelope is broken so far
    boolean readToEvents() {
        int depth = document.depth();
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            if (readMemberAtDepth(depth)) {
                requireEnvelope();
                return true;
            }
        }
        return false;
    }

    /// Reads what comes behind the events.
    ///
    /// @throws RefusedException when the envelope is broken
    void readRest() {
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = parser.currentName();
            if (name.equals(EVENTS)) {
                throw twice();
            }
            if (EventField.named(name) == EventField.SENT_AT) {
                event.readMember();
            } else {
                skipMember();
            }
        }
    }

    /// The fields of the event that the object is.
    ///
    /// @throws RefusedException when it is not valid
    EventFields event() {
        if (refusal != null) {
            throw refusal;
        }
        return event.fields();
    }

    /// What the envelope says of the sender's clock; null when nothing.
    @Nullable Long sentAtMillis() {
        return event.fields().time(EventField.SENT_AT);
    }

    /// @return whether the parser stands at the beginning of the events now
    private boolean readMemberAtDepth(int depth) {
        try {
            return readMember();
        } catch (RefusedException e) {
            note(e);
            document.skipMember(depth);
            return false;
        }
    }

    private boolean readMember() {
        String name = parser.currentName();
        if (name.equals(EVENTS)) {
            int from = document.tokenStart();
            if (parser.nextToken() == JsonToken.START_ARRAY) {
                return true;
            }
            event.readUnknown(name, from);
        } else if (refusal == null || EventField.named(name) == EventField.SENT_AT) {
            event.readMember();
        } else {
            skipMember();
        }
        return false;
    }

    private void skipMember() {
        parser.nextToken();
        parser.skipChildren();
    }

    private void note(RefusedException e) {
        if (refusal == null) {
            refusal = e;
        }
        if (sentAtRefusal == null && e.isAbout(EventField.SENT_AT)) {
            sentAtRefusal = e;
        }
    }

    private void requireEnvelope() {
        if (event.fields().unknown().containsKey(EVENTS)) {
            throw twice();
        }
        if (sentAtRefusal != null) {
            throw sentAtRefusal;
        }
    }

    private static RefusedException twice() {
        return new RefusedException(Rejection.DUPLICATE_KEY, EVENTS, "events occurs twice");
    }
}
