package io.tidemill.guarantees.checks;

import java.util.List;

/// I4: a row holds what was sent under its identity; of several contents one of them, whole.
final class ContentKept {

    private final Sent sent;

    ContentKept(Sent sent) {
        this.sent = sent;
    }

    Verdict judge(List<StoredEvent> rows) {
        Findings findings = new Findings();
        for (StoredEvent row : rows) {
            // What was never sent at all is another guarantee's.
            if (sent.maySay(row) && !sent.says(row)) {
                findings.add("not what was sent: " + row.identity());
            }
        }
        return findings.verdict(Guarantee.I4);
    }
}
