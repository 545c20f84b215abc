package io.tidemill.guarantees;

import io.tidemill.guarantees.checks.Verdict;
import io.tidemill.guarantees.checks.Verdict.Result;
import io.tidemill.guarantees.faults.Injected;
import io.tidemill.guarantees.processes.ManagedProcess.Exit;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/// A run in words.
///
/// @param recoveries of each fault, how long after its end everything acknowledged before was in
///   the tables; empty when that was never seen
record Report(
        long seed,
        int brokers,
        Instant began,
        Duration length,
        Availability availability,
        Map<Injected, Optional<Duration>> recoveries,
        List<Exit> exits,
        Optional<Duration> settledAfter,
        List<Verdict> verdicts) {

    boolean holds() {
        return verdicts.stream().noneMatch(verdict -> verdict.result() == Result.BROKEN);
    }

    List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add(
                "seed " + seed + ", brokers " + brokers + ", " + length.toSeconds() + " s of load");
        lines.add("");
        lines.add("faults, and how long after each the tables were complete again:");
        recoveries.forEach((fault, recovery) ->
                lines.add(
                        "%5d s  %-42s %s"
                                .formatted(
                                        Duration.between(began, fault.beganAt()).toSeconds(),
                                        fault.what().strip(),
                                        seconds(recovery))));
        lines.add("");
        lines.add(
                "senders: %,d requests; events acknowledged %,d, refused %,d, unknown %,d; longest time without an acknowledgement %.1f s"
                        .formatted(
                                availability.requests(),
                                availability.acknowledged(),
                                availability.refused(),
                                availability.unknown(),
                                availability.longestGap().toMillis() / 1e3));
        lines.add("ends of processes: " + countedExits());
        lines.add("settled after the last healing: " + seconds(settledAfter));
        lines.add("");
        for (Verdict verdict : verdicts) {
            lines.add(
                    "%-4s %-16s %s%s"
                            .formatted(
                                    verdict.guarantee(),
                                    verdict.guarantee().title(),
                                    verdict.result()
                                            .name()
                                            .toLowerCase(Locale.ROOT)
                                            .replace('_', ' '),
                                    verdict.findings() == 0
                                            ? ""
                                            : ": " + verdict.findings() + " findings"));
            verdict.told().forEach(told -> lines.add("       " + told));
        }
        return lines;
    }

    private String countedExits() {
        Map<String, Long> counts =
                exits.stream()
                        .collect(
                                Collectors.groupingBy(
                                        exit -> exit.name() + " with " + exit.code(),
                                        java.util.TreeMap::new,
                                        Collectors.counting()));
        return counts.entrySet().stream()
                .map(entry ->
                        entry.getKey() + (entry.getValue() > 1 ? " ×" + entry.getValue() : ""))
                .collect(Collectors.joining(", "));
    }

    private static String seconds(Optional<Duration> duration) {
        return duration.map(d -> "%.1f s".formatted(d.toMillis() / 1e3)).orElse("not seen");
    }
}
