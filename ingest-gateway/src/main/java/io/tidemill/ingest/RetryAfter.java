package io.tidemill.ingest;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Tells a sender that is turned away when to come again: once what waits now has drained, at the
/// rate of the last seconds; and while nothing drains at all, after as long again as that has
/// lasted. Thread-safe.
final class RetryAfter {

    static final int MIN_SECONDS = 1;
    static final int MAX_SECONDS = 30;

    /// The share of the wait that is added at random, so that senders turned away together don't
    /// come back together.
    private static final double SPREAD = 0.5;

    /// An acknowledgement counts for the rate with a weight that falls to 1/e in this time.
    private static final double MEMORY_SECONDS = 5;

    private final LongSupplier nanoTime;
    private final RandomGenerator random;

    private double bytesPerSecond;
    private long rateNanos;

    /// When the first sender since the last acknowledgement was turned away; null when none was.
    private @Nullable Long troubleNanos;

    /// @param nanoTime a clock that never goes back, in nanoseconds
    RetryAfter(LongSupplier nanoTime, RandomGenerator random) {
        this.nanoTime = nanoTime;
        this.random = random;
        this.rateNanos = nanoTime.getAsLong();
    }

    /// Notes that Kafka has taken a request.
    ///
    /// @param bytes that wait no longer
    synchronized void acknowledged(long bytes) {
        decay(nanoTime.getAsLong());
        bytesPerSecond += bytes / MEMORY_SECONDS;
        troubleNanos = null;
    }

    /// The value of `Retry-After`, between {@link #MIN_SECONDS} and {@link #MAX_SECONDS}.
    ///
    /// @param waitingBytes that are not acknowledged yet
    synchronized int seconds(long waitingBytes) {
        long now = nanoTime.getAsLong();
        decay(now);
        if (troubleNanos == null) {
            troubleNanos = now;
        }
        double drained = waitingBytes == 0 ? 0 : waitingBytes / bytesPerSecond;
        double lasted = seconds(troubleNanos, now);
        // Before the first acknowledgement nothing is known of the rate.
        double wait = Double.isFinite(drained) ? Math.max(drained, lasted) : lasted;
        double longest = MAX_SECONDS / (1 + SPREAD);
        double spread = 1 + SPREAD * random.nextDouble();
        return (int) Math.ceil(Math.clamp(wait, MIN_SECONDS, longest) * spread);
    }

    private void decay(long now) {
        bytesPerSecond *= Math.exp(-seconds(rateNanos, now) / MEMORY_SECONDS);
        rateNanos = now;
    }

    private static double seconds(long fromNanos, long toNanos) {
        return (double) (toNanos - fromNanos) / TimeUnit.SECONDS.toNanos(1);
    }
}
