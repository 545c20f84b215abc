package io.tidemill.contract;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/// The topics between the parts: their names behind a prefix, and how they are kept.
///
/// @param prefix stands before every name, `tidemill.` by default; may be empty
public record Topics(String prefix) {

    public static final String DEFAULT_PREFIX = "tidemill.";

    /// The most bytes that a rollup may have on its way: an hour of more values is left to the raw
    /// table.
    public static final int MAX_ROLLUP_BYTES = 512 << 10;

    private static final String WEEK = Long.toString(Duration.ofDays(7).toMillis());
    private static final String NINETY_DAYS = Long.toString(Duration.ofDays(90).toMillis());

    /// A topic to create when it is missing.
    ///
    /// @param settings the broker's settings of the topic, by their Kafka names
    public record Spec(String name, int partitions, Map<String, String> settings) {}

    /// Accepted events; partitions may grow at any time.
    public String events() {
        return prefix + "events";
    }

    /// Absolute rollups with their revisions, by project, hour and part.
    public String hourlyRollups() {
        return prefix + "rollups.hourly";
    }

    /// Hours that the raw table owns from now on, by project and hour.
    public String dirtyHours() {
        return prefix + "rollups.dirty";
    }

    /// The cells of the retention table, by project, cohort and day number.
    public String retentionCohorts() {
        return prefix + "retention.cohorts";
    }

    /// Users whose events must go, by project and user.
    public String erasures() {
        return prefix + "erasures";
    }

    /// Dimensions and measures, in versions; one partition.
    public String settings() {
        return prefix + "settings";
    }

    /// What must exist before the parts start.
    ///
    /// @param eventPartitions partitions of `events` when it is created, at least 1
    /// @param rollupPartitions partitions of the topics of rollups and cohorts, at least 1
    public List<Spec> all(int eventPartitions, int rollupPartitions) {
        return List.of(
                new Spec(
                        events(),
                        eventPartitions,
                        // The broker's clock stamps records: no sender's clock can delete or
                        // reject any of them.
                        Map.of(
                                "message.timestamp.type", "LogAppendTime",
                                "retention.ms", WEEK,
                                "compression.type", "zstd",
                                "max.message.bytes", "2097152")),
                new Spec(
                        hourlyRollups(),
                        rollupPartitions,
                        Map.of(
                                "cleanup.policy",
                                "compact,delete",
                                "retention.ms",
                                NINETY_DAYS,
                                "max.message.bytes",
                                Integer.toString(MAX_ROLLUP_BYTES))),
                new Spec(
                        dirtyHours(),
                        rollupPartitions,
                        Map.of("cleanup.policy", "compact,delete", "retention.ms", NINETY_DAYS)),
                new Spec(
                        retentionCohorts(),
                        rollupPartitions,
                        Map.of("cleanup.policy", "compact,delete", "retention.ms", NINETY_DAYS)),
                // For good: whoever reads `events` anew has to obey them anew.
                new Spec(erasures(), 1, Map.of("cleanup.policy", "compact")),
                // For good: an hour is counted again by the version that held for it.
                new Spec(settings(), 1, Map.of("cleanup.policy", "compact")));
    }
}
