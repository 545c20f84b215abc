package io.tidemill.sink;

import io.r2dbc.pool.ConnectionPool;
import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.Wrapped;
import java.time.Duration;
import java.util.function.Function;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Mono;

/// Runs work in one transaction on one connection: committed whole, or not at all.
///
/// A connection on which anything but an orderly error happened is closed rather than used again;
/// the pool replaces it.
final class Transactions {

    private static final Duration HANG_UP_LIMIT = Duration.ofSeconds(5);
    private static final int STATEMENTS_AT_FULL_TIMEOUT = 4;

    private final ConnectionPool pool;
    private final Duration limit;

    /// @param statementTimeout what the server enforces; a transaction that lasts several times as
    ///   long talks to a server that doesn't answer at all
    Transactions(ConnectionPool pool, Duration statementTimeout) {
        this.pool = pool;
        this.limit = statementTimeout.multipliedBy(STATEMENTS_AT_FULL_TIMEOUT);
    }

    <T> Mono<T> run(Function<PostgresqlConnection, Mono<T>> work) {
        return Mono.usingWhen(
                pool.create(),
                pooled -> committed(raw(pooled), work).timeout(limit),
                Connection::close,
                Transactions::abandon,
                Transactions::hangUp);
    }

    private static <T> Mono<T> committed(
            PostgresqlConnection connection, Function<PostgresqlConnection, Mono<T>> work) {
        return connection
                .beginTransaction()
                .then(Mono.defer(() -> work.apply(connection)))
                .flatMap(result -> connection.commitTransaction().thenReturn(result));
    }

    private static Publisher<Void> abandon(Connection pooled, Throwable error) {
        if (!SqlStates.leavesConnectionUsable(error)) {
            return hangUp(pooled);
        }
        return raw(pooled)
                .rollbackTransaction()
                .timeout(HANG_UP_LIMIT)
                .then(Mono.from(pooled.close()))
                .onErrorResume(failure -> hangUp(pooled));
    }

    private static Mono<Void> hangUp(Connection pooled) {
        return raw(pooled)
                .close()
                .timeout(HANG_UP_LIMIT)
                .onErrorComplete()
                .then(Mono.from(pooled.close()))
                .onErrorComplete();
    }

    private static PostgresqlConnection raw(Connection pooled) {
        return (PostgresqlConnection) ((Wrapped<?>) pooled).unwrap();
    }
}
