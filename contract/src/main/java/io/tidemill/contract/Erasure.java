package io.tidemill.contract;

import static java.util.Objects.requireNonNull;

/// A user whose events must go, and stay gone: all that the gateway received before an instant,
/// whenever they come. What is received later is another matter: the user may be back.
///
/// Of several erasures of a user, the one that reaches furthest covers the others: so readers take
/// the latest instant that they have seen, and the order of records means nothing. Whether an event
/// is covered depends on the event alone, so all readers agree on it.
///
/// Erasures end with a whole hour of receipt. That leaves room for gateways whose clocks differ
/// from that of whoever erases, and who keeps only a summary of what a user did can keep it by
/// hours.
///
/// @param userId as events name it
/// @param receivedBeforeMillis covers events received before it; the start of an hour, ms since
///   1970-01-01T00:00:00Z
public record Erasure(String projectId, String userId, long receivedBeforeMillis) {

    /// How far a gateway's clock may be ahead of the clock of whoever erases.
    private static final long CLOCK_TOLERANCE_MILLIS = 60_000;

    /// @throws IllegalArgumentException when the instant is not the start of an hour
    public Erasure {
        requireNonNull(projectId, "projectId");
        requireNonNull(userId, "userId");
        if (receivedBeforeMillis != Hours.startOf(receivedBeforeMillis)) {
            throw new IllegalArgumentException("an erasure ends with a whole hour");
        }
    }

    /// Covers all that was received up to an instant, the rest of that instant's hour and, just
    /// before its end, the next hour.
    ///
    /// @param nowMillis by the clock of whoever erases, ms since 1970-01-01T00:00:00Z
    public static Erasure upTo(String projectId, String userId, long nowMillis) {
        long furthest = nowMillis + CLOCK_TOLERANCE_MILLIS;
        return new Erasure(projectId, userId, Hours.startOf(furthest) + Hours.MILLIS);
    }

    /// Whether the event must go.
    public boolean covers(Event event) {
        return event.receivedAtMillis() < receivedBeforeMillis
                && userId.equals(event.userId())
                && projectId.equals(event.projectId());
    }
}
