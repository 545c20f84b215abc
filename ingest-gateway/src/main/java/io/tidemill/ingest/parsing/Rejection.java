package io.tidemill.ingest.parsing;

import java.util.Locale;

/// Why an event, or a request as a whole, is not taken. The codes are a promise to clients: they
/// may grow in number, but none changes its meaning.
public enum Rejection {
    /// The event is not a JSON object.
    NOT_AN_OBJECT(400),
    /// The event is longer than the limit, as it was sent.
    EVENT_TOO_LARGE(400),
    /// `event_type` is absent, empty or blank.
    EVENT_TYPE_MISSING(400),
    /// The event names neither a user nor a session.
    ACTOR_MISSING(400),
    /// The event names no session where one is required.
    SESSION_ID_MISSING(400),
    /// An `event_id` of the sender's own that holds no time, and no `timestamp` beside it.
    TIMESTAMP_MISSING(400),
    /// A time that is neither ISO-8601 with an offset nor whole milliseconds.
    TIMESTAMP_INVALID(400),
    /// Later than the server's clock and the tolerance allow.
    TIMESTAMP_IN_FUTURE(400),
    /// Older than events may be.
    TIMESTAMP_TOO_OLD(400),
    /// A known field holds another JSON type than it should.
    WRONG_TYPE(400),
    /// A text is longer than its field allows, in code points.
    TOO_LONG(400),
    /// A control character where none may be.
    CONTROL_CHARACTER(400),
    /// Both name forms of one field, or a field that finds its place taken.
    DUPLICATE_FIELD(400),
    /// The same key twice in one object.
    DUPLICATE_KEY(400),
    /// U+0000 in a text or a key.
    NUL_CHARACTER(400),
    /// Half of a surrogate pair in a text or a key.
    LONE_SURROGATE(400),
    /// A number that no double holds: too large, or too small to differ from 0.
    NUMBER_OUT_OF_RANGE(400),
    /// A number of too many characters.
    NUMBER_TOO_LONG(400),
    /// Objects and arrays nested too deep.
    TOO_DEEP(400),
    /// An object of too many keys.
    TOO_MANY_KEYS(400),
    /// Not JSON: a line of NDJSON, or the whole body.
    MALFORMED_JSON(400),
    /// Not UTF-8: a line of NDJSON, or the whole body.
    INVALID_UTF8(400),
    /// Valid, but not known to be durable; it may be. Sending it again with its id is safe.
    NOT_DURABLE(503),

    /// The body holds no event at all.
    NO_EVENTS(400),
    /// The body is not what its `Content-Encoding` says, or ends too early.
    CONTENT_ENCODING_BROKEN(400),
    /// The body is longer than the limit, before or after decompression.
    REQUEST_TOO_LARGE(413),
    /// More events than one request may hold.
    TOO_MANY_EVENTS(413),
    /// A `Content-Type` that is not read here.
    UNSUPPORTED_MEDIA_TYPE(415),
    /// A `Content-Encoding` that is not read here.
    UNSUPPORTED_CONTENT_ENCODING(415),
    /// As many bytes are under way as the gateway may hold.
    OVERLOADED(503),
    /// The gateway is about to stop.
    DRAINING(503),
    /// Kafka can't be reached.
    KAFKA_UNAVAILABLE(503);

    private final int status;
    private final String code = name().toLowerCase(Locale.ROOT);

    Rejection(int status) {
        this.status = status;
    }

    /// What clients see, such as `event_type_missing`.
    public String code() {
        return code;
    }

    /// The HTTP status of a request that is refused, or whose only event is rejected, for this
    /// reason.
    public int status() {
        return status;
    }
}
