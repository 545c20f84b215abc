package io.tidemill.ingest.parsing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.tidemill.contract.Event;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.SplittableRandom;

/// Parses texts as the gateway would with its defaults, all received at one time.
final class Parsed {

    static final String PROJECT = "shop";
    static final Instant RECEIVED_AT = Instant.parse("2025-10-18T01:00:00.250Z");
    static final long RECEIVED_AT_MILLIS = RECEIVED_AT.toEpochMilli();
    static final EventLimits LIMITS =
            new EventLimits(256 << 10, 5_000, 255, 16, Duration.ofDays(29), Duration.ofMinutes(5));
    static final EventParser PARSER = new EventParser(LIMITS, new SplittableRandom(1));

    private Parsed() {}

    static List<Verdict> events(String body) {
        return events(body.getBytes(UTF_8));
    }

    static List<Verdict> events(byte[] body) {
        return PARSER.parseEvents(body, PROJECT, RECEIVED_AT_MILLIS);
    }

    static List<Verdict> lines(String body) {
        return lines(body.getBytes(UTF_8));
    }

    static List<Verdict> lines(byte[] body) {
        return PARSER.parseLines(body, PROJECT, RECEIVED_AT_MILLIS);
    }

    static Verdict track(String body) {
        return PARSER.parseTrack(body.getBytes(UTF_8), PROJECT, RECEIVED_AT_MILLIS);
    }

    /// The event that a body of one event becomes.
    static Event event(String body) {
        return accepted(events(body).getFirst());
    }

    /// The event that a valid one with these further fields becomes.
    static Event eventWith(String fields) {
        return event(with(fields));
    }

    /// Why a body of one event is rejected.
    static Verdict.Rejected rejection(String body) {
        return rejected(events(body).getFirst());
    }

    /// Why an otherwise valid event with these further fields is rejected.
    static Verdict.Rejected rejectionWith(String fields) {
        return rejection(with(fields));
    }

    /// A valid event with further fields, such as `"tool_name":"x"`.
    static String with(String fields) {
        return "{\"event_type\":\"t\",\"session_id\":\"s\""
                + (fields.isEmpty() ? "" : ",")
                + fields
                + "}";
    }

    static Event accepted(Verdict verdict) {
        assertThat(verdict).isInstanceOf(Verdict.Accepted.class);
        return ((Verdict.Accepted) verdict).event();
    }

    static Verdict.Rejected rejected(Verdict verdict) {
        assertThat(verdict).isInstanceOf(Verdict.Rejected.class);
        return (Verdict.Rejected) verdict;
    }

    /// Why a body is refused as a whole.
    static Rejection refusal(byte[] body) {
        RefusedException refused = catchThrowableOfType(RefusedException.class, () -> events(body));
        assertThat(refused).isNotNull();
        return refused.rejection();
    }

    static Rejection refusal(String body) {
        return refusal(body.getBytes(UTF_8));
    }
}
