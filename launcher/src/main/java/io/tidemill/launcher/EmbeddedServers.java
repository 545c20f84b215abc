package io.tidemill.launcher;

import io.tidemill.embedded.EmbeddedKafka;
import io.tidemill.embedded.EmbeddedPostgres;
import io.tidemill.runtime.CloseStack;
import io.tidemill.runtime.StartupException;
import io.tidemill.storage.PostgresUrl;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The Kafka and the Postgres that this process runs itself: both, one, or none.
final class EmbeddedServers implements AutoCloseable {

    private static final String URL_FILE = "url";

    private final CloseStack servers = new CloseStack();
    private final @Nullable EmbeddedKafka kafka;
    private final @Nullable EmbeddedPostgres postgres;
    private final CompletableFuture<String> failure = new CompletableFuture<>();

    /// @param kafka null when it was not wanted
    /// @param postgres null when it was not wanted
    private EmbeddedServers(@Nullable EmbeddedKafka kafka, @Nullable EmbeddedPostgres postgres) {
        this.kafka = kafka;
        this.postgres = postgres;
        if (postgres != null) {
            servers.push(postgres);
            postgres.failure().thenAccept(failure::complete);
        }
        if (kafka != null) {
            servers.push(kafka);
            kafka.failure().thenAccept(reason -> failure.complete("Kafka gave up: " + reason));
        }
    }

    /// Starts the wanted ones side by side.
    ///
    /// @throws StartupException when one can't start; then none is left running
    static EmbeddedServers start(Set<Server> wanted, LauncherConfig config) {
        CloseStack started = new CloseStack();
        try (ExecutorService starters = Executors.newCachedThreadPool()) {
            CompletableFuture<@Nullable EmbeddedPostgres> postgres =
                    start(
                            wanted.contains(Server.POSTGRES),
                            starters,
                            () -> startPostgres(config, started));
            CompletableFuture<@Nullable EmbeddedKafka> kafka =
                    start(
                            wanted.contains(Server.KAFKA),
                            starters,
                            () -> startKafka(config, started));
            try {
                CompletableFuture.allOf(postgres, kafka).join();
            } catch (CompletionException e) {
                started.close();
                throw e.getCause() instanceof RuntimeException cause ? cause : e;
            }
            return new EmbeddedServers(kafka.join(), postgres.join());
        }
    }

    /// Empty when this process runs no Kafka.
    Optional<String> bootstrap() {
        return Optional.ofNullable(kafka).map(EmbeddedKafka::bootstrap);
    }

    /// Empty when this process runs no Postgres.
    Optional<PostgresUrl> postgres() {
        return Optional.ofNullable(postgres).map(EmbeddedPostgres::url);
    }

    /// Why one of them ended by itself; empty while all is well.
    Optional<String> failure() {
        return Optional.ofNullable(failure.getNow(null));
    }

    /// Where the whole address of Postgres stands, with its password, for its owner alone to read.
    static Path urlFile(LauncherConfig config) {
        return urlFile(config.dataDirectory());
    }

    static Path urlFile(Path dataDirectory) {
        return dataDirectory.resolve("postgres").resolve(URL_FILE);
    }

    /// Kafka first, then Postgres.
    @Override
    public void close() {
        servers.close();
    }

    private static <T> CompletableFuture<@Nullable T> start(
            boolean wanted, ExecutorService starters, Supplier<T> start) {
        return wanted
                ? CompletableFuture.supplyAsync(start, starters)
                : CompletableFuture.completedFuture(null);
    }

    private static EmbeddedKafka startKafka(LauncherConfig config, CloseStack started) {
        return started.push(
                EmbeddedKafka.start(config.dataDirectory().resolve("kafka"), config.kafkaPort()));
    }

    private static EmbeddedPostgres startPostgres(LauncherConfig config, CloseStack started) {
        EmbeddedPostgres postgres =
                started.push(
                        EmbeddedPostgres.start(
                                config.dataDirectory().resolve("postgres"), config.postgresPort()));
        writeUrl(urlFile(config), postgres.url());
        return postgres;
    }

    private static void writeUrl(Path file, PostgresUrl url) {
        // User and password are made of letters and digits: nothing to encode.
        String text =
                "postgresql://%s:%s@%s:%d/%s%n"
                        .formatted(
                                url.user(), url.password(), url.host(), url.port(), url.database());
        try {
            Files.deleteIfExists(file);
            Files.createFile(
                    file,
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString("rw-------")));
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new StartupException("can't write " + file + ": " + e.getMessage(), e);
        }
    }
}
