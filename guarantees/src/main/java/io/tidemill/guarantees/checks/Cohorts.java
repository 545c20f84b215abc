package io.tidemill.guarantees.checks;

import io.tidemill.contract.Event;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/// Which users came back on which day, computed the plain way.
final class Cohorts {

    private static final int LAST_DAY = 90;

    private final Map<User, SortedSet<LocalDate>> days = new HashMap<>();
    private final Set<String> projects;

    private record User(String project, String id) {}

    /// Of the users who were first active on a day, those active so many days later.
    record Cell(String project, LocalDate cohortDay, int dayNumber) {}

    /// @param projects whose events count
    Cohorts(Set<String> projects) {
        this.projects = Set.copyOf(projects);
    }

    /// An event that was read: also a copy that says another user than the one that is stored.
    void add(Event event) {
        if (event.userId() != null && projects.contains(event.projectId())) {
            days.computeIfAbsent(new User(event.projectId(), event.userId()), _ -> new TreeSet<>())
                    .add(
                            LocalDate.ofInstant(
                                    Instant.ofEpochMilli(event.timestampMillis()), ZoneOffset.UTC));
        }
    }

    Map<Cell, Long> cells() {
        Map<Cell, Long> cells = new HashMap<>();
        days.forEach((user, active) -> {
            LocalDate first = active.first();
            LocalDate before = first;
            for (LocalDate day : active) {
                if (ChronoUnit.DAYS.between(before, day) > LAST_DAY) {
                    first = day;
                }
                int number = (int) ChronoUnit.DAYS.between(first, day);
                if (number <= LAST_DAY) {
                    cells.merge(new Cell(user.project(), first, number), 1L, Long::sum);
                }
                before = day;
            }
        });
        return cells;
    }

    /// I8: the table says the same, of these projects.
    Verdict judge(Map<Cell, Long> table) {
        Findings findings = new Findings();
        Map<Cell, Long> expected = cells();
        Map<Cell, Long> stored = new HashMap<>(table);
        stored.keySet().removeIf(cell -> !projects.contains(cell.project()));
        Map<String, Cell> all = new TreeMap<>();
        expected.keySet().forEach(cell -> all.put(cell.toString(), cell));
        stored.keySet().forEach(cell -> all.put(cell.toString(), cell));
        for (Cell cell : all.values()) {
            long there = stored.getOrDefault(cell, 0L);
            long reference = expected.getOrDefault(cell, 0L);
            if (there != reference) {
                findings.add(cell + ": " + there + " users, must be " + reference);
            }
        }
        return findings.verdict(Guarantee.I8);
    }
}
