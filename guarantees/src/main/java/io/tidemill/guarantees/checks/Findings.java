package io.tidemill.guarantees.checks;

import java.util.ArrayList;
import java.util.List;

/// What speaks against a guarantee: all of it counted, the first of it told. Not thread-safe.
final class Findings {

    private static final int TOLD = 20;

    private final List<String> told = new ArrayList<>();
    private long count;

    void add(String finding) {
        count++;
        if (told.size() < TOLD) {
            told.add(finding);
        }
    }

    void addAll(List<String> findings) {
        findings.forEach(this::add);
    }

    Verdict verdict(Guarantee guarantee) {
        return new Verdict(
                guarantee, count == 0 ? Verdict.Result.HOLDS : Verdict.Result.BROKEN, count, told);
    }
}
