package io.tidemill.guarantees.checks;

import java.util.Map;
import java.util.TreeMap;

/// Numbers by the hour: of a project's hour, a number by name, such as `events` or `tool/editor`.
record Counts(Map<Hour, Map<String, Long>> byHour) {

    record Hour(String project, long millis) implements Comparable<Hour> {

        @Override
        public int compareTo(Hour other) {
            int byTime = Long.compare(millis, other.millis);
            return byTime != 0 ? byTime : project.compareTo(other.project);
        }

        @Override
        public String toString() {
            return project + " " + java.time.Instant.ofEpochMilli(millis);
        }
    }

    Counts() {
        this(new TreeMap<>());
    }

    void put(Hour hour, String name, long number) {
        byHour.computeIfAbsent(hour, _ -> new TreeMap<>()).put(name, number);
    }

    Map<String, Long> of(Hour hour) {
        return byHour.getOrDefault(hour, Map.of());
    }
}
