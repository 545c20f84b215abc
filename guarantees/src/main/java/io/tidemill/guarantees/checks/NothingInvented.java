package io.tidemill.guarantees.checks;

import java.util.List;

/// I3: every row was sent, and not only refused.
final class NothingInvented {

    private final Sent sent;

    NothingInvented(Sent sent) {
        this.sent = sent;
    }

    Verdict judge(List<StoredEvent> rows) {
        Findings findings = new Findings();
        for (StoredEvent row : rows) {
            if (sent.wasOnlyRefused(row.identity())) {
                findings.add("refused and stored: " + row.identity());
            } else if (!sent.maySay(row)) {
                findings.add("never sent: " + row.identity());
            }
        }
        return findings.verdict(Guarantee.I3);
    }
}
