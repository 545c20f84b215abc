package io.tidemill.runtime;

import java.time.Duration;
import java.util.random.RandomGenerator;

/// How long to wait before the next try: doubling from `first` to `max`, each wait drawn from the
/// upper half of its span so that many waiters spread.
public record Backoff(Duration first, Duration max) {

    private static final int MOST_DOUBLINGS = 30;

    public Backoff {
        if (!first.isPositive() || first.compareTo(max) > 0) {
            throw new IllegalArgumentException("no waits from " + first + " to " + max);
        }
    }

    /// @param failures tries that have failed so far, at least 1
    public Duration delay(int failures, RandomGenerator random) {
        if (failures < 1) {
            throw new IllegalArgumentException("nothing has failed: " + failures);
        }
        long factor = 1L << Math.min(failures - 1, MOST_DOUBLINGS);
        Duration doubled = first.multipliedBy(factor);
        long ceiling = (doubled.compareTo(max) < 0 ? doubled : max).toMillis();
        return Duration.ofMillis(ceiling / 2 + random.nextLong(ceiling / 2 + 1));
    }
}
