package io.tidemill.guarantees.history;

import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// How a request ended.
///
/// @param status of HTTP; 0 when there was no answer
/// @param retryAfter whether the answer said when to come back
/// @param outcomes one an event
/// @param eventIds one an event; null where none was told
public record Answer(
        int status, boolean retryAfter, List<Outcome> outcomes, List<@Nullable String> eventIds) {

    public static final int NONE = 0;

    public Answer {
        outcomes = List.copyOf(outcomes);
        if (outcomes.size() != eventIds.size()) {
            throw new IllegalArgumentException("not as many ids as outcomes");
        }
    }

    /// Of a request whose answer, if there was any, says nothing about its events.
    static Answer unknown(int events) {
        return same(NONE, true, Outcome.UNKNOWN, events);
    }

    /// Of a request whose events all ended alike, without ids.
    public static Answer same(int status, boolean retryAfter, Outcome outcome, int events) {
        return new Answer(
                status,
                retryAfter,
                Collections.nCopies(events, outcome),
                Collections.nCopies(events, null));
    }

    /// Whether the sender was told to come back, and not when.
    public boolean lacksRetryAfter() {
        return (status == 429 || status == 503) && !retryAfter;
    }
}
