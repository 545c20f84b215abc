package io.tidemill.launcher;

import io.tidemill.runtime.StartupException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Turns SIGTERM and Ctrl-C into a wish that the main thread looks at, and holds the JVM until that
/// thread has closed everything. Thread-safe.
final class StopSignal {

    private static final Logger log = LoggerFactory.getLogger(StopSignal.class);
    private static final Duration LONGEST_STOP = Duration.ofSeconds(90);

    private final CountDownLatch asked = new CountDownLatch(1);
    private final CountDownLatch finished = new CountDownLatch(1);
    private volatile int exitCode = 1;

    /// The start was given up because the process was asked to stop.
    static final class StoppedException extends RuntimeException {

        private static final long serialVersionUID = 1;
    }

    /// What a process does until it is asked to stop; closes everything before it returns.
    @FunctionalInterface
    interface Body {
        void run(StopSignal stop) throws InterruptedException;
    }

    /// Runs the body in this thread.
    ///
    /// @return the exit code: 0, since stopping as asked is success
    static int heedWhile(Body body) throws InterruptedException {
        StopSignal stop = new StopSignal();
        Runtime.getRuntime().addShutdownHook(new Thread(stop::onShutdown, "stop-signal"));
        try {
            body.run(stop);
            stop.exitCode = 0;
        } catch (StoppedException e) {
            stop.exitCode = 0;
        } catch (StartupException e) {
            // Some libraries can't start while the JVM is on its way out.
            if (!stop.isAsked()) {
                throw e;
            }
            log.info("start given up reason={}", e.getMessage());
            stop.exitCode = 0;
        } finally {
            stop.finished.countDown();
        }
        return stop.exitCode;
    }

    /// Waits for the wish to stop.
    ///
    /// @return whether it has come
    boolean await(Duration longest) throws InterruptedException {
        return asked.await(longest.toMillis(), TimeUnit.MILLISECONDS);
    }

    /// @throws StoppedException when the process was asked to stop
    void check() {
        if (isAsked()) {
            throw new StoppedException();
        }
    }

    private boolean isAsked() {
        return asked.getCount() == 0;
    }

    private void onShutdown() {
        asked.countDown();
        try {
            boolean _ = finished.await(LONGEST_STOP.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        // A JVM that a signal ends exits with 128 + the signal's number. Having stopped as asked is
        // success, and only halting can say so from here.
        System.out.flush();
        Runtime.getRuntime().halt(exitCode);
    }
}
