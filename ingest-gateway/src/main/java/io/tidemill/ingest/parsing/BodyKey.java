package io.tidemill.ingest.parsing;

import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/// The key that a body holds beside its events, for senders that can't set headers.
public final class BodyKey {

    private BodyKey() {}

    /// Looks for `api_key` among the fields of the body's object, the envelope's or the event's,
    /// and no deeper: of events in an array none speaks for the others. Stops at the first, and
    /// makes nothing of what it passes.
    ///
    /// @return empty when the body is no object, has no such field, or is broken before it
    public static Optional<String> in(byte[] body) {
        int from = JsonDocument.start(body);
        try (JsonDocument document =
                new JsonDocument(
                        JsonDocument.factory(), SurrogateEscapes.in(body), from, body.length)) {
            return find(document.parser());
        } catch (JacksonException e) {
            // What is broken is told to those who have a key.
            return Optional.empty();
        }
    }

    private static Optional<String> find(JsonParser parser) {
        if (parser.nextToken() != JsonToken.START_OBJECT) {
            return Optional.empty();
        }
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            boolean key = EventField.named(parser.currentName()) == EventField.API_KEY;
            JsonToken value = parser.nextToken();
            if (key) {
                return value == JsonToken.VALUE_STRING
                        ? Optional.of(parser.getString())
                        : Optional.empty();
            }
            parser.skipChildren();
        }
        return Optional.empty();
    }
}
