package io.tidemill.guarantees.checks;

import io.tidemill.contract.EventIdentity;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// I2: no identity has two rows.
final class Once {

    private Once() {}

    static Verdict judge(List<StoredEvent> rows) {
        Findings findings = new Findings();
        Set<EventIdentity> seen = new HashSet<>();
        for (StoredEvent row : rows) {
            if (!seen.add(row.identity())) {
                findings.add("stored again: " + row.identity());
            }
        }
        return findings.verdict(Guarantee.I2);
    }
}
