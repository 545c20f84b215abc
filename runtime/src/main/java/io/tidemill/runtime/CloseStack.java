package io.tidemill.runtime;

import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Closes what was started, last started first, each once, whatever fails. Thread-safe.
public final class CloseStack implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(CloseStack.class);

    private final Deque<AutoCloseable> started = new ArrayDeque<>();
    private boolean closed;

    /// Remembers a thing to close, and returns it. After {@link #close()} it is closed at once: a
    /// process may be told to stop while it is still starting.
    public <T extends AutoCloseable> T push(T closeable) {
        if (!remember(closeable)) {
            close();
        }
        return closeable;
    }

    @Override
    public void close() {
        boolean interrupted = false;
        for (AutoCloseable next = pop(); next != null; next = pop()) {
            try {
                next.close();
            } catch (InterruptedException e) {
                // Noted after the last one: the others need their own waits.
                interrupted = true;
            } catch (Exception | LinkageError e) {
                log.warn("close failed what={}", next.getClass().getSimpleName(), e);
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized boolean remember(AutoCloseable closeable) {
        started.push(closeable);
        return !closed;
    }

    private synchronized @Nullable AutoCloseable pop() {
        closed = true;
        return started.poll();
    }
}
