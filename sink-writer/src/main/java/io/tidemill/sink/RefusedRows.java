package io.tidemill.sink;

import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.tidemill.sink.RecordTable.Rejected;
import io.tidemill.sink.RecordTable.Row;
import io.tidemill.sink.RecordTable.Tally;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Function;
import reactor.core.publisher.Mono;

/// Stores rows of which Postgres refuses some: the others land, in the same transaction.
///
/// Tries piece after piece behind a savepoint. A refused piece is cut where Postgres says that the
/// trouble is, or in halves; a row is set aside only when it was refused alone. Used once.
final class RefusedRows<R extends Row> {

    /// So many rows are tried together at first, lest a flood of bad ones sends all others again
    /// and again.
    private static final int PIECE = 1_000;

    private static final String SAVEPOINT = "piece";

    /// @param refused each with Postgres' words
    record Stored(Tally tally, List<Rejected> refused) {}

    private final Function<List<R>, Mono<Tally>> attempt;
    private final Deque<List<R>> pieces = new ArrayDeque<>();
    private final List<Rejected> refused = new ArrayList<>();
    private Tally tally = Tally.NONE;

    /// @param attempt stores rows, or fails and leaves nothing behind
    RefusedRows(List<R> rows, Function<List<R>, Mono<Tally>> attempt) {
        this.attempt = attempt;
        for (int from = 0; from < rows.size(); from += PIECE) {
            pieces.add(rows.subList(from, Math.min(rows.size(), from + PIECE)));
        }
    }

    /// An attempt behind a savepoint of an open transaction.
    static <R extends Row> Function<List<R>, Mono<Tally>> savepoint(
            PostgresqlConnection connection, Function<List<R>, Mono<Tally>> write) {
        return rows ->
                connection
                        .createSavepoint(SAVEPOINT)
                        .then(Mono.defer(() -> write.apply(rows)))
                        .delayUntil(_ -> connection.releaseSavepoint(SAVEPOINT))
                        .onErrorResume(
                                SqlStates::isRefusal,
                                error ->
                                        connection
                                                .rollbackTransactionToSavepoint(SAVEPOINT)
                                                .then(Mono.error(error)));
    }

    Mono<Stored> store() {
        return Mono.defer(this::next)
                .repeat(() -> !pieces.isEmpty())
                .then(Mono.fromSupplier(() -> new Stored(tally, List.copyOf(refused))));
    }

    private Mono<Tally> next() {
        List<R> piece = pieces.poll();
        return piece == null
                ? Mono.empty()
                : attempt.apply(piece)
                        .doOnNext(stored -> tally = tally.plus(stored))
                        .onErrorResume(SqlStates::isRefusal, error -> cut(piece, error));
    }

    private Mono<Tally> cut(List<R> piece, Throwable error) {
        int size = piece.size();
        if (size == 1) {
            R row = piece.getFirst();
            refused.add(
                    new Rejected(
                            row.origin(),
                            "refused_by_postgres",
                            SqlStates.describe(error),
                            row.hour()));
            return Mono.empty();
        }
        OptionalInt line = SqlStates.copyLine(error);
        if (line.isPresent() && line.getAsInt() >= 1 && line.getAsInt() <= size) {
            int bad = line.getAsInt() - 1;
            pushUnlessEmpty(piece.subList(bad + 1, size));
            pushUnlessEmpty(piece.subList(bad, bad + 1));
            pushUnlessEmpty(piece.subList(0, bad));
            return Mono.empty();
        }
        pieces.push(piece.subList(size / 2, size));
        pieces.push(piece.subList(0, size / 2));
        return Mono.empty();
    }

    private void pushUnlessEmpty(List<R> piece) {
        if (!piece.isEmpty()) {
            pieces.push(piece);
        }
    }
}
