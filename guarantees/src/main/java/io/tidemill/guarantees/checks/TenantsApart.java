package io.tidemill.guarantees.checks;

import io.tidemill.guarantees.history.History;
import io.tidemill.guarantees.history.Outcome;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// I5: a row's project is the one whose key it was sent with.
final class TenantsApart {

    private final Map<String, Set<String>> projectsByContent = new HashMap<>();

    /// @param history whose contents differ from event to event
    TenantsApart(History history) {
        history.attempts()
                .filter(attempt -> attempt.outcome() != Outcome.REFUSED)
                .forEach(attempt ->
                        projectsByContent
                                .computeIfAbsent(
                                        attempt.event().contentHash(), _ -> new HashSet<>(2))
                                .add(attempt.event().project()));
    }

    Verdict judge(List<StoredEvent> rows) {
        Findings findings = new Findings();
        for (StoredEvent row : rows) {
            Set<String> senders = projectsByContent.getOrDefault(row.contentHash(), Set.of());
            if (!senders.isEmpty() && !senders.contains(row.identity().projectId())) {
                findings.add("sent by " + senders + ": " + row.identity());
            }
        }
        return findings.verdict(Guarantee.I5);
    }
}
