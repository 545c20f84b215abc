package io.tidemill.guarantees.history;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;

/// An event as it was sent, as far as its fate can be judged by it.
///
/// @param project of the key that it was sent with
/// @param eventId null when the gateway was to mint one
/// @param timestampMillis as sent
/// @param contentHash of everything else, see {@link Content}
public record SentEvent(
        String project, @Nullable String eventId, long timestampMillis, String contentHash) {

    public SentEvent {
        requireNonNull(project, "project");
        requireNonNull(contentHash, "contentHash");
    }
}
