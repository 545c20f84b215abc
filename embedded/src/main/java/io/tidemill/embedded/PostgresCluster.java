package io.tidemill.embedded;

import io.tidemill.runtime.StartupException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One data directory of Postgres and the server that runs on it, through Postgres' own `initdb`
/// and `pg_ctl`. The server has a session of its own: Ctrl-C in a terminal reaches only this
/// process, which then stops it in good order.
final class PostgresCluster {

    private static final Logger log = LoggerFactory.getLogger(PostgresCluster.class);

    /// Long enough for the log since the last checkpoint to be replayed.
    private static final int START_SECONDS = 120;

    private static final int STOP_SECONDS = 60;
    private static final int IMMEDIATE_STOP_SECONDS = 20;
    private static final Duration SLACK = Duration.ofSeconds(10);
    private static final int LOG_LINES = 5;
    private static final long MAX_LOG_BYTES = 10L << 20;

    private final Path binaries;
    private final Path directory;
    private final Path data;
    private final Path serverLog;
    private final PostgresAccount account;

    /// @param directory holds the data directory and what belongs to it
    PostgresCluster(Path binaries, Path directory, PostgresAccount account) {
        this.binaries = binaries;
        this.directory = directory;
        this.data = data(directory);
        this.serverLog = data.resolve("postgres.log");
        this.account = account;
    }

    static Path data(Path directory) {
        return directory.resolve("data");
    }

    /// Makes the data directory when there is none; it appears whole or not at all.
    void create(Path passwordFile, Durability durability) throws IOException {
        if (Files.exists(data.resolve("PG_VERSION"))) {
            return;
        }
        Path unfinished = directory.resolve("data.unfinished");
        PostgresBinaries.deleteTree(unfinished);
        Files.createDirectories(unfinished);
        account.own(directory);
        account.requireAccess(directory);
        account.requireAccess(binaries);
        List<String> arguments =
                new ArrayList<>(
                        List.of(
                                "--pgdata=" + unfinished,
                                "--username=" + EmbeddedPostgres.USER,
                                "--pwfile=" + passwordFile,
                                "--auth=scram-sha-256",
                                "--encoding=UTF8",
                                "--locale-provider=builtin",
                                "--builtin-locale=C.UTF-8",
                                "--locale=C",
                                "--data-checksums",
                                "--no-instructions"));
        if (durability == Durability.PAGE_CACHE) {
            arguments.add("--no-sync");
        }
        Command initdb = run(Duration.ofMinutes(2), "initdb", arguments);
        if (!initdb.succeeded()) {
            throw new StartupException(
                    "Postgres can't make a database in "
                            + data
                            + ": "
                            + lastLines(initdb.output()));
        }
        Files.move(unfinished, data, StandardCopyOption.ATOMIC_MOVE);
        log.info("postgres data directory made directory={}", data);
    }

    /// @throws StartupException when another major version wrote the data
    void refuseOtherVersion() throws IOException {
        String version = Files.readString(data.resolve("PG_VERSION")).strip();
        if (!version.equals(PostgresBinaries.MAJOR_VERSION)) {
            throw new StartupException(
                    "the data in "
                            + data
                            + " was written by Postgres "
                            + version
                            + ", and this is Postgres "
                            + PostgresBinaries.MAJOR_VERSION
                            + ": export it with the Tidemill that wrote it, or choose another"
                            + " directory");
        }
    }

    /// Starts the server, recovering from a crash if need be; returns its process when it serves.
    ProcessHandle start(int port, Durability durability) throws IOException {
        writeSettings(port, durability);
        long logStart = trimmedLog();
        Command start =
                run(
                        Duration.ofSeconds(START_SECONDS).plus(SLACK),
                        "pg_ctl",
                        List.of(
                                "start",
                                "--pgdata=" + data,
                                "--log=" + serverLog,
                                "--wait",
                                "--timeout=" + START_SECONDS,
                                "--silent"));
        if (!start.succeeded()) {
            String reason = lastLines(logSince(logStart));
            throw new StartupException(
                    "Postgres can't start in "
                            + data
                            + ": "
                            + (reason.isEmpty() ? lastLines(start.output()) : reason));
        }
        return PostgresProcess.postmaster(data)
                .orElseThrow(() ->
                        new StartupException("Postgres ended as soon as it started: " + data));
    }

    /// Stops the server if one runs, whoever started it, and clears away what a killed one left.
    /// Nobody else may own the directory.
    void stop() throws IOException {
        if (PostgresProcess.postmaster(data).isPresent()) {
            stop("fast", STOP_SECONDS);
        }
        if (PostgresProcess.postmaster(data).isPresent()) {
            log.warn("postgres still running after={}s, stopping it at once", STOP_SECONDS);
            stop("immediate", IMMEDIATE_STOP_SECONDS);
        }
        // What a killed postmaster leaves holds on to its shared memory.
        PostgresProcess.killAll(data);
        // With no server left the file is stale, and its number may be another process's by now.
        Files.deleteIfExists(data.resolve("postmaster.pid"));
    }

    private void stop(String mode, int seconds) {
        Command stop =
                run(
                        Duration.ofSeconds(seconds).plus(SLACK),
                        "pg_ctl",
                        List.of(
                                "stop",
                                "--pgdata=" + data,
                                "--mode=" + mode,
                                "--wait",
                                "--timeout=" + seconds,
                                "--silent"));
        if (!stop.succeeded()) {
            log.warn("postgres stop failed mode={} output={}", mode, lastLines(stop.output()));
        }
    }

    /// Both files are Tidemill's: what somebody else wants to set goes in by `ALTER SYSTEM`.
    private void writeSettings(int port, Durability durability) throws IOException {
        Files.writeString(
                data.resolve("postgresql.conf"), PostgresSettings.server(port, durability));
        Files.writeString(data.resolve("pg_hba.conf"), PostgresSettings.ACCESS);
        account.own(data);
    }

    private long trimmedLog() throws IOException {
        if (!Files.exists(serverLog)) {
            return 0;
        }
        if (Files.size(serverLog) > MAX_LOG_BYTES) {
            Files.move(
                    serverLog,
                    serverLog.resolveSibling("postgres.log.old"),
                    StandardCopyOption.REPLACE_EXISTING);
            return 0;
        }
        return Files.size(serverLog);
    }

    private String logSince(long position) throws IOException {
        if (!Files.exists(serverLog)) {
            return "";
        }
        byte[] bytes = Files.readAllBytes(serverLog);
        int start = (int) Math.min(position, bytes.length);
        return new String(bytes, start, bytes.length - start, StandardCharsets.UTF_8);
    }

    private Command run(Duration within, String program, List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(binaries.resolve("bin").resolve(program).toString());
        command.addAll(arguments);
        return Command.run(within, account.command(command));
    }

    private static String lastLines(String text) {
        List<String> lines = text.lines().map(String::strip).filter(l -> !l.isEmpty()).toList();
        return String.join(
                " / ", lines.subList(Math.max(0, lines.size() - LOG_LINES), lines.size()));
    }
}
