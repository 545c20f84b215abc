package io.tidemill.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The processes of the server on one data directory. `postmaster.pid` alone can't tell: after a
/// crash or in a new container its number may belong to anything.
final class PostgresProcess {

    private static final Logger log = LoggerFactory.getLogger(PostgresProcess.class);

    private static final Path PROC = Path.of("/proc");
    private static final Duration ENDS_WITHIN = Duration.ofSeconds(10);
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(20);

    private PostgresProcess() {}

    /// The server's first process, when it runs.
    static Optional<ProcessHandle> postmaster(Path data) {
        return recordedPid(data)
                .flatMap(ProcessHandle::of)
                .filter(ProcessHandle::isAlive)
                .filter(process -> serves(process, data));
    }

    /// Asks a server to end once its clients are gone, and waits for it.
    static void stopAbandoned(Path data) {
        postmaster(data)
                .ifPresent(process -> {
                    process.destroy();
                    awaitEnd(process, data);
                });
    }

    /// Ends every process of the server the hard way, and waits until they are gone.
    static void killAll(Path data) {
        List<ProcessHandle> left =
                ProcessHandle.allProcesses().filter(process -> worksIn(process, data)).toList();
        if (left.isEmpty()) {
            return;
        }
        log.warn("postgres processes without a server, killing count={}", left.size());
        left.forEach(ProcessHandle::destroyForcibly);
        left.forEach(process -> awaitEnd(process, data));
    }

    /// Looks at its program rather than its number: a process that nobody has buried keeps that.
    private static void awaitEnd(ProcessHandle process, Path data) {
        long deadline = System.nanoTime() + ENDS_WITHIN.toNanos();
        try {
            while (process.isAlive() && serves(process, data)) {
                if (System.nanoTime() - deadline > 0) {
                    log.warn("postgres process still there pid={}", process.pid());
                    return;
                }
                Thread.sleep(BETWEEN_LOOKS);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private static boolean serves(ProcessHandle process, Path data) {
        return Files.isDirectory(PROC.resolve("self"))
                ? worksIn(process, data)
                : isPostgres(process);
    }

    /// All of Postgres' processes work in the data directory. Only Linux tells.
    private static boolean worksIn(ProcessHandle process, Path data) {
        if (!isPostgres(process)) {
            return false;
        }
        try {
            Path directory =
                    Files.readSymbolicLink(
                            PROC.resolve(Long.toString(process.pid())).resolve("cwd"));
            return directory.equals(data.toRealPath());
        } catch (IOException _) {
            return false; // it has just ended, or is another user's
        }
    }

    private static boolean isPostgres(ProcessHandle process) {
        return process.info().command().filter(path -> path.endsWith("/postgres")).isPresent();
    }

    private static Optional<Long> recordedPid(Path data) {
        try (var lines = Files.lines(data.resolve("postmaster.pid"))) {
            return lines.findFirst().map(String::strip).map(Long::valueOf);
        } catch (IOException | NumberFormatException _) {
            return Optional.empty(); // no server, or one that died before it wrote its number
        }
    }
}
