package io.tidemill.sink;

import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.tidemill.contract.Hash128;
import io.tidemill.sink.ErasedRows.Found;
import io.tidemill.sink.ErasureProgress.Step;
import java.time.Duration;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/// Carries erasures out once they are recorded. No row of the user comes any more then, so what is
/// found without a lock is all there is: it goes some thousand rows at a time, each in a
/// transaction that holds their hours alone and hands them to the raw table. Writers never wait for
/// more than one such deletion, however many events a user has.
///
/// Steps may be repeated; any number of sinks take part, one a user.
final class Erasing {

    private static final Logger log = LoggerFactory.getLogger(Erasing.class);
    private static final Duration BETWEEN_ROUNDS = Duration.ofMillis(500);
    private static final int LOCK_OF_ERASURES = 0x7469_0010;

    private static final String ENTER = "SELECT pg_try_advisory_xact_lock($1, $2) AS entered";

    /// What a step left to do.
    private enum Left {
        MORE,
        NOTHING
    }

    private final HourOwners owners;
    private final Transactions transactions;
    private final SinkMetrics metrics;
    private final ErasureProgress progress = new ErasureProgress();
    private final ErasedRows rows = new ErasedRows();
    private final RejectedEventTable rejected = new RejectedEventTable();

    /// @param transactions whose statements may take as long as a scan of a day
    Erasing(HourOwners owners, Transactions transactions, SinkMetrics metrics) {
        this.owners = owners;
        this.transactions = transactions;
        this.metrics = metrics;
    }

    Disposable start() {
        return Rounds.start("erasing users", BETWEEN_ROUNDS, this::round);
    }

    /// Carries out all that is under way.
    Mono<Void> round() {
        return transactions
                .run(progress::underWay)
                .flatMapMany(Flux::fromIterable)
                .concatMap(this::erase)
                .then();
    }

    private Mono<Void> erase(User user) {
        return transactions
                .run(connection -> step(connection, user))
                .repeat()
                .takeUntil(left -> left == Left.NOTHING)
                .then();
    }

    private Mono<Left> step(PostgresqlConnection connection, User user) {
        return enter(connection, user)
                .filter(entered -> entered)
                .flatMap(_ -> progress.next(connection, user))
                .flatMap(step ->
                        step.isLast()
                                ? finish(connection, step)
                                : delete(connection, step).thenReturn(Left.MORE))
                .defaultIfEmpty(Left.NOTHING);
    }

    private Mono<Void> delete(PostgresqlConnection connection, Step step) {
        return rows.find(connection, step)
                .flatMap(found ->
                        found.isEmpty()
                                ? progress.advance(connection, step, found)
                                : delete(connection, step, found));
    }

    private Mono<Void> delete(PostgresqlConnection connection, Step step, Found found) {
        Set<Hour> hours = found.hours(step.user());
        return owners.own(connection, hours)
                .then(Mono.defer(() -> rows.delete(connection, step, found)))
                .then(Mono.defer(() -> progress.advance(connection, step, found)))
                .doOnSuccess(_ -> metrics.erased(found.rows()));
    }

    private Mono<Left> finish(PostgresqlConnection connection, Step last) {
        return rejected.forget(connection, last.user(), last.receivedBeforeMillis())
                .flatMap(records -> progress.finish(connection, last, records))
                .doOnSuccess(_ -> log.info("user erased project={}", last.user().projectId()))
                .thenReturn(Left.NOTHING);
    }

    private static Mono<Boolean> enter(PostgresqlConnection connection, User user) {
        int lock = (int) Hash128.of(user.projectId(), user.userId()).high();
        return connection
                .createStatement(ENTER)
                .bind("$1", LOCK_OF_ERASURES)
                .bind("$2", lock)
                .execute()
                .flatMap(result -> result.map((row, _) -> Columns.flag(row, "entered")))
                .next();
    }
}
