package io.tidemill.guarantees;

import io.tidemill.guarantees.history.History;
import io.tidemill.guarantees.history.Outcome;
import io.tidemill.guarantees.history.Request;
import java.time.Duration;
import java.util.List;

/// What senders saw of the gateways.
///
/// @param longestGap without a single acknowledgement
record Availability(
        long requests, long acknowledged, long refused, long unknown, Duration longestGap) {

    static Availability of(History history) {
        List<Long> acknowledgements =
                history.requests().stream()
                        .filter(request ->
                                request.answer().outcomes().contains(Outcome.ACKNOWLEDGED))
                        .map(Request::endedAtMillis)
                        .sorted()
                        .toList();
        long gap = 0;
        for (int i = 1; i < acknowledgements.size(); i++) {
            gap = Math.max(gap, acknowledgements.get(i) - acknowledgements.get(i - 1));
        }
        return new Availability(
                history.requests().size(),
                history.attempts(Outcome.ACKNOWLEDGED).count(),
                history.attempts(Outcome.REFUSED).count(),
                history.attempts(Outcome.UNKNOWN).count(),
                Duration.ofMillis(gap));
    }
}
