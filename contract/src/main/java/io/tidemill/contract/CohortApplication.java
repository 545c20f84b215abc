package io.tidemill.contract;

import java.util.List;

/// The Kafka Streams application that makes retention cohorts, as others see it in Kafka: who
/// reads, and which topics lie between `events` and `retention.cohorts`.
///
/// @param topics the topics it reads and writes
public record CohortApplication(Topics topics) {

    /// The days on which users were active, and their erasures, by the user.
    public static final String ACTIVITY = "activity";

    /// By how much cells change, by project and cohort.
    public static final String CELLS = "cells";

    /// The application id, which is its consumer group too.
    public String id() {
        return topics.prefix() + "cohorts";
    }

    /// The topics between its steps, in the order in which an activity passes them: what a record
    /// causes is in later ones, or in `retention.cohorts`, by the transaction that commits its
    /// offset.
    public List<String> repartitions() {
        return List.of(repartition(ACTIVITY), repartition(CELLS));
    }

    private String repartition(String name) {
        return id() + "-" + name + "-repartition";
    }
}
