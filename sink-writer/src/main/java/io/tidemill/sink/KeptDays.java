package io.tidemill.sink;

import io.tidemill.projects.Retention;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/// Which days (UTC) may go: pure arithmetic.
///
/// @param now by the database's clock
/// @param completeThrough before which every acknowledged event is in the tables
/// @param maxEventAge that an event may have when it is accepted
record KeptDays(Instant now, Instant completeThrough, Duration maxEventAge) {

    /// The end of the newest day that may go, and all before it with it; empty when none may ever.
    ///
    /// Its end is past the window, and all that was accepted for it while it was within has come:
    /// what is accepted later is too old for the window anyway.
    Optional<Instant> goneBefore(Retention raw) {
        return pastWindow(raw)
                .map(end -> earlier(end, startOfDay(completeThrough.minus(latest(raw)))));
    }

    /// The end of the newest day that is past a window; empty for a window without end.
    Optional<Instant> pastWindow(Retention window) {
        return window.inDays().isPresent()
                ? Optional.of(startOfDay(now.minus(Duration.ofDays(window.inDays().getAsInt()))))
                : Optional.empty();
    }

    /// How late after its day an event may come and still be within the window.
    private Duration latest(Retention raw) {
        Duration window = Duration.ofDays(raw.inDays().orElse(0));
        return window.compareTo(maxEventAge) < 0 ? window : maxEventAge;
    }

    private static Instant startOfDay(Instant time) {
        return time.truncatedTo(ChronoUnit.DAYS);
    }

    private static Instant earlier(Instant one, Instant other) {
        return one.isBefore(other) ? one : other;
    }
}
