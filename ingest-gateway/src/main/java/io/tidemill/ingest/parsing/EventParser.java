package io.tidemill.ingest.parsing;

import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.json.JsonFactory;

/// Turns the body of a request into one verdict per event, in the order of the events. The same
/// bytes, received at the same time, are the same events, but for the ids that are minted.
public final class EventParser {

    private final EventLimits limits;
    private final RandomGenerator random;

    /// @param random makes minted ids unique; thread-safe
    public EventParser(EventLimits limits, RandomGenerator random) {
        this.limits = limits;
        this.random = random;
    }

    /// The same parser for events that may be less old.
    ///
    /// @param maxAge before the time of receipt; a longer one than this parser's changes nothing
    public EventParser upToAge(Duration maxAge) {
        return maxAge.compareTo(limits.maxAge()) < 0
                ? new EventParser(limits.withMaxAge(maxAge), random)
                : this;
    }

    /// One event, by the rules of the route that takes no more.
    ///
    /// @throws RefusedException when the body is not one JSON value
    public Verdict parseTrack(byte[] body, String projectId, long receivedAtMillis) {
        EventRules rules = EventRules.ofTrack(limits, random, projectId, receivedAtMillis);
        Verdicts verdicts = new Verdicts(1);
        readDocument(body, document -> verdicts.add(event(document, rules)));
        return verdicts.all().getFirst();
    }

    /// `{"events":[…]}`, an array of events, or one event.
    ///
    /// @throws RefusedException when the body is not JSON, or holds no event, or too many
    public List<Verdict> parseEvents(byte[] body, String projectId, long receivedAtMillis) {
        EventRules rules = EventRules.ofEvents(limits, random, projectId, receivedAtMillis);
        Verdicts verdicts = new Verdicts(limits.maxEvents());
        readDocument(
                body,
                document -> {
                    switch (document.parser().currentToken()) {
                        case START_ARRAY -> readArray(document, rules, verdicts);
                        case START_OBJECT -> readObject(document, rules, verdicts);
                        default -> verdicts.add(event(document, rules));
                    }
                });
        return verdicts.all();
    }

    /// NDJSON: one event a line. A line that is not JSON is rejected, and no other with it.
    ///
    /// @throws RefusedException when there is no event, or too many
    public List<Verdict> parseLines(byte[] body, String projectId, long receivedAtMillis) {
        EventRules rules = EventRules.ofEvents(limits, random, projectId, receivedAtMillis);
        Verdicts verdicts = new Verdicts(limits.maxEvents());
        JsonFactory factory = JsonDocument.factory();
        SurrogateEscapes text = SurrogateEscapes.in(body);
        int from = JsonDocument.start(body);
        while (from < body.length) {
            int to = from;
            while (to < body.length && body[to] != '\n') {
                to++;
            }
            if (!isBlank(body, from, to)) {
                verdicts.add(line(factory, text, from, to, rules));
            }
            from = to + 1;
        }
        return verdicts.all();
    }

    private Verdict line(
            JsonFactory factory, SurrogateEscapes text, int from, int to, EventRules rules) {
        if (!JsonDocument.isUtf8(text.json(), from, to)) {
            return new Verdict.Rejected(Rejection.INVALID_UTF8, null, "the line is not UTF-8");
        }
        try (JsonDocument document = new JsonDocument(factory, text, from, to)) {
            try {
                document.parser().nextToken();
                Verdict verdict = event(document, rules);
                document.requireEnd();
                return verdict;
            } catch (JacksonException e) {
                return document.refusal(e).verdict();
            }
        } catch (RefusedException e) {
            return e.verdict();
        }
    }

    private static void readDocument(byte[] body, Consumer<JsonDocument> reader) {
        int from = JsonDocument.start(body);
        if (!JsonDocument.isUtf8(body, from, body.length)) {
            throw new RefusedException(Rejection.INVALID_UTF8, "the body is not UTF-8");
        }
        if (isBlank(body, from, body.length)) {
            return;
        }
        try (JsonDocument document =
                new JsonDocument(
                        JsonDocument.factory(), SurrogateEscapes.in(body), from, body.length)) {
            try {
                document.parser().nextToken();
                reader.accept(document);
                document.requireEnd();
            } catch (JacksonException e) {
                throw document.refusal(e);
            }
        }
    }

    private void readObject(JsonDocument document, EventRules rules, Verdicts verdicts) {
        int from = document.tokenStart();
        EnvelopeReader reader = new EnvelopeReader(limits, document);
        if (reader.readToEvents()) {
            readArray(document, rules, verdicts);
            reader.readRest();
            verdicts.sentAt(reader.sentAtMillis());
            return;
        }
        Verdict verdict;
        try {
            verdict = new Verdict.Accepted(rules.apply(reader.event(), document.bytes()));
        } catch (RefusedException e) {
            verdict = e.verdict();
        }
        verdicts.add(withinLength(verdict, from, document));
    }

    private void readArray(JsonDocument document, EventRules rules, Verdicts verdicts) {
        JsonParser parser = document.parser();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            verdicts.add(event(document, rules));
        }
    }

    /// The verdict on the value that the parser stands on; leaves it on the value's last token.
    private Verdict event(JsonDocument document, EventRules rules) {
        JsonParser parser = document.parser();
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            parser.skipChildren();
            return new Verdict.Rejected(
                    Rejection.NOT_AN_OBJECT, null, "the event is not an object");
        }
        int from = document.tokenStart();
        int outside = document.depth() - 1;
        Verdict verdict;
        try {
            EventFields fields = new EventReader(limits, document).read();
            verdict = new Verdict.Accepted(rules.apply(fields, document.bytes()));
        } catch (RefusedException e) {
            verdict = e.verdict();
            document.skipToDepth(outside);
        }
        return withinLength(verdict, from, document);
    }

    /// The verdict on the event that ends where the parser stands, unless it is too long.
    private Verdict withinLength(Verdict verdict, int from, JsonDocument document) {
        return document.tokenEnd() - from <= limits.maxEventBytes()
                ? verdict
                : new Verdict.Rejected(
                        Rejection.EVENT_TOO_LARGE,
                        null,
                        "the event is longer than " + limits.maxEventBytes() + " bytes");
    }

    private static boolean isBlank(byte[] body, int from, int to) {
        for (int i = from; i < to; i++) {
            byte b = body[i];
            if (b != ' ' && b != '\t' && b != '\r' && b != '\n') {
                return false;
            }
        }
        return true;
    }
}
