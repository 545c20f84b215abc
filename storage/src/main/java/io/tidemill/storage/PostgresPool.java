package io.tidemill.storage;

import io.r2dbc.pool.ConnectionPool;
import io.r2dbc.pool.ConnectionPoolConfiguration;
import io.r2dbc.postgresql.PostgresqlConnectionConfiguration;
import io.r2dbc.postgresql.PostgresqlConnectionFactory;
import java.time.Duration;
import java.util.Map;

/// Pools of connections that notice when their server went away: connections are tried before use,
/// and the server itself ends what takes too long (a cancelled query is no safe thing to this
/// driver).
public final class PostgresPool {

    private static final int PREPARED_STATEMENTS = 64;

    private PostgresPool() {}

    /// @param name shown by the server as the application's name
    /// @param size connections at most
    /// @param statementTimeout enforced by the server on every statement
    public static ConnectionPool open(
            PostgresUrl url, String name, int size, Duration statementTimeout) {
        return new ConnectionPool(
                ConnectionPoolConfiguration.builder(factory(url, name, statementTimeout))
                        .name(name)
                        .initialSize(0)
                        .maxSize(size)
                        .acquireRetry(1)
                        .maxAcquireTime(Duration.ofSeconds(10))
                        .maxCreateConnectionTime(Duration.ofSeconds(10))
                        .maxValidationTime(Duration.ofSeconds(3))
                        .maxIdleTime(Duration.ofMinutes(10))
                        .maxLifeTime(Duration.ofMinutes(30))
                        .backgroundEvictionInterval(Duration.ofSeconds(30))
                        .validationQuery("SELECT 1")
                        .build());
    }

    private static PostgresqlConnectionFactory factory(
            PostgresUrl url, String name, Duration statementTimeout) {
        return new PostgresqlConnectionFactory(
                PostgresqlConnectionConfiguration.builder()
                        .host(url.host())
                        .port(url.port())
                        .database(url.database())
                        .username(url.user())
                        .password(url.password())
                        .applicationName("tidemill-" + name)
                        .connectTimeout(Duration.ofSeconds(5))
                        .statementTimeout(statementTimeout)
                        .lockWaitTimeout(statementTimeout)
                        // A client that stands still in a transaction must not hold its locks.
                        .options(
                                Map.of(
                                        "idle_in_transaction_session_timeout",
                                        Long.toString(statementTimeout.toMillis())))
                        .tcpKeepAlive(true)
                        .tcpNoDelay(true)
                        .preparedStatementCacheQueries(PREPARED_STATEMENTS)
                        .build());
    }
}
