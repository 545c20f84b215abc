package io.tidemill.ingest.parsing;

import io.tidemill.contract.Event;
import io.tidemill.contract.EventIdentity;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The verdicts of one request, gathered in the order of its events. An event that is the same as
/// an earlier one is skipped.
final class Verdicts {

    private final int maxEvents;
    private final List<Verdict> verdicts = new ArrayList<>();
    private final Set<EventIdentity> identities = new HashSet<>();
    private @Nullable Long sentAtMillis;

    Verdicts(int maxEvents) {
        this.maxEvents = maxEvents;
    }

    /// @throws RefusedException when the request holds more events than it may
    void add(Verdict verdict) {
        if (verdicts.size() == maxEvents) {
            throw new RefusedException(
                    Rejection.TOO_MANY_EVENTS,
                    "a request holds at most "
                            + maxEvents
                            + " events; the first beyond has the index "
                            + maxEvents);
        }
        verdicts.add(
                verdict instanceof Verdict.Accepted(Event event)
                                && !identities.add(event.identity())
                        ? new Verdict.Skipped(event)
                        : verdict);
    }

    /// The sender's clock, as the request says it for all events that don't say it themselves; null
    /// when it doesn't either.
    void sentAt(@Nullable Long millis) {
        sentAtMillis = millis;
    }

    /// @throws RefusedException when there is none
    List<Verdict> all() {
        if (verdicts.isEmpty()) {
            throw new RefusedException(Rejection.NO_EVENTS, "the body holds no event");
        }
        if (sentAtMillis != null) {
            long sentAt = sentAtMillis;
            verdicts.replaceAll(verdict -> withSentAt(verdict, sentAt));
        }
        return List.copyOf(verdicts);
    }

    private static Verdict withSentAt(Verdict verdict, long sentAtMillis) {
        return verdict instanceof Verdict.Accepted(Event event) && event.clockOffsetMillis() == null
                ? new Verdict.Accepted(withSentAt(event, sentAtMillis))
                : verdict;
    }

    private static Event withSentAt(Event event, long sentAtMillis) {
        return new Event(
                event.projectId(),
                event.eventId(),
                event.eventType(),
                event.userId(),
                event.sessionId(),
                event.toolName(),
                event.action(),
                event.demoMode(),
                event.properties(),
                event.metadata(),
                event.promptText(),
                event.aiResponse(),
                event.timestampMillis(),
                event.receivedAtMillis(),
                event.receivedAtMillis() - sentAtMillis);
    }
}
