package io.tidemill.contract;

/// What makes two events the same event: (project, timestamp, event id).
///
/// @param timestampMillis milliseconds since 1970-01-01T00:00:00Z
public record EventIdentity(String projectId, long timestampMillis, String eventId) {

    /// 128 bits that stand for this identity in a store.
    public Hash128 hash() {
        return Hash128.of(projectId, Long.toString(timestampMillis), eventId);
    }
}
