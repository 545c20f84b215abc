package io.tidemill.rollup;

import io.tidemill.contract.Hash128;

/// What was met in an hour already.
interface Seen {

    /// What is told apart. Its code is part of stored keys.
    enum Kind {
        EVENT(1),
        USER(2),
        SESSION_OF_SHARD(3),
        SESSION(4);

        private final byte code;

        Kind(int code) {
            this.code = (byte) code;
        }

        byte code() {
            return code;
        }
    }

    /// Whether this is met for the first time in the hour; from now on it is not.
    boolean first(Kind kind, long hourMillis, Hash128 hash);
}
