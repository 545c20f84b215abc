package io.tidemill.embedded;

/// What a commit survives.
public enum Durability {
    /// A commit is on the disk: it survives a power cut.
    DISK,
    /// A commit is with the operating system: it survives kill -9, not a power cut. Faster; for
    /// tests.
    PAGE_CACHE
}
