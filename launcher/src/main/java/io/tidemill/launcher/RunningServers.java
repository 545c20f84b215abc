package io.tidemill.launcher;

import io.tidemill.runtime.Env;
import io.tidemill.runtime.KafkaConnection;
import io.tidemill.runtime.StartupException;
import io.tidemill.storage.PostgresUrl;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;

/// The servers of a pipeline that runs, as commands beside it find them: those that the environment
/// names, else those of `up` on this machine.
final class RunningServers {

    private RunningServers() {}

    /// Postgres, as the owner of the schema.
    ///
    /// @throws StartupException when neither is told
    static PostgresUrl postgres(Env env) {
        return env.read(() -> {
            if (env.has(PostgresUrl.SETTING)) {
                return Plan.parsed(env.get(PostgresUrl.SETTING));
            }
            return Plan.parsed(written(EmbeddedServers.urlFile(LauncherConfig.from(env))));
        });
    }

    static KafkaConnection kafka(Env env) {
        return env.read(() -> {
            KafkaConnection told = KafkaConnection.from(env);
            return env.has(KafkaConnection.BOOTSTRAP)
                    ? told
                    : new KafkaConnection(
                            "127.0.0.1:" + env.get(LauncherConfig.KAFKA_PORT),
                            told.topicPrefix(),
                            told.clientSettings());
        });
    }

    /// What a command does with a connection.
    @FunctionalInterface
    interface Work<T> {
        T with(Connection connection) throws SQLException, InterruptedException;
    }

    /// @throws StartupException in one line, when the database can't be used
    static <T> T inPostgres(Env env, Work<T> work) throws InterruptedException {
        PostgresUrl postgres = postgres(env);
        try (Connection connection =
                DriverManager.getConnection(postgres.jdbcUrl(), postgres.jdbcProperties())) {
            return work.with(connection);
        } catch (SQLException e) {
            throw new StartupException(postgres + ": " + Reasons.firstLine(e), e);
        }
    }

    private static String written(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            throw new StartupException(
                    "there is no pipeline of `up` here ("
                            + file
                            + " can't be read): start it, or set "
                            + PostgresUrl.SETTING.name(),
                    e);
        }
    }
}
