package io.tidemill.rollup;

import io.tidemill.contract.DirtyHour;
import io.tidemill.contract.Hours;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// Which events are counted here, by their own time: those whose copies can still be told apart.
/// All others are announced, and counted in the raw table.
///
/// Now is the newest append time on `events` that a task has seen: no sender's clock moves it, and
/// a partition that is hours behind does not, either.
///
/// @param millis how long copies are told apart
record Horizon(long millis) {

    private static final long FURTHEST_AHEAD = Hours.MILLIS;

    /// Kept beyond the horizon: a task's clock may lose a little of its memory in a crash.
    private static final long SPARE = 2 * Hours.MILLIS;

    static Horizon of(Duration horizon) {
        return new Horizon(horizon.toMillis());
    }

    /// Why an event is not counted here, as a reason of {@link DirtyHour}; null when it is.
    ///
    /// @param timestampMillis the event's own time
    /// @param appendedMillis when it was appended to `events`
    /// @param now the newest append time seen, that one included
    @Nullable String refusal(long timestampMillis, long appendedMillis, long now) {
        if (timestampMillis > appendedMillis + FURTHEST_AHEAD) {
            return DirtyHour.AHEAD;
        }
        return timestampMillis < now - millis ? DirtyHour.LATE : null;
    }

    /// The first hour of which anything is kept; all before it have expired.
    long keptFrom(long now) {
        return Hours.startOf(now - millis - SPARE);
    }

    boolean hasExpired(long hourMillis, long now) {
        return hourMillis < keptFrom(now);
    }
}
