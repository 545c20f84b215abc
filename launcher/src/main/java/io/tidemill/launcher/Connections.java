package io.tidemill.launcher;

import io.tidemill.projects.LiveProjects;
import io.tidemill.runtime.KafkaConnection;
import io.tidemill.runtime.Metrics;
import io.tidemill.storage.PostgresUrl;
import org.jspecify.annotations.Nullable;

/// What the parts of a process share.
///
/// @param postgresOrNull null when no part of this process needs it
record Connections(
        KafkaConnection kafka,
        @Nullable PostgresUrl postgresOrNull,
        LiveProjects projects,
        Metrics metrics) {

    PostgresUrl postgres() {
        if (postgresOrNull == null) {
            throw new IllegalStateException("a part uses Postgres and did not say so");
        }
        return postgresOrNull;
    }
}
