package io.tidemill.launcher.send;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;

/// What became of the events so far. Thread-safe.
final class SendTally {

    private final AtomicLong accepted = new AtomicLong();
    private final AtomicLong skipped = new AtomicLong();
    private final AtomicLong unsent = new AtomicLong();
    private final AtomicLong retries = new AtomicLong();
    private final Map<String, Reason> reasons = new TreeMap<>();

    /// @param example the first event rejected for it: where it stands, and the server's words
    record Reason(long events, String example) {}

    void accepted(long events) {
        accepted.addAndGet(events);
    }

    void skipped(long events) {
        skipped.addAndGet(events);
    }

    /// Events whose fate is unknown or that were never sent: sending them again is safe.
    void unsent(long events) {
        unsent.addAndGet(events);
    }

    void retried() {
        retries.incrementAndGet();
    }

    synchronized void rejected(String code, String example) {
        reasons.merge(
                code,
                new Reason(1, example),
                (known, _) -> new Reason(known.events() + 1, known.example()));
    }

    long acceptedEvents() {
        return accepted.get();
    }

    long skippedEvents() {
        return skipped.get();
    }

    long unsentEvents() {
        return unsent.get();
    }

    long retriedRequests() {
        return retries.get();
    }

    synchronized long rejectedEvents() {
        return reasons.values().stream().mapToLong(Reason::events).sum();
    }

    /// By code.
    synchronized Map<String, Reason> reasons() {
        return Map.copyOf(reasons);
    }

    /// Events that got their verdict.
    long sentEvents() {
        return acceptedEvents() + skippedEvents() + rejectedEvents();
    }

    boolean isClean() {
        return rejectedEvents() == 0 && unsentEvents() == 0;
    }
}
