package io.tidemill.contract;

import java.util.List;

/// The Kafka Streams application that makes rollups, as others see it in Kafka: who reads, and
/// which topics lie between `events` and `rollups.hourly`.
///
/// @param topics the topics it reads and writes
/// @param generation counts the times it was started afresh, from 1; the high part of revisions
public record RollupApplication(Topics topics, int generation) {

    /// The shards' input: each event once or more, by the shard of its actor.
    public static final String SHARD = "shard";

    /// Sessions that a shard met for the first time in an hour, by the session.
    public static final String SESSIONS = "sessions";

    /// What shards add to an hour, by project and hour.
    public static final String MERGE = "merge";

    /// The application id, which is its consumer group too.
    public String id() {
        return topics.prefix() + "rollup-g" + generation;
    }

    /// The topics between its steps, in the order in which a count passes them: what a record
    /// causes is in later ones, or in `rollups.hourly`, by the transaction that commits its offset.
    public List<String> repartitions() {
        return List.of(repartition(SHARD), repartition(SESSIONS), repartition(MERGE));
    }

    private String repartition(String name) {
        return id() + "-" + name + "-repartition";
    }
}
