package io.tidemill.guarantees.checks;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// I12: once the last fault is healed, everything settles by itself, and in time.
final class Recovery {

    private final Duration longest;

    Recovery(Duration longest) {
        this.longest = longest;
    }

    /// @param settledAfter from the last healing on; empty when it never did
    /// @param unhealthy parts that aren't ready at the end, in words
    Verdict judge(Optional<Duration> settledAfter, List<String> unhealthy) {
        Findings findings = new Findings();
        if (settledAfter.isEmpty()) {
            findings.add("not settled " + longest.toSeconds() + " s after the last healing");
        } else if (settledAfter.get().compareTo(longest) > 0) {
            findings.add("settled only after " + settledAfter.get().toSeconds() + " s");
        }
        findings.addAll(unhealthy);
        return findings.verdict(Guarantee.I12);
    }
}
