package io.tidemill.embedded;

import io.tidemill.runtime.StartupException;
import io.tidemill.storage.PostgresUrl;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A Postgres server beside this process, on a data directory that it keeps: what was committed
/// survives restarts, kill -9 and, with {@link Durability#DISK}, a power cut. A server that a
/// killed process left behind is stopped by the next start.
public final class EmbeddedPostgres implements AutoCloseable {

    public static final String DATABASE = "tidemill";
    public static final String USER = "tidemill";

    private static final Logger log = LoggerFactory.getLogger(EmbeddedPostgres.class);
    private static final String MAINTENANCE_DATABASE = "postgres";
    private static final int PASSWORD_BYTES = 24;

    private final DirectoryLock lock;
    private final PostgresCluster cluster;
    private final PostgresUrl url;
    private final CompletionStage<String> failure;
    private final AtomicBoolean closed = new AtomicBoolean();

    private EmbeddedPostgres(
            DirectoryLock lock,
            PostgresCluster cluster,
            ProcessHandle postmaster,
            PostgresUrl url) {
        this.lock = lock;
        this.cluster = cluster;
        this.url = url;
        this.failure = postmaster.onExit().thenCompose(this::reasonUnlessClosed);
    }

    /// As {@link #start(Path, int, Path, Durability)}, durable, with the programs in the data
    /// directory.
    public static EmbeddedPostgres start(Path dataDirectory, int port) {
        return start(dataDirectory, port, dataDirectory, Durability.DISK);
    }

    /// Starts the server on 127.0.0.1; returns when it serves and the database exists.
    ///
    /// @param dataDirectory its own; created when missing
    /// @param port 0 for any free one
    /// @param programs the folder below which Postgres' programs are unpacked, once; several
    ///   servers may share it
    /// @throws StartupException when the port is taken, the directory in use or written by another
    ///   major version, or Postgres can't start
    public static EmbeddedPostgres start(
            Path dataDirectory, int port, Path programs, Durability durability) {
        Path directory = dataDirectory.toAbsolutePath().normalize();
        DirectoryLock lock = DirectoryLock.acquire(directory);
        try {
            return start(directory, port, programs.toAbsolutePath().normalize(), durability, lock);
        } catch (IOException e) {
            lock.close();
            throw new StartupException("Postgres can't use " + directory + ": " + e, e);
        } catch (RuntimeException | Error e) {
            lock.close();
            throw e;
        }
    }

    private static EmbeddedPostgres start(
            Path directory,
            int wantedPort,
            Path programs,
            Durability durability,
            DirectoryLock lock)
            throws IOException {
        Path data = PostgresCluster.data(directory);
        Path passwordFile = directory.resolve("password");
        PostgresCluster cluster =
                new PostgresCluster(
                        PostgresBinaries.unpackedIn(programs), directory, PostgresAccount.of(data));
        String password = password(passwordFile, data);
        cluster.create(passwordFile, durability);
        cluster.refuseOtherVersion();
        cluster.stop();
        int port = LocalPort.claim(wantedPort, "Postgres");
        ProcessHandle postmaster = cluster.start(port, durability);
        PostgresUrl url = new PostgresUrl(LocalPort.HOST, port, DATABASE, USER, password);
        EmbeddedPostgres postgres = new EmbeddedPostgres(lock, cluster, postmaster, url);
        try {
            postgres.createDatabase();
        } catch (RuntimeException e) {
            postgres.close();
            throw e;
        }
        log.info("postgres started port={} directory={}", port, directory);
        return postgres;
    }

    /// Deletes a data directory, after ending the server that a killed process may have left on it.
    ///
    /// @return false when a living process uses the directory; then it is left alone
    public static boolean discard(Path dataDirectory) throws IOException {
        Path directory = dataDirectory.toAbsolutePath().normalize();
        Optional<DirectoryLock> lock = DirectoryLock.tryAcquire(directory);
        if (lock.isEmpty()) {
            return false;
        }
        try (DirectoryLock _ = lock.get()) {
            Path data = PostgresCluster.data(directory);
            PostgresProcess.stopAbandoned(data);
            PostgresProcess.killAll(data);
            PostgresBinaries.deleteTree(directory);
            return true;
        }
    }

    /// The database `tidemill`, as its owner.
    public PostgresUrl url() {
        return url;
    }

    /// Completes with the reason when the server ends without {@link #close()}.
    public CompletionStage<String> failure() {
        return failure;
    }

    /// Ends all sessions and stops the server in good order. Idempotent; takes a minute and a half
    /// at most.
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        try {
            cluster.stop();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            lock.close();
        }
        log.info("postgres stopped port={}", url.port());
    }

    private void createDatabase() {
        PostgresUrl maintenance =
                new PostgresUrl(
                        url.host(), url.port(), MAINTENANCE_DATABASE, url.user(), url.password());
        try (Connection connection =
                        DriverManager.getConnection(
                                maintenance.jdbcUrl(), maintenance.jdbcProperties());
                Statement statement = connection.createStatement()) {
            try (ResultSet existing =
                    statement.executeQuery(
                            "SELECT FROM pg_database WHERE datname = '" + DATABASE + "'")) {
                if (existing.next()) {
                    return;
                }
            }
            statement.execute("CREATE DATABASE " + DATABASE);
        } catch (SQLException e) {
            throw new StartupException(
                    "Postgres started and can't be used: "
                            + String.valueOf(e.getMessage()).lines().findFirst().orElse(""),
                    e);
        }
    }

    private CompletionStage<String> reasonUnlessClosed(ProcessHandle ended) {
        if (closed.get()) {
            return new CompletableFuture<>(); // never: this was no failure
        }
        log.error("postgres ended by itself pid={}", ended.pid());
        return CompletableFuture.completedFuture("Postgres has ended by itself");
    }

    /// Generated once and kept where only the owner can read it.
    private static String password(Path file, Path data) throws IOException {
        if (Files.exists(file)) {
            return Files.readString(file).strip();
        }
        if (Files.exists(data)) {
            throw new StartupException(
                    "the password of the database in " + data + " is missing: put back " + file);
        }
        byte[] random = new byte[PASSWORD_BYTES];
        new SecureRandom().nextBytes(random);
        String password = HexFormat.of().formatHex(random);
        Path unfinished =
                Files.createTempFile(
                        file.getParent(),
                        "password",
                        "",
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString("rw-------")));
        Files.writeString(unfinished, password + "\n");
        Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
        return password;
    }
}
