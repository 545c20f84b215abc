package io.tidemill.launcher;

/// What a process can start beside the parts.
enum Server {
    KAFKA,
    POSTGRES
}
