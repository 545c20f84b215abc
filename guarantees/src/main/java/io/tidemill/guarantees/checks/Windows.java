package io.tidemill.guarantees.checks;

import io.tidemill.contract.EventIdentity;
import io.tidemill.guarantees.history.History;
import io.tidemill.guarantees.history.Outcome;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/// I9: nothing younger than its window is removed, nothing much older stays.
final class Windows {

    private static final Duration GRACE = Duration.ofDays(2);

    private final Duration window;
    private final long nowMillis;

    /// @param nowMillis by the database's clock
    Windows(Duration window, long nowMillis) {
        this.window = window;
        this.nowMillis = nowMillis;
    }

    /// @param expired identities that are on record as expired
    Verdict judge(History history, List<StoredEvent> rows, Set<EventIdentity> expired) {
        Findings findings = new Findings();
        long youngestRemoved = nowMillis - window.toMillis();
        Set<EventIdentity> acknowledged =
                history.attempts(Outcome.ACKNOWLEDGED)
                        .flatMap(attempt -> attempt.identity().stream())
                        .collect(Collectors.toSet());
        for (EventIdentity identity : expired) {
            if (identity.timestampMillis() > youngestRemoved && acknowledged.contains(identity)) {
                findings.add("expired within its window: " + identity);
            }
        }
        long oldestKept = youngestRemoved - GRACE.toMillis();
        for (StoredEvent row : rows) {
            if (row.identity().timestampMillis() < oldestKept) {
                findings.add("kept beyond its window: " + row.identity());
            }
        }
        return findings.verdict(Guarantee.I9);
    }
}
