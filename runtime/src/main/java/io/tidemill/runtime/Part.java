package io.tidemill.runtime;

import java.time.Duration;
import java.util.List;

/// One part of the pipeline, running: what a process needs to know of it.
public interface Part extends AutoCloseable {

    /// Its name on the command line and in `/api/health`, such as `gateway`.
    String name();

    /// How it is doing. Never blocks; called from any thread.
    Health health();

    /// The routes it answers; none by default.
    default List<Route> routes() {
        return List.of();
    }

    /// The longest that an answer takes once its request is read: how long closing the HTTP front
    /// waits for requests at hand.
    default Duration longestAnswer() {
        return Duration.ofSeconds(10);
    }

    /// Takes no new work from now on and reports itself not ready; work at hand goes on. Called
    /// once, before {@link #close()}.
    default void drain() {}

    /// Ends it in good order. Idempotent; blocks until done, for a bounded time.
    @Override
    void close();
}
