package io.tidemill.guarantees.history;

import static java.util.Objects.requireNonNull;

import io.tidemill.contract.EventIdentity;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// One event of one request, and what came of it.
///
/// @param event as sent
/// @param eventId the sender's, or the one that the gateway minted; null when neither is known
public record Attempt(SentEvent event, @Nullable String eventId, Outcome outcome) {

    public Attempt {
        requireNonNull(event, "event");
        requireNonNull(outcome, "outcome");
    }

    /// Empty when only the gateway knows the id.
    public Optional<EventIdentity> identity() {
        return eventId == null
                ? Optional.empty()
                : Optional.of(new EventIdentity(event.project(), event.timestampMillis(), eventId));
    }
}
