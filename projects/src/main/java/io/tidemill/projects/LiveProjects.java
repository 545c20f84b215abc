package io.tidemill.projects;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.tidemill.runtime.Health;
import io.tidemill.runtime.StartupException;
import java.io.IOException;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The projects of a running process: what the file says, within two seconds of its change. A
/// broken file changes nothing, and a file that goes away opens nothing. Thread-safe.
public final class LiveProjects implements Supplier<Projects>, AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(LiveProjects.class);
    private static final long LOOK_MILLIS = 1_000;
    private static final String TROUBLE =
            "the projects file can't be used; what it said before still holds";

    private final ProjectsFile file;
    private final ScheduledExecutorService looks =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("projects").factory());
    private final Counter reloads;
    private final Counter failures;
    private volatile Projects current;
    private volatile boolean troubled;

    // What was there at the last look: touched by the thread of the looks alone.
    private byte @Nullable [] lastSeen; // null when there was no file
    private String lastReason = "";

    private LiveProjects(ProjectsFile file, MeterRegistry meters) {
        this.file = file;
        this.reloads = counter(meters, "ok");
        this.failures = counter(meters, "failed");
        this.lastSeen = file.content().orElse(null);
        this.current = lastSeen == null ? Projects.open() : file.parsed(lastSeen);
        Gauge.builder("tidemill.projects.file.broken", () -> troubled ? 1 : 0)
                .description(
                        "1 while the projects file can't be used and what it said before holds")
                .register(meters);
        Gauge.builder("tidemill.projects.open", () -> current.isOpen() ? 1 : 0)
                .description("1 while there is no projects file, and no key is needed")
                .register(meters);
    }

    /// Reads the file, and from now on looks at it every second.
    ///
    /// @throws StartupException when it is broken or can't be read
    public static LiveProjects open(ProjectsFile file, MeterRegistry meters) {
        LiveProjects projects = new LiveProjects(file, meters);
        ScheduledFuture<?> _ =
                projects.looks.scheduleWithFixedDelay(
                        projects::look, LOOK_MILLIS, LOOK_MILLIS, TimeUnit.MILLISECONDS);
        log.info("projects file={} {}", file.path(), projects.current.isOpen() ? "absent" : "read");
        return projects;
    }

    @Override
    public Projects get() {
        return current;
    }

    /// Adds to what a part says of itself that the file can't be used: the part still works, so it
    /// stays up.
    public Health noted(Health health) {
        return health.isUp() && troubled ? new Health(Health.Status.UP, TROUBLE) : health;
    }

    @Override
    public void close() {
        looks.shutdown();
    }

    /// Compared by content, so it does not matter how the file was changed.
    private void look() {
        try {
            byte[] seen = file.bytes().orElse(null);
            if (!Arrays.equals(seen, lastSeen)) {
                lastSeen = seen;
                take(seen);
            } else if (lastReason.startsWith("unreadable")) {
                take(seen);
            }
        } catch (IOException e) {
            refuse("unreadable: " + e);
        } catch (RuntimeException e) {
            // Also one nobody foresaw: the looks must go on.
            refuse(String.valueOf(e.getMessage()));
        }
    }

    private void take(byte @Nullable [] seen) {
        if (seen != null) {
            current = ProjectsJson.read(seen);
            log.info("projects read anew file={} projects={}", file.path(), current.all().size());
        } else if (!current.isOpen()) {
            throw new InvalidProjectsException("the file is gone");
        }
        reloads.increment();
        troubled = false;
        lastReason = "";
    }

    private void refuse(String reason) {
        if (!reason.equals(lastReason)) {
            log.error("projects file refused file={} reason={}", file.path(), reason);
            failures.increment();
        }
        lastReason = reason;
        troubled = true;
    }

    private static Counter counter(MeterRegistry meters, String result) {
        return Counter.builder("tidemill.projects.reloads")
                .description("Changes of the projects file that were seen")
                .tag("result", result)
                .register(meters);
    }

    /// What is wrong with the file, for tests and people; empty when nothing is.
    Optional<String> trouble() {
        return troubled ? Optional.of(lastReason) : Optional.empty();
    }
}
