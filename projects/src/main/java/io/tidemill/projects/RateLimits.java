package io.tidemill.projects;

import org.jspecify.annotations.Nullable;

/// How fast a project may send, at each gateway.
///
/// @param eventsPerSecond null when unlimited
/// @param bytesPerSecond of bodies after decompression; null when unlimited
public record RateLimits(@Nullable Long eventsPerSecond, @Nullable Long bytesPerSecond) {

    public static final RateLimits UNLIMITED = new RateLimits(null, null);

    /// Beyond, a limit limits nothing, and sums of it could overflow.
    static final long MAX_PER_SECOND = 1_000_000_000;

    /// @throws IllegalArgumentException when a rate is out of range
    public RateLimits {
        check(eventsPerSecond);
        check(bytesPerSecond);
    }

    private static void check(@Nullable Long perSecond) {
        if (perSecond != null && (perSecond < 1 || perSecond > MAX_PER_SECOND)) {
            throw new IllegalArgumentException(
                    "a rate is 1 to " + MAX_PER_SECOND + " a second; unlimited is null");
        }
    }
}
