package io.tidemill.guarantees.checks;

import io.tidemill.guarantees.history.History;
import java.time.Instant;
import java.util.List;

/// I11: who is turned away is told when to come back, and no process runs out of memory. That no
/// 2xx is given that doesn't hold is {@link NothingLost}'s.
final class OverloadTold {

    private OverloadTold() {}

    /// @param outOfMemory processes that ended for lack of memory, in words
    static Verdict judge(History history, List<String> outOfMemory) {
        Findings findings = new Findings();
        history.requests().stream()
                .filter(request -> request.answer().lacksRetryAfter())
                .forEach(request ->
                        findings.add(
                                request.answer().status()
                                        + " without Retry-After at "
                                        + Instant.ofEpochMilli(request.sentAtMillis())));
        findings.addAll(outOfMemory);
        return findings.verdict(Guarantee.I11);
    }
}
