package io.tidemill.guarantees.checks;

import io.tidemill.contract.EventIdentity;
import java.util.HashSet;
import java.util.Set;

/// I10: the different identities on the topic are those that are stored or on record, no more and
/// no less.
final class SumsAddUp {

    private final Set<EventIdentity> onTopic;

    SumsAddUp(Set<EventIdentity> onTopic) {
        this.onTopic = onTopic;
    }

    /// @param removed set aside, expired or erased, on record
    Verdict judge(Set<EventIdentity> stored, Set<EventIdentity> removed) {
        Findings findings = new Findings();
        Set<EventIdentity> accounted = new HashSet<>(stored);
        accounted.addAll(removed);
        for (EventIdentity identity : onTopic) {
            if (!accounted.contains(identity)) {
                findings.add("on the topic alone: " + identity);
            }
        }
        for (EventIdentity identity : accounted) {
            if (!onTopic.contains(identity)) {
                findings.add("not on the topic: " + identity);
            }
        }
        return findings.verdict(Guarantee.I10);
    }
}
