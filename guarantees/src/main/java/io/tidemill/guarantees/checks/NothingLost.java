package io.tidemill.guarantees.checks;

import io.tidemill.contract.EventIdentity;
import io.tidemill.guarantees.history.Attempt;
import io.tidemill.guarantees.history.History;
import io.tidemill.guarantees.history.Outcome;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Predicate;

/// I1: every acknowledged event has a row, or is on record as set aside, expired or erased.
final class NothingLost {

    private final Set<EventIdentity> stored;
    private final Predicate<EventIdentity> onRecord;

    NothingLost(Set<EventIdentity> stored, Predicate<EventIdentity> onRecord) {
        this.stored = stored;
        this.onRecord = onRecord;
    }

    Verdict judge(History history) {
        Findings findings = new Findings();
        Set<EventIdentity> missing = new HashSet<>();
        history.attempts(Outcome.ACKNOWLEDGED)
                .forEach(attempt -> {
                    EventIdentity identity = identity(attempt);
                    if (!stored.contains(identity)
                            && !onRecord.test(identity)
                            && missing.add(identity)) {
                        findings.add("acknowledged and not there: " + identity);
                    }
                });
        return findings.verdict(Guarantee.I1);
    }

    private static EventIdentity identity(Attempt attempt) {
        return attempt.identity()
                .orElseThrow(() ->
                        new IllegalArgumentException("acknowledged without an id: " + attempt));
    }
}
