package io.tidemill.runtime;

import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// An instant by which something has to have happened, which may be moved and lifted at no cost:
/// one timer, that looks when it fires whether the instant has moved on.
///
/// Used by one event loop alone.
final class Deadline {

    private final EventExecutor loop;
    private final Runnable expired;
    private boolean set;
    private long nanos;
    private @Nullable ScheduledFuture<?> timer; // null while no timer runs
    private long timerNanos;

    /// @param expired called once for each deadline that passes
    Deadline(EventExecutor loop, Runnable expired) {
        this.loop = loop;
        this.expired = expired;
    }

    /// From now on, whatever was set before.
    void set(Duration after) {
        set = true;
        nanos = System.nanoTime() + after.toNanos();
        if (timer == null) {
            schedule();
        } else if (timerNanos - nanos > 0) {
            timer.cancel(false);
            schedule();
        }
    }

    void lift() {
        set = false;
    }

    /// Lifts it and frees its timer.
    void end() {
        lift();
        if (timer != null) {
            timer.cancel(false);
            timer = null;
        }
    }

    private void schedule() {
        timerNanos = nanos;
        timer = loop.schedule(this::fire, nanos - System.nanoTime(), TimeUnit.NANOSECONDS);
    }

    private void fire() {
        timer = null;
        if (!set) {
            return;
        }
        if (nanos - System.nanoTime() > 0) {
            schedule();
            return;
        }
        set = false;
        expired.run();
    }
}
