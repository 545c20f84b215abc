package io.tidemill.sink;

import io.tidemill.contract.Erasure;

/// A user of a project.
record User(String projectId, String userId) {

    static User of(Erasure erasure) {
        return new User(erasure.projectId(), erasure.userId());
    }

    /// Whether Postgres can hold the names; it holds no row of others.
    boolean isText() {
        return projectId.indexOf('\0') < 0 && userId.indexOf('\0') < 0;
    }
}
