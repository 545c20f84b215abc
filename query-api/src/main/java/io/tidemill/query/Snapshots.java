package io.tidemill.query;

import io.r2dbc.pool.ConnectionPool;
import io.r2dbc.postgresql.api.PostgresTransactionDefinition;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.IsolationLevel;
import io.r2dbc.spi.TransactionDefinition;
import io.r2dbc.spi.Wrapped;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Mono;

/// Runs the statements of a question on one snapshot of the database, so that their answers belong
/// together. At most a given number of questions is at hand at once.
final class Snapshots {

    private static final TransactionDefinition SNAPSHOT =
            PostgresTransactionDefinition.from(IsolationLevel.REPEATABLE_READ).readOnly();

    private final ConnectionPool pool;
    private final int questions;
    private final Duration patience;
    private final AtomicInteger atHand = new AtomicInteger();

    /// @param questions at hand at once, at most
    /// @param patience how long an answer may take, all statements together, before the connection
    ///   counts as lost
    Snapshots(ConnectionPool pool, int questions, Duration patience) {
        this.pool = pool;
        this.questions = questions;
        this.patience = patience;
    }

    /// A question that nobody waits for any more goes on until Postgres has answered or ended it:
    /// this driver's connections do not survive being cancelled half-way.
    <T> Mono<T> read(Function<Connection, Mono<T>> question) {
        return Mono.defer(() -> Mono.fromFuture(admitted(question).toFuture(), true));
    }

    int atHand() {
        return atHand.get();
    }

    private <T> Mono<T> admitted(Function<Connection, Mono<T>> question) {
        if (atHand.incrementAndGet() > questions) {
            atHand.decrementAndGet();
            return Mono.error(new OverloadedException());
        }
        return Mono.usingWhen(
                        pool.create(),
                        connection -> inTransaction(connection, question).timeout(patience),
                        Connection::close,
                        this::abandon,
                        connection -> abandon(connection, new TimeoutException()))
                // Before the answer goes on: whoever has it may ask the next question. Nothing
                // cancels this far up, see read.
                .doOnTerminate(atHand::decrementAndGet);
    }

    private static <T> Mono<T> inTransaction(
            Connection connection, Function<Connection, Mono<T>> question) {
        return Mono.from(connection.beginTransaction(SNAPSHOT))
                .then(Mono.defer(() -> question.apply(connection)))
                .map(Optional::of)
                .defaultIfEmpty(Optional.empty())
                .delayUntil(_ -> connection.commitTransaction())
                .flatMap(Mono::justOrEmpty);
    }

    private Publisher<Void> abandon(Connection connection, Throwable failure) {
        if (failure instanceof TimeoutException) {
            // The server is out of reach; what it sends later must meet nobody else.
            return throwAway(connection);
        }
        return Mono.from(connection.rollbackTransaction())
                .timeout(patience)
                .then(Mono.from(connection.close()))
                .onErrorResume(_ -> throwAway(connection));
    }

    private static Mono<Void> throwAway(Connection connection) {
        return Mono.from(raw(connection).close())
                .onErrorComplete()
                .then(Mono.from(connection.close()));
    }

    private static Connection raw(Connection connection) {
        return connection instanceof Wrapped<?> pooled
                        && pooled.unwrap() instanceof Connection unwrapped
                ? unwrapped
                : connection;
    }

    /// More questions at once than there is room for.
    static final class OverloadedException extends RuntimeException {}
}
