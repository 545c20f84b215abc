package io.tidemill.launcher.send;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.tidemill.contract.Hash128;
import java.io.ByteArrayOutputStream;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/// One event as its sender wrote it. Its time and id can be filled in or moved; every other byte
/// stays as it is. A text that is no JSON object stays as it is altogether.
final class EventText {

    private static final JsonFactory JSON = new JsonFactory();
    private static final int ABSENT = -1;

    private final byte[] json;
    private final @Nullable Value id;
    private final @Nullable Value timestamp;
    private final int firstField;

    /// @param text decoded; null when the field is JSON's null, or neither string nor number
    private record Value(JsonToken token, @Nullable String text, int start, int end) {

        /// The contract takes null and the empty string for absent.
        boolean isAbsent() {
            return token == JsonToken.VALUE_NULL || "".equals(text);
        }

        Optional<Instant> instant() {
            if (text == null) {
                return Optional.empty();
            }
            try {
                return Optional.of(
                        token == JsonToken.VALUE_NUMBER_INT
                                ? Instant.ofEpochMilli(Long.parseLong(text))
                                : OffsetDateTime.parse(text).toInstant());
            } catch (DateTimeException | NumberFormatException e) {
                // The server will say what is wrong with it.
                return Optional.empty();
            }
        }
    }

    private EventText(byte[] json, @Nullable Value id, @Nullable Value timestamp, int firstField) {
        this.json = json;
        this.id = id;
        this.timestamp = timestamp;
        this.firstField = firstField;
    }

    /// @param json kept, not copied
    static EventText of(byte[] json) {
        Value id = null;
        Value timestamp = null;
        int firstField = ABSENT;
        try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), json)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return new EventText(json, null, null, ABSENT);
            }
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                firstField = firstField == ABSENT ? start(parser) : firstField;
                String name = parser.currentName();
                JsonToken token = parser.nextToken();
                switch (name) {
                    case "event_id", "eventId" -> id = value(parser, token);
                    case "timestamp" -> timestamp = value(parser, token);
                    default -> parser.skipChildren();
                }
            }
            return new EventText(json, id, timestamp, firstField);
        } catch (JacksonException e) {
            // Not JSON: the server's verdict will say so, beside the place in the file.
            return new EventText(json, null, null, ABSENT);
        }
    }

    /// When it happened; empty when the text doesn't say, or in no way that is understood here.
    Optional<Instant> instant() {
        return timestamp == null ? Optional.empty() : timestamp.instant();
    }

    /// The event to send: moved by `shift`, and with an id, and a time of `now`, where it has
    /// neither, so that sending it again sends the same event.
    ///
    /// @param place where it stands in its file; a minted id depends on it and on the text alone if
    ///   the event has a time
    byte[] toSend(TimeShift shift, String place, Instant now) {
        if (firstField == ABSENT) {
            return json;
        }
        Instant time =
                instant().map(then -> then.plus(shift.hours(), ChronoUnit.HOURS)).orElse(now);
        Map<Integer, Edit> edits = new TreeMap<>();
        boolean hasId = id != null && !id.isAbsent();
        boolean hasTime = timestamp != null && !timestamp.isAbsent();
        StringBuilder added = new StringBuilder();
        if (hasTime && instant().isPresent() && shift.hours() != 0) {
            replace(edits, timestamp, text(timestamp, time));
        }
        if (!hasTime && !hasId) {
            fillIn(edits, added, "timestamp", timestamp, time.truncatedTo(ChronoUnit.MILLIS));
        }
        if (!hasId) {
            fillIn(edits, added, "event_id", id, mint(place, time));
        }
        if (!added.isEmpty()) {
            edits.put(firstField, new Edit(firstField, added.toString()));
        }
        return apply(edits);
    }

    private record Edit(int end, String text) {}

    private static void fillIn(
            Map<Integer, Edit> edits,
            StringBuilder added,
            String name,
            @Nullable Value empty,
            Object value) {
        if (empty == null) {
            added.append('"').append(name).append("\":\"").append(value).append("\",");
        } else {
            replace(edits, empty, "\"" + value + "\"");
        }
    }

    private static void replace(Map<Integer, Edit> edits, @Nullable Value value, String text) {
        if (value != null) {
            edits.put(value.start(), new Edit(value.end(), text));
        }
    }

    private byte[] apply(Map<Integer, Edit> edits) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(json.length + 96);
        int copied = 0;
        for (Map.Entry<Integer, Edit> edit : edits.entrySet()) {
            out.write(json, copied, edit.getKey() - copied);
            out.writeBytes(edit.getValue().text().getBytes(UTF_8));
            copied = edit.getValue().end();
        }
        out.write(json, copied, json.length - copied);
        return out.toByteArray();
    }

    private static String text(@Nullable Value timestamp, Instant time) {
        boolean number = timestamp != null && timestamp.token() == JsonToken.VALUE_NUMBER_INT;
        return number ? Long.toString(time.toEpochMilli()) : "\"" + time + "\"";
    }

    /// A UUIDv7 of the event's time, its other bits a hash of the event and its place.
    private String mint(String place, Instant time) {
        Hash128 hash = Hash128.of(new String(json, UTF_8), place, time.toString());
        long high = (time.toEpochMilli() << 16) | 0x7000 | (hash.high() & 0x0fff);
        long low = (hash.low() & 0x3fff_ffff_ffff_ffffL) | 0x8000_0000_0000_0000L;
        return "evt_" + new UUID(high, low);
    }

    private static Value value(JsonParser parser, JsonToken token) {
        int start = start(parser);
        String text =
                token.isScalarValue() && token != JsonToken.VALUE_NULL ? parser.getString() : null;
        parser.skipChildren();
        return new Value(token, text, start, (int) parser.currentLocation().getByteOffset());
    }

    private static int start(JsonParser parser) {
        return (int) parser.currentTokenLocation().getByteOffset();
    }
}
