package io.tidemill.ingest.throttling;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// The buckets of all projects that have a limit, each for itself. One that is new, or whose limit
/// has changed, starts full. Thread-safe; grows with the projects there are, and with nothing that
/// a sender chooses.
public final class Throttle {

    private final Map<Owner, TokenBucket> buckets = new ConcurrentHashMap<>();
    private final LongSupplier nanoTime;
    private final long maxRequestEvents;
    private final long maxRequestBytes;

    private record Owner(String projectId, Quota.Kind kind) {}

    /// @param maxRequestEvents of one request; a bucket holds at least that many
    /// @param maxRequestBytes of one request; a bucket holds at least that many
    /// @param nanoTime a clock that never goes back, in nanoseconds
    public Throttle(long maxRequestEvents, long maxRequestBytes, LongSupplier nanoTime) {
        this.maxRequestEvents = maxRequestEvents;
        this.maxRequestBytes = maxRequestBytes;
        this.nanoTime = nanoTime;
    }

    /// Takes so many, if there are as many; else nothing.
    ///
    /// @param perSecond the limit; null for none
    /// @return empty without a limit
    public Optional<Quota> take(
            String projectId, Quota.Kind kind, @Nullable Long perSecond, long tokens) {
        if (perSecond == null) {
            return Optional.empty();
        }
        Taking taking = new Taking(kind, perSecond, tokens);
        buckets.compute(new Owner(projectId, kind), (_, bucket) -> taking.from(bucket));
        return Optional.ofNullable(taking.outcome);
    }

    /// Whether so many could be taken, without taking them.
    ///
    /// @param perSecond the limit; null for none
    /// @return empty without a limit
    public Optional<Quota> look(
            String projectId, Quota.Kind kind, @Nullable Long perSecond, long tokens) {
        if (perSecond == null) {
            return Optional.empty();
        }
        long now = nanoTime.getAsLong();
        TokenBucket bucket = current(buckets.get(new Owner(projectId, kind)), kind, perSecond, now);
        return Optional.of(quota(kind, bucket, now, bucket.nanosUntil(tokens, now)));
    }

    /// One attempt, while nobody else touches the bucket.
    private final class Taking {

        private final Quota.Kind kind;
        private final long perSecond;
        private final long tokens;
        private @Nullable Quota outcome; // null until it has been tried

        Taking(Quota.Kind kind, long perSecond, long tokens) {
            this.kind = kind;
            this.perSecond = perSecond;
            this.tokens = tokens;
        }

        TokenBucket from(@Nullable TokenBucket held) {
            long now = nanoTime.getAsLong();
            TokenBucket bucket = current(held, kind, perSecond, now);
            long wait = bucket.nanosUntil(tokens, now);
            TokenBucket left = wait == 0 ? bucket.take(tokens, now) : bucket;
            outcome = quota(kind, left, now, wait);
            return left;
        }
    }

    private TokenBucket current(
            @Nullable TokenBucket held, Quota.Kind kind, long perSecond, long nowNanos) {
        return held != null && held.perSecond() == perSecond
                ? held
                : TokenBucket.full(capacity(kind, perSecond), perSecond, nowNanos);
    }

    private long capacity(Quota.Kind kind, long perSecond) {
        return Math.max(
                perSecond,
                switch (kind) {
                    case EVENTS -> maxRequestEvents;
                    case BYTES -> maxRequestBytes;
                });
    }

    private static Quota quota(
            Quota.Kind kind, TokenBucket bucket, long nowNanos, long nanosUntilEnough) {
        return new Quota(
                kind,
                bucket.capacity(),
                bucket.available(nowNanos),
                bucket.nanosUntilFull(nowNanos),
                nanosUntilEnough);
    }
}
