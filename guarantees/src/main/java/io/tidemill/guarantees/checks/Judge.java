package io.tidemill.guarantees.checks;

import io.tidemill.contract.EventIdentity;
import io.tidemill.guarantees.checks.Counts.Hour;
import io.tidemill.guarantees.history.History;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// Judges every guarantee by what was sent, what is stored, and what was seen on the way.
public final class Judge {

    public static final Duration LONGEST_RECOVERY = Duration.ofMinutes(2);

    private static final Duration RAW_WINDOW = Duration.ofDays(30);
    private static final String EXPIRED = "expired";

    private final Postgres postgres;
    private final TopicsRead topics;
    private final Clock clock;

    /// What a run saw beside the history.
    ///
    /// @param revisions as they were looked at
    /// @param verify hours that differ by `tidemill verify`, in words
    /// @param outOfMemory processes that ended for lack of memory, in words
    /// @param settledAfter from the last healing on; empty when it never did
    /// @param unhealthy parts that aren't ready at the end, in words
    public record Seen(
            RevisionsGrow revisions,
            List<String> verify,
            List<String> outOfMemory,
            Optional<Duration> settledAfter,
            List<String> unhealthy) {}

    public Judge(Postgres postgres, TopicsRead topics, Clock clock) {
        this.postgres = postgres;
        this.topics = topics;
        this.clock = clock;
    }

    public List<Verdict> judge(History history, Seen seen) throws SQLException {
        List<StoredEvent> rows = postgres.events();
        Set<EventIdentity> stored =
                rows.stream().map(StoredEvent::identity).collect(Collectors.toSet());
        Map<EventIdentity, Set<String>> setAside = postgres.setAside(topics.topics().events());
        Set<EventIdentity> expired =
                setAside.entrySet().stream()
                        .filter(entry -> entry.getValue().contains(EXPIRED))
                        .map(Map.Entry::getKey)
                        .collect(Collectors.toSet());
        Sent sent = new Sent(history);
        Set<Hour> rawHours = postgres.rawHours();
        Cohorts cohorts =
                new Cohorts(
                        history.attempts()
                                .map(attempt -> attempt.event().project())
                                .collect(Collectors.toSet()));
        Set<EventIdentity> onTopic = topics.identities(cohorts);
        return List.of(
                new NothingLost(stored, setAside::containsKey).judge(history),
                Once.judge(rows),
                new NothingInvented(sent).judge(rows),
                new ContentKept(sent).judge(rows),
                new TenantsApart(history).judge(rows),
                rollups(seen.verify()),
                seen.revisions()
                        .judge(
                                topics.newestRevisions(hour -> !rawHours.contains(hour)),
                                postgres.revisions()),
                cohorts.judge(postgres.cohorts()),
                new Windows(RAW_WINDOW, clock.millis()).judge(history, rows, expired),
                new SumsAddUp(onTopic).judge(stored, setAside.keySet()),
                OverloadTold.judge(history, seen.outOfMemory()),
                new Recovery(LONGEST_RECOVERY).judge(seen.settledAfter(), seen.unhealthy()));
    }

    private Verdict rollups(List<String> verify) throws SQLException {
        Counts raw = postgres.raw();
        Counts rollups = postgres.rollups();
        Counts dimensions = postgres.dimensions();
        // The rows by dimension have no totals: those of the hour stand in for them.
        Map<Hour, Map<String, Long>> whole = new TreeMap<>();
        raw.byHour()
                .forEach((hour, numbers) -> {
                    Map<String, Long> row = new TreeMap<>(dimensions.of(hour));
                    for (String total : List.of("events", "users", "sessions")) {
                        row.put(total, numbers.getOrDefault(total, 0L));
                    }
                    whole.put(hour, row);
                });
        dimensions.byHour().forEach(whole::putIfAbsent);
        return new RollupsEqual(raw)
                .judge(Map.of("hourly_rollups", rollups, "dimensions", new Counts(whole)), verify);
    }
}
