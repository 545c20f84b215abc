package io.tidemill.guarantees.checks;

import java.util.HashMap;
import java.util.Map;

/// I7: a revision in the table never goes back, and at the end each is the newest that was made.
/// Thread-safe.
public final class RevisionsGrow {

    private final Findings findings = new Findings();
    private final Map<Part, Long> highest = new HashMap<>();
    private int life;

    /// A part of an hour, such as `alpha 2026-01-01T00:00:00Z hour`.
    public record Part(String name) {}

    /// What is in the table now.
    ///
    /// @param inLife grows whenever the database is put back to an older state
    public synchronized void look(int inLife, Map<Part, Long> revisions) {
        if (inLife != life) {
            highest.clear();
            life = inLife;
        }
        revisions.forEach((part, revision) -> {
            Long before = highest.put(part, revision);
            if (before != null && before > revision) {
                findings.add("went back from " + before + " to " + revision + ": " + part.name());
            }
        });
    }

    /// @param newest on the topic, of parts that are the topology's
    /// @param stored in the table at the end
    synchronized Verdict judge(Map<Part, Long> newest, Map<Part, Long> stored) {
        newest.forEach((part, revision) -> {
            long there = stored.getOrDefault(part, -1L);
            if (there != revision) {
                findings.add(
                        "revision " + there + " stored, " + revision + " made: " + part.name());
            }
        });
        return findings.verdict(Guarantee.I7);
    }
}
