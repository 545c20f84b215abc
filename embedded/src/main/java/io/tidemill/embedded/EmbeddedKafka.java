package io.tidemill.embedded;

import io.tidemill.runtime.StartupException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiFunction;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Exit;
import org.apache.kafka.common.utils.Time;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One Kafka broker, its own controller, in this process. It keeps its data over restarts and over
/// kill -9, as a single copy: what the operating system has not yet written is gone when the
/// machine loses power.
public final class EmbeddedKafka implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(EmbeddedKafka.class);

    private static final Duration STOP_WITHIN = Duration.ofSeconds(20);

    private final DirectoryLock lock;
    private final KafkaRaftServer server;
    private final int port;
    private final CompletableFuture<String> failure;
    private final AtomicBoolean closed = new AtomicBoolean();

    private EmbeddedKafka(
            DirectoryLock lock,
            KafkaRaftServer server,
            int port,
            CompletableFuture<String> failure) {
        this.lock = lock;
        this.server = server;
        this.port = port;
        this.failure = failure;
    }

    /// Starts the broker on 127.0.0.1; returns when it serves.
    ///
    /// @param dataDirectory its own; created when missing
    /// @param port 0 for any free one
    /// @throws StartupException when the port is taken, the directory in use, or the broker can't
    ///   start
    public static EmbeddedKafka start(Path dataDirectory, int port) {
        return start(
                dataDirectory,
                (directory, lock) -> {
                    int claimed = LocalPort.claim(port, "Kafka");
                    Map<String, String> settings =
                            KafkaSettings.embedded(logs(directory), claimed, LocalPort.free());
                    return start(
                            directory,
                            lock,
                            claimed,
                            KafkaSettings.NODE_ID,
                            Uuid.randomUuid().toString(),
                            settings);
                });
    }

    /// Starts the broker as a member of a cluster; returns when it serves, which takes a majority
    /// of the members.
    ///
    /// @param dataDirectory its own; created when missing
    /// @throws StartupException when the directory is in use, or the broker can't start
    public static EmbeddedKafka start(Path dataDirectory, KafkaMember member) {
        return start(
                dataDirectory,
                (directory, lock) ->
                        start(
                                directory,
                                lock,
                                member.listeners().getFirst().port(),
                                member.nodeId(),
                                member.clusterId(),
                                member.settings(logs(directory).toString())));
    }

    private static EmbeddedKafka start(
            Path dataDirectory, BiFunction<Path, DirectoryLock, EmbeddedKafka> start) {
        Path directory = dataDirectory.toAbsolutePath().normalize();
        DirectoryLock lock = DirectoryLock.acquire(directory);
        try {
            return start.apply(directory, lock);
        } catch (RuntimeException | Error e) {
            lock.close();
            throw e;
        }
    }

    private static EmbeddedKafka start(
            Path directory,
            DirectoryLock lock,
            int port,
            int nodeId,
            String newClusterId,
            Map<String, String> settings) {
        CompletableFuture<String> failure = new CompletableFuture<>();
        reportInsteadOfExit(failure);
        KafkaRaftServer server = null;
        try {
            KafkaStorage.formatWhenNew(logs(directory), nodeId, newClusterId);
            server = new KafkaRaftServer(new KafkaConfig(settings, false), Time.SYSTEM);
            server.startup();
        } catch (Exception | BrokerGaveUp e) {
            if (server != null) {
                stop(server);
            }
            throw new StartupException("Kafka can't start in " + directory + ": " + reason(e), e);
        }
        log.info("kafka started port={} directory={}", port, directory);
        return new EmbeddedKafka(lock, server, port, failure);
    }

    private static Path logs(Path directory) {
        return directory.resolve("logs");
    }

    /// Where clients connect to, `127.0.0.1:port`.
    public String bootstrap() {
        return LocalPort.HOST + ":" + port;
    }

    public int port() {
        return port;
    }

    /// Completes with the reason if the broker ever gives up, such as when its disk fails. It does
    /// not recover from that: the process should say so and end.
    public CompletionStage<String> failure() {
        return failure.minimalCompletionStage();
    }

    /// Shuts down in good order, so that the next start has nothing to recover. Idempotent; takes
    /// at most 20 seconds.
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        stop(server);
        lock.close();
        log.info("kafka stopped port={}", port);
    }

    private static void stop(KafkaRaftServer server) {
        Thread stopping =
                Thread.ofPlatform()
                        .name("kafka-stop")
                        .daemon()
                        .start(() -> {
                            server.shutdown();
                            server.awaitShutdown();
                        });
        try {
            if (!stopping.join(STOP_WITHIN)) {
                log.warn("kafka still stopping after={}", STOP_WITHIN);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /// A broker that can't go on ends its process. This process is not the broker's alone.
    private static void reportInsteadOfExit(CompletableFuture<String> failure) {
        Exit.Procedure report =
                (_, message) -> {
                    String reason = message == null ? "see the log for the reason" : message;
                    if (failure.complete(reason)) {
                        log.error("kafka gave up reason={}", reason);
                    }
                    // The broker's code relies on this call not to return.
                    throw new BrokerGaveUp(reason);
                };
        Exit.setExitProcedure(report);
        Exit.setHaltProcedure(report);
    }

    private static String reason(Throwable e) {
        Throwable root = e;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return String.valueOf(root.getMessage() == null ? root : root.getMessage())
                .lines()
                .findFirst()
                .orElse("unknown reason");
    }

    /// Stands for the end of the process, in the broker's own threads.
    private static final class BrokerGaveUp extends Error {

        private static final long serialVersionUID = 1;

        BrokerGaveUp(String reason) {
            super(reason);
        }
    }
}
