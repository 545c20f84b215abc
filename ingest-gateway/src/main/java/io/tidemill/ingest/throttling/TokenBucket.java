package io.tidemill.ingest.throttling;

/// Tokens that come back at a steady rate, up to a capacity. Kept as the time at which it will be
/// full, so nothing ever has to be refilled. Whatever is taken, and when, no span of time yields
/// more than the capacity and what the rate gives in that span. Immutable.
///
/// @param capacity tokens that it holds when full, at least 1
/// @param perSecond tokens that come back each second, 1 to 10^9
/// @param fullAtNanos when it is full, on a clock that never goes back; earlier than now when it is
record TokenBucket(long capacity, long perSecond, long fullAtNanos) {

    private static final long NANOS = 1_000_000_000;

    /// More, and the time it takes to fill would not fit into a number.
    static final long MAX_CAPACITY = NANOS;

    TokenBucket {
        if (capacity < 1 || capacity > MAX_CAPACITY || perSecond < 1 || perSecond > NANOS) {
            throw new IllegalArgumentException(
                    "no bucket of " + capacity + " tokens, " + perSecond + " a second");
        }
    }

    static TokenBucket full(long capacity, long perSecond, long nowNanos) {
        return new TokenBucket(capacity, perSecond, nowNanos);
    }

    /// How many tokens are there.
    long available(long nowNanos) {
        // Whole tokens only: one that is not whole yet is missing.
        return Math.max(0, capacity - tokensIn(nanosUntilFull(nowNanos)));
    }

    /// How long until it is full; 0 when it is.
    long nanosUntilFull(long nowNanos) {
        return Math.max(0, fullAtNanos - nowNanos);
    }

    /// How long until so many tokens can be taken; 0 when they can be.
    ///
    /// @param tokens 0 to the capacity
    long nanosUntil(long tokens, long nowNanos) {
        if (tokens < 0 || tokens > capacity) {
            throw new IllegalArgumentException(tokens + " tokens of " + capacity);
        }
        return Math.max(0, nanosUntilFull(nowNanos) + nanosFor(tokens) - nanosFor(capacity));
    }

    /// The bucket without these tokens.
    ///
    /// @throws IllegalStateException when they are not there yet
    TokenBucket take(long tokens, long nowNanos) {
        if (nanosUntil(tokens, nowNanos) > 0) {
            throw new IllegalStateException("there are less than " + tokens + " tokens");
        }
        long full = nowNanos + nanosUntilFull(nowNanos) + nanosFor(tokens);
        return new TokenBucket(capacity, perSecond, full);
    }

    /// How long so many tokens take to come back; rounded up, so that no rounding adds any.
    private long nanosFor(long tokens) {
        return Math.ceilDiv(tokens * NANOS, perSecond);
    }

    /// Tokens that come back in so many nanoseconds, a begun one counted.
    private long tokensIn(long nanos) {
        long seconds = nanos / NANOS;
        return seconds * perSecond + Math.ceilDiv(nanos % NANOS * perSecond, NANOS);
    }
}
