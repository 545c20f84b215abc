package io.tidemill.guarantees.processes;

import io.tidemill.storage.PostgresUrl;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// Postgres: the process of Tidemill that minds it, and the server's own processes.
public final class PostgresServer {

    private static final int HEAP_MEGABYTES = 96;
    private static final Duration STARTS_WITHIN = Duration.ofMinutes(3);
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(200);

    private final Path folder;
    private final Path backup;
    private final ManagedProcess minder;

    PostgresServer(int port, Jvm jvm, Path folder) {
        this.folder = folder.resolve("postgres");
        this.backup = folder.resolve("postgres-backup");
        this.minder =
                new ManagedProcess(
                        "postgres",
                        jvm.command(
                                HEAP_MEGABYTES,
                                Parts.MAIN,
                                List.of("run", "postgres", "--data-dir", folder.toString())),
                        Environment.with(Map.of("TIDEMILL_POSTGRES_PORT", Integer.toString(port))),
                        folder.resolve("postgres.log"));
    }

    public ManagedProcess minder() {
        return minder;
    }

    /// Waits until it serves.
    PostgresUrl awaitUrl() throws InterruptedException {
        long deadline = System.nanoTime() + STARTS_WITHIN.toNanos();
        while (System.nanoTime() < deadline) {
            Optional<PostgresUrl> url = url();
            if (url.isPresent() && answers(url.get())) {
                return url.get();
            }
            Thread.sleep(BETWEEN_LOOKS);
        }
        throw new IllegalStateException("Postgres did not start; its log is beside " + folder);
    }

    /// A signal to the server's first process: INT is its fast stop, QUIT its immediate one.
    public void signal(String signal) {
        postmaster().ifPresent(process -> Signals.send(signal, process.pid()));
    }

    /// A signal to all of the server's processes.
    public void signalAll(String signal) {
        serverProcesses().forEach(process -> Signals.send(signal, process.pid()));
    }

    /// kill -9 of every process of the server.
    public void killServer() {
        serverProcesses().forEach(ProcessHandle::destroyForcibly);
    }

    /// kill -9 of the server and of what minds it.
    public void killAll() {
        minder.kill();
        killServer();
    }

    /// Keeps a copy of the data as a crash would leave it; the server is down meanwhile.
    public void takeBackup() throws InterruptedException {
        whileDown(() -> {
            Commands.run("rm", "-rf", backup.toString());
            Commands.run("cp", "-a", folder.resolve("data").toString(), backup.toString());
        });
    }

    public boolean hasBackup() {
        return Files.exists(backup.resolve("PG_VERSION"));
    }

    /// Puts the kept copy in the place of the data, which is lost.
    public void restoreBackup() throws InterruptedException {
        whileDown(() -> {
            String data = folder.resolve("data").toString();
            Commands.run("rm", "-rf", data);
            // Its disk may be full just now.
            while (!Commands.succeeds("cp", "-aT", backup.toString(), data)) {
                Thread.sleep(BETWEEN_LOOKS);
            }
        });
    }

    @FunctionalInterface
    private interface Work {
        void run() throws InterruptedException;
    }

    private void whileDown(Work work) throws InterruptedException {
        minder.hold();
        killAll();
        while (!serverProcesses().isEmpty()) {
            killServer();
            Thread.sleep(BETWEEN_LOOKS);
        }
        try {
            work.run();
        } finally {
            minder.start();
        }
    }

    private Optional<PostgresUrl> url() {
        try {
            return Optional.of(PostgresUrl.parse(Files.readString(folder.resolve("url")).strip()));
        } catch (IOException _) {
            return Optional.empty();
        }
    }

    private static boolean answers(PostgresUrl url) {
        try (Connection _ = DriverManager.getConnection(url.jdbcUrl(), url.jdbcProperties())) {
            return true;
        } catch (SQLException _) {
            return false;
        }
    }

    private List<ProcessHandle> serverProcesses() {
        return postmaster()
                .map(first -> {
                    List<ProcessHandle> all = new ArrayList<>();
                    all.add(first);
                    first.descendants().forEach(all::add);
                    return all;
                })
                .orElse(new ArrayList<>());
    }

    /// Only a process that works in the data folder: the number may belong to another by now.
    private Optional<ProcessHandle> postmaster() {
        Path data = folder.resolve("data");
        try (Stream<String> lines = Files.lines(data.resolve("postmaster.pid"))) {
            return lines.findFirst()
                    .map(String::strip)
                    .map(Long::valueOf)
                    .flatMap(ProcessHandle::of)
                    .filter(ProcessHandle::isAlive)
                    .filter(process -> worksIn(process, data));
        } catch (IOException | NumberFormatException _) {
            return Optional.empty();
        }
    }

    private static boolean worksIn(ProcessHandle process, Path data) {
        try {
            return Files.readSymbolicLink(Path.of("/proc", Long.toString(process.pid()), "cwd"))
                    .equals(data.toRealPath());
        } catch (IOException _) {
            return false;
        }
    }
}
