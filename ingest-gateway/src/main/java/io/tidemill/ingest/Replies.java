package io.tidemill.ingest;

import io.tidemill.contract.Event;
import io.tidemill.ingest.parsing.Rejection;
import io.tidemill.ingest.parsing.Verdict;
import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/// Writes the answers about events, once it is known what became of each.
final class Replies {

    private static final JsonFactory JSON = new JsonFactory();
    private static final String NOT_DURABLE_DETAIL =
            "the event is not known to be durable; send it again with its event_id";

    private Replies() {}

    /// An answer in JSON.
    static final class Reply {

        private final int status;
        private final byte[] json;

        private Reply(int status, byte[] json) {
            this.status = status;
            this.json = json;
        }

        int status() {
            return status;
        }

        /// The bytes themselves, not a copy.
        byte[] json() {
            return json;
        }
    }

    /// The answer about one event.
    static Reply track(Verdict verdict) {
        return switch (verdict) {
            case Verdict.Accepted(Event event) -> trackOk(event);
            case Verdict.Skipped(Event event) -> trackOk(event);
            case Verdict.NotDurable(Event event) ->
                    trackError(Rejection.NOT_DURABLE, null, NOT_DURABLE_DETAIL, event.eventId());
            case Verdict.Rejected(Rejection rejection, String field, String detail) ->
                    trackError(rejection, field, detail, null);
        };
    }

    /// The answer about many events.
    static Reply events(List<Verdict> verdicts) {
        int processed = 0;
        int skipped = 0;
        int unknown = 0;
        for (Verdict verdict : verdicts) {
            switch (verdict) {
                case Verdict.Accepted _ -> processed++;
                case Verdict.Skipped _ -> skipped++;
                case Verdict.NotDurable _ -> unknown++;
                case Verdict.Rejected _ -> {}
            }
        }
        int errors = verdicts.size() - processed - skipped;
        int status = processed > 0 ? (errors > 0 ? 207 : 200) : (unknown > 0 ? 503 : 400);
        Stats stats = new Stats(processed, skipped, errors, verdicts.size());
        return new Reply(status, json(json -> writeEvents(json, verdicts, stats)));
    }

    private record Stats(int processed, int skipped, int errors, int total) {}

    private static Reply trackOk(Event event) {
        return new Reply(
                200,
                json(json -> {
                    json.writeBooleanProperty("ok", true);
                    json.writeStringProperty("event_id", event.eventId());
                }));
    }

    /// @param eventId of a valid event, so that it can be sent again as the same one; else null
    private static Reply trackError(
            Rejection rejection, @Nullable String field, String detail, @Nullable String eventId) {
        return new Reply(
                rejection.status(),
                json(json -> {
                    json.writeBooleanProperty("ok", false);
                    if (eventId != null) {
                        json.writeStringProperty("event_id", eventId);
                    }
                    json.writeObjectPropertyStart("error");
                    writeReason(json, rejection, field);
                    json.writeStringProperty("detail", detail);
                    json.writeEndObject();
                }));
    }

    private static void writeEvents(JsonGenerator json, List<Verdict> verdicts, Stats stats) {
        json.writeBooleanProperty("success", stats.errors() == 0);
        json.writeNumberProperty("events_processed", stats.processed());
        json.writeArrayPropertyStart("event_ids");
        for (Verdict verdict : verdicts) {
            switch (verdict) {
                case Verdict.Accepted(Event event) -> json.writeString(event.eventId());
                case Verdict.Skipped(Event event) -> json.writeString(event.eventId());
                case Verdict.NotDurable(Event event) -> json.writeString(event.eventId());
                case Verdict.Rejected _ -> json.writeNull();
            }
        }
        json.writeEndArray();
        if (stats.errors() > 0) {
            json.writeArrayPropertyStart("errors");
            for (int i = 0; i < verdicts.size(); i++) {
                writeError(json, i, verdicts.get(i));
            }
            json.writeEndArray();
        }
        json.writeObjectPropertyStart("stats");
        json.writeNumberProperty("processed", stats.processed());
        json.writeNumberProperty("skipped", stats.skipped());
        json.writeNumberProperty("errors", stats.errors());
        json.writeNumberProperty("total", stats.total());
        json.writeEndObject();
    }

    private static void writeError(JsonGenerator json, int index, Verdict verdict) {
        switch (verdict) {
            case Verdict.Rejected(Rejection rejection, String field, String detail) ->
                    writeError(json, index, rejection, field, detail);
            case Verdict.NotDurable _ ->
                    writeError(json, index, Rejection.NOT_DURABLE, null, NOT_DURABLE_DETAIL);
            case Verdict.Accepted _, Verdict.Skipped _ -> {}
        }
    }

    private static void writeError(
            JsonGenerator json,
            int index,
            Rejection rejection,
            @Nullable String field,
            String detail) {
        json.writeStartObject();
        json.writeNumberProperty("event_index", index);
        writeReason(json, rejection, field);
        json.writeStringProperty("error", detail);
        json.writeEndObject();
    }

    private static void writeReason(
            JsonGenerator json, Rejection rejection, @Nullable String field) {
        json.writeStringProperty("code", rejection.code());
        if (field != null) {
            json.writeStringProperty("field", field);
        }
    }

    private static byte[] json(Consumer<JsonGenerator> members) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), bytes)) {
            json.writeStartObject();
            members.accept(json);
            json.writeEndObject();
        }
        return bytes.toByteArray();
    }
}
