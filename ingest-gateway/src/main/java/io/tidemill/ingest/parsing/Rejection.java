package io.tidemill.ingest.parsing;

import io.tidemill.runtime.ErrorCode;
import java.util.Locale;

/// Why an event, or a request as a whole, is not taken. The codes are a promise to clients: they
/// may grow in number, but none changes its meaning.
public enum Rejection implements ErrorCode {
    NOT_AN_OBJECT(400, About.EVENT, "The event is not a JSON object.", "Send an object."),
    EVENT_TOO_LARGE(
            400,
            About.EVENT,
            "The event, as it was sent, is longer than `TIDEMILL_MAX_EVENT_BYTES`.",
            "Leave out what nobody reads, or split it."),
    EVENT_TYPE_MISSING(
            400,
            About.EVENT,
            "`event_type` is absent, null, empty or blank.",
            "Name what happened."),
    ACTOR_MISSING(
            400,
            About.EVENT,
            "The event names neither a user nor a session.",
            "Set `user_id` or `session_id`."),
    SESSION_ID_MISSING(
            400,
            About.EVENT,
            "The event names no session, and came to `/api/analytics/track`.",
            "Set `session_id`, or use `/api/events`."),
    TIMESTAMP_MISSING(
            400,
            About.EVENT,
            "There is an `event_id` of the sender's own that holds no time, and no `timestamp`.",
            "Set `timestamp`, or make the id a ULID or a UUIDv7: a retry is the same event only at"
                    + " the same time."),
    TIMESTAMP_INVALID(
            400,
            About.EVENT_OR_REQUEST,
            "A time is neither ISO-8601 with an offset nor whole milliseconds.",
            "Write it as `2025-10-18T01:00:00.000Z`, or as milliseconds since 1970."),
    TIMESTAMP_IN_FUTURE(
            400,
            About.EVENT,
            "The event's time is later than receipt and `TIDEMILL_MAX_EVENT_FUTURE` allow.",
            "Compare the sender's clock with the server's time, which the detail names."),
    TIMESTAMP_TOO_OLD(
            400,
            About.EVENT,
            "The event is older than `TIDEMILL_MAX_EVENT_AGE`, or than a day less than its project"
                    + " keeps raw events.",
            "Check the clock and the unit (milliseconds, not seconds); otherwise it is too late for"
                    + " this event."),
    WRONG_TYPE(
            400,
            About.EVENT,
            "A known field holds another JSON type than it should.",
            "Send the type that the detail names, or null."),
    TOO_LONG(
            400,
            About.EVENT,
            "A text is longer than its field allows, in code points.",
            "Shorten it, or put it into `properties`."),
    CONTROL_CHARACTER(400, About.EVENT, "`event_type` holds a control character.", "Remove it."),
    DUPLICATE_FIELD(
            400,
            About.EVENT_OR_REQUEST,
            "A field occurs under both its names, or finds its place in `metadata.top_level` taken.",
            "Send each field once."),
    DUPLICATE_KEY(
            400,
            About.EVENT_OR_REQUEST,
            "The same key occurs twice in one object, maybe written with escapes.",
            "Send each key once."),
    NUL_CHARACTER(
            400,
            About.EVENT,
            "A text or a key holds U+0000, which Postgres can't store.",
            "Remove it."),
    LONE_SURROGATE(
            400,
            About.EVENT,
            "A text or a key holds an escape of half a surrogate pair.",
            "Cut texts between characters, not between UTF-16 units."),
    NUMBER_OUT_OF_RANGE(
            400,
            About.EVENT,
            "A number is not a finite double, or rounds to 0 without being 0.",
            "Send it as a string."),
    NUMBER_TOO_LONG(
            400,
            About.EVENT,
            "A number has more than 400 characters.",
            "Round it, or send it as a string."),
    TOO_DEEP(
            400,
            About.EVENT_OR_REQUEST,
            "Objects and arrays are nested deeper than `TIDEMILL_MAX_PROPERTY_DEPTH`; in a body,"
                    + " deeper than 1000.",
            "Flatten it, or send the inner part as a string."),
    TOO_MANY_KEYS(
            400,
            About.EVENT_OR_REQUEST,
            "`properties` or `metadata` has more keys than `TIDEMILL_MAX_PROPERTY_KEYS`.",
            "Group keys in objects: only the outermost are counted."),
    MALFORMED_JSON(
            400,
            About.EVENT_OR_REQUEST,
            "A line of NDJSON, or the whole body, is not JSON.",
            "Correct it at the byte that the detail names."),
    INVALID_UTF8(
            400,
            About.EVENT_OR_REQUEST,
            "A line of NDJSON, or the whole body, is not UTF-8.",
            "Encode it as UTF-8."),
    NOT_DURABLE(
            503,
            About.EVENT,
            "The event is valid, but not known to be durable; it may be.",
            "Send it again with the `event_id` of the answer and the same `timestamp`: it stays one"
                    + " event."),

    UNAUTHORIZED(
            401,
            About.REQUEST,
            "A write key is needed, and there is none, or one that nobody has.",
            "Send the project's key: `Authorization: Bearer`, `X-Api-Key`, or `api_key` in the"
                    + " body's object."),
    WRONG_KEY_KIND(403, About.REQUEST, "The key only reads.", "Send a write key, such as `wk_…`."),
    RATE_LIMITED(
            429,
            About.REQUEST,
            "The project sends more events or bytes a second than it may.",
            "Send it again after `Retry-After`; `X-RateLimit-…` say where the project stands."),
    INGEST_DISABLED(
            503,
            About.REQUEST,
            "The project is switched off: it takes no events, and its reads go on.",
            "Ask who runs Tidemill; until then, keep what is to be sent."),
    NO_EVENTS(400, About.REQUEST, "The body holds no event at all.", "Send at least one."),
    CONTENT_ENCODING_BROKEN(
            400,
            About.REQUEST,
            "The body is not what its `Content-Encoding` says, or is cut short.",
            "Compress it whole, or leave the header out."),
    REQUEST_TOO_LARGE(
            413,
            About.REQUEST,
            "The body is longer than `TIDEMILL_MAX_REQUEST_BYTES`, before or after decompression.",
            "Send fewer events at once."),
    TOO_MANY_EVENTS(
            413,
            About.REQUEST,
            "The body holds more events than `TIDEMILL_MAX_REQUEST_EVENTS`.",
            "Send fewer at once: the detail names the limit and the first index beyond."),
    UNSUPPORTED_MEDIA_TYPE(
            415,
            About.REQUEST,
            "`Content-Type` is not one that is read here, or names another charset than UTF-8.",
            "Use `application/json`, `application/x-ndjson` or `text/plain`."),
    UNSUPPORTED_CONTENT_ENCODING(
            415,
            About.REQUEST,
            "`Content-Encoding` is not one that is read here.",
            "Use `gzip`, `deflate` or `zstd`, once, or none."),
    OVERLOADED(
            503,
            About.REQUEST,
            "As many bytes are under way as the gateway may hold.",
            "Send it again after `Retry-After`."),
    DRAINING(
            503,
            About.REQUEST,
            "The gateway is about to stop.",
            "Send it again after `Retry-After`."),
    KAFKA_UNAVAILABLE(
            503,
            About.REQUEST,
            "Kafka can't be reached, so nothing could become durable.",
            "Send it again after `Retry-After`.");

    private final int status;
    private final About about;
    private final String meaning;
    private final String remedy;
    private final String code = name().toLowerCase(Locale.ROOT);

    /// What a code can be about.
    private enum About {
        /// One event: it stands in the event's verdict.
        EVENT("an event"),
        /// The request as a whole: it is the code of the answer.
        REQUEST("an ingest request"),
        EVENT_OR_REQUEST("an event, or an ingest request");

        private final String words;

        About(String words) {
            this.words = words;
        }
    }

    Rejection(int status, About about, String meaning, String remedy) {
        this.status = status;
        this.about = about;
        this.meaning = meaning;
        this.remedy = remedy;
    }

    /// What clients see, such as `event_type_missing`.
    @Override
    public String code() {
        return code;
    }

    /// The HTTP status of a request that is refused, or whose only event is rejected, for this
    /// reason.
    @Override
    public int status() {
        return status;
    }

    @Override
    public String where() {
        return about.words;
    }

    @Override
    public String meaning() {
        return meaning;
    }

    @Override
    public String remedy() {
        return remedy;
    }
}
