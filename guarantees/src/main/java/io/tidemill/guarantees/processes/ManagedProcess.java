package io.tidemill.guarantees.processes;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// A process that is started again whenever it ends, as a supervisor would, unless it is held.
/// Thread-safe.
public final class ManagedProcess implements AutoCloseable {

    private static final Duration RESTARTED_AFTER = Duration.ofSeconds(1);
    private static final Duration STOPS_WITHIN = Duration.ofSeconds(30);

    private final String name;
    private final List<String> command;
    private final Map<String, String> environment;
    private final Path log;
    private final List<Exit> exits = new CopyOnWriteArrayList<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private boolean wanted;
    private boolean closed;
    private @Nullable Process process;

    /// The end of one life.
    public record Exit(String name, Instant at, int code) {}

    /// @param environment all of it
    /// @param log takes stdout and stderr, appended
    ManagedProcess(String name, List<String> command, Map<String, String> environment, Path log) {
        this.name = name;
        this.command = List.copyOf(command);
        this.environment = Map.copyOf(environment);
        this.log = log;
        Thread.ofVirtual().name("supervisor of " + name).start(this::supervise);
    }

    public String name() {
        return name;
    }

    /// Starts it, and again whenever it ends.
    public void start() {
        want(true);
    }

    /// From now on it stays down when it ends.
    public void hold() {
        want(false);
    }

    public boolean isWanted() {
        lock.lock();
        try {
            return wanted;
        } finally {
            lock.unlock();
        }
    }

    /// kill -9.
    public void kill() {
        Process running = running();
        if (running != null) {
            running.destroyForcibly();
        }
    }

    /// kill -9; returns when it is down, and stays so.
    public void killUntilDown() throws InterruptedException {
        hold();
        kill();
        lock.lock();
        try {
            while (process != null) {
                changed.await();
            }
        } finally {
            lock.unlock();
        }
    }

    /// SIGTERM.
    public void terminate() {
        Process running = running();
        if (running != null) {
            running.destroy();
        }
    }

    /// SIGSTOP.
    public void pause() {
        signal("STOP");
    }

    /// SIGCONT.
    public void resume() {
        signal("CONT");
    }

    public List<Exit> exits() {
        return List.copyOf(exits);
    }

    /// Stays down, in good order if it can.
    public void stop() throws InterruptedException {
        hold();
        resume();
        terminate();
        Process running = running();
        if (running != null && !running.waitFor(STOPS_WITHIN.toSeconds(), TimeUnit.SECONDS)) {
            running.destroyForcibly().waitFor();
        }
    }

    /// Ends it the hard way, for good.
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            wanted = false;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        kill();
    }

    private void want(boolean up) {
        lock.lock();
        try {
            wanted = up;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void signal(String signal) {
        Process running = running();
        if (running != null) {
            Signals.send(signal, running.pid());
        }
    }

    private @Nullable Process running() {
        lock.lock();
        try {
            return process;
        } finally {
            lock.unlock();
        }
    }

    private void supervise() {
        try {
            Process started = startWhenWanted();
            while (started != null) {
                int code = started.waitFor();
                exits.add(new Exit(name, Instant.now(), code));
                ended();
                Thread.sleep(RESTARTED_AFTER);
                started = startWhenWanted();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void ended() {
        lock.lock();
        try {
            process = null;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// @return null when it is closed
    private @Nullable Process startWhenWanted() throws InterruptedException {
        lock.lock();
        try {
            while (!wanted && !closed) {
                changed.await();
            }
            process = closed ? null : launch();
            return process;
        } finally {
            lock.unlock();
        }
    }

    private Process launch() {
        ProcessBuilder builder =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().clear();
        builder.environment().putAll(environment);
        try {
            return builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException("can't start " + name, e);
        }
    }
}
