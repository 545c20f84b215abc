package io.tidemill.launcher;

import io.tidemill.contract.Topics;
import io.tidemill.runtime.KafkaConnection;
import io.tidemill.runtime.KafkaTopics;
import io.tidemill.runtime.StartupException;
import io.tidemill.storage.PostgresUrl;
import io.tidemill.storage.SchemaMigration;
import java.io.PrintStream;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;

/// Waits for Kafka and Postgres, and creates the topics and the schema that are missing. Any number
/// of processes may do so at once.
final class Groundwork {

    private static final Duration BETWEEN_TRIES = Duration.ofMillis(500);
    private static final Duration ONE_TRY = Duration.ofSeconds(5);

    /// Classes of SQLSTATE.
    private static final String INVALID_AUTHORIZATION = "28";

    private static final String NO_SUCH_DATABASE = "3D";

    private final LauncherConfig config;
    private final StopSignal stop;
    private final PrintStream out;

    /// Tells in one line why something can't be reached; empty when it can.
    @FunctionalInterface
    private interface Attempt {
        String failure() throws InterruptedException;
    }

    Groundwork(LauncherConfig config, StopSignal stop, PrintStream out) {
        this.config = config;
        this.stop = stop;
        this.out = out;
    }

    /// @throws StartupException when Kafka can't be reached in time, or refuses
    void prepare(KafkaConnection kafka) throws InterruptedException {
        await("Kafka at " + kafka.bootstrap(), () -> failure(kafka));
        Topics topics = new Topics(kafka.topicPrefix());
        try (Admin admin = Admin.create(kafka.clientConfig("tidemill-launcher"))) {
            for (Topics.Spec topic :
                    topics.all(config.eventPartitions(), config.rollupPartitions())) {
                KafkaTopics.ensure(admin, topic.name(), topic.partitions(), topic.settings());
            }
        } catch (ExecutionException e) {
            throw new StartupException(
                    "Kafka at "
                            + kafka.bootstrap()
                            + " can't create the topics: "
                            + Reasons.firstLine(e),
                    e);
        }
    }

    /// @throws StartupException when Postgres can't be reached in time, or the schema can't be made
    void prepare(PostgresUrl postgres, String analystPassword) throws InterruptedException {
        await("Postgres at " + postgres, () -> failure(postgres));
        SchemaMigration.run(postgres, analystPassword);
    }

    private void await(String what, Attempt attempt) throws InterruptedException {
        long deadline = System.nanoTime() + config.startupTimeout().toNanos();
        String failure = attempt.failure();
        if (!failure.isEmpty()) {
            out.println("waiting for " + what + " ...");
            out.flush();
        }
        while (!failure.isEmpty()) {
            if (System.nanoTime() - deadline > 0) {
                throw new StartupException(
                        what + " can't be reached (" + failure + "): is it running?");
            }
            stop.await(BETWEEN_TRIES);
            stop.check();
            failure = attempt.failure();
        }
    }

    private static String failure(KafkaConnection kafka) throws InterruptedException {
        Map<String, Object> client = kafka.clientConfig("tidemill-launcher");
        client.put("default.api.timeout.ms", (int) ONE_TRY.toMillis());
        client.put("request.timeout.ms", (int) ONE_TRY.toMillis());
        try (Admin admin = Admin.create(client)) {
            admin.describeCluster().nodes().get(ONE_TRY.toSeconds(), TimeUnit.SECONDS);
            return "";
        } catch (ExecutionException | KafkaException | TimeoutException e) {
            return Reasons.firstLine(e);
        }
    }

    private static String failure(PostgresUrl postgres) {
        try (Connection _ =
                DriverManager.getConnection(postgres.jdbcUrl(), postgres.jdbcProperties())) {
            return "";
        } catch (SQLException e) {
            if (isRefused(e)) {
                throw new StartupException(postgres + " refuses: " + Reasons.firstLine(e), e);
            }
            return Reasons.firstLine(e);
        }
    }

    /// Answered, and no: a wrong password or database is not mended by waiting.
    private static boolean isRefused(SQLException e) {
        String state = String.valueOf(e.getSQLState());
        return state.startsWith(INVALID_AUTHORIZATION) || state.startsWith(NO_SUCH_DATABASE);
    }
}
