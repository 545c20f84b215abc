package io.tidemill.guarantees.checks;

import java.util.List;

/// How a guarantee stands after a run.
///
/// @param findings all that speak against it
/// @param told the first of them
public record Verdict(Guarantee guarantee, Result result, long findings, List<String> told) {

    public enum Result {
        HOLDS,
        BROKEN
    }

    public Verdict {
        told = List.copyOf(told);
    }
}
