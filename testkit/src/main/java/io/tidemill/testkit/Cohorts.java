package io.tidemill.testkit;

import io.tidemill.contract.CohortCell;
import io.tidemill.contract.Erasure;
import io.tidemill.contract.Event;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;

/// What the retention table must say: the days of each user, in memory. Written to be obviously
/// right, not fast.
public final class Cohorts {

    private record User(String projectId, String userId) {}

    private Cohorts() {}

    /// The cells that have users, of all events that no erasure covers, in whatever order they
    /// came.
    public static Map<CohortCell, Long> of(Collection<Event> events, Collection<Erasure> erasures) {
        Map<User, SortedSet<Long>> days = new HashMap<>();
        for (Event event : events) {
            String userId = event.userId();
            if (userId != null && erasures.stream().noneMatch(erasure -> erasure.covers(event))) {
                days.computeIfAbsent(new User(event.projectId(), userId), _ -> new TreeSet<>())
                        .add(day(event));
            }
        }
        Map<CohortCell, Long> table = new HashMap<>();
        days.forEach((user, active) -> addStays(user.projectId(), active, table));
        return table;
    }

    private static void addStays(
            String projectId, SortedSet<Long> active, Map<CohortCell, Long> table) {
        long cohort = active.first();
        long before = active.first();
        for (long day : active) {
            if (day - before > CohortCell.LAST_DAY_NUMBER) {
                cohort = day;
            }
            if (day - cohort <= CohortCell.LAST_DAY_NUMBER) {
                table.merge(new CohortCell(projectId, cohort, (int) (day - cohort)), 1L, Long::sum);
            }
            before = day;
        }
    }

    private static long day(Event event) {
        return Instant.ofEpochMilli(event.timestampMillis())
                .atZone(ZoneOffset.UTC)
                .toLocalDate()
                .toEpochDay();
    }
}
