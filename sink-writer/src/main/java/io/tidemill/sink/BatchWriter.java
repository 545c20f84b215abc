package io.tidemill.sink;

import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.tidemill.contract.DirtyHour;
import io.tidemill.sink.PartitionBuffer.Batch;
import io.tidemill.sink.RecordTable.Rejected;
import io.tidemill.sink.RecordTable.Row;
import io.tidemill.sink.RecordTable.Rows;
import io.tidemill.sink.RecordTable.Tally;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/// Writes a batch as one transaction: the offset first, compared with the expected one, then the
/// rows, with their hours held, then what had to be set aside, and the hours that it was of.
/// Thread-safe.
final class BatchWriter {

    private final Transactions transactions;
    private final OffsetTable offsets;
    private final HourOwners owners;
    private final RejectedEventTable rejectedEvents;
    private final Map<String, RecordTable<?>> tablesByTopic;
    private final SinkMetrics metrics;

    /// How rows are written.
    private enum Way {
        /// None is there yet, all are good.
        FAST,
        /// Some are there.
        OVER_EXISTING,
        /// Postgres refuses some.
        PIECEWISE
    }

    BatchWriter(
            Transactions transactions,
            OffsetTable offsets,
            HourOwners owners,
            RejectedEventTable rejectedEvents,
            Map<String, RecordTable<?>> tablesByTopic,
            SinkMetrics metrics) {
        this.transactions = transactions;
        this.offsets = offsets;
        this.owners = owners;
        this.rejectedEvents = rejectedEvents;
        this.tablesByTopic = Map.copyOf(tablesByTopic);
        this.metrics = metrics;
    }

    /// Completes when the batch is committed.
    ///
    /// Fails with {@link FencedException} when somebody else moved the offset, with anything else
    /// when the same batch may be tried again. Nothing was written then, unless the connection was
    /// lost while committing: the next try finds out.
    Mono<Void> write(Batch batch) {
        if (batch.records().isEmpty()) {
            return transactions
                    .run(connection -> offsets.advance(connection, batch).thenReturn(batch))
                    .then();
        }
        RecordTable<?> table = tablesByTopic.get(batch.partition().topic());
        return table == null
                ? Mono.error(new IllegalStateException("no table for " + batch.partition()))
                : write(batch, table);
    }

    private <R extends Row> Mono<Void> write(Batch batch, RecordTable<R> table) {
        return read(batch, table)
                .flatMap(rows -> store(batch, table, rows, Way.FAST))
                .onErrorResume(SqlStates::isConflict, error -> overExisting(batch, table))
                .onErrorResume(SqlStates::isRefusal, error -> piecewise(batch, table));
    }

    private <R extends Row> Mono<Void> overExisting(Batch batch, RecordTable<R> table) {
        metrics.conflict(table.name());
        table.onConflict();
        return read(batch, table).flatMap(rows -> store(batch, table, rows, Way.OVER_EXISTING));
    }

    private <R extends Row> Mono<Void> piecewise(Batch batch, RecordTable<R> table) {
        table.onRefusal();
        return read(batch, table).flatMap(rows -> store(batch, table, rows, Way.PIECEWISE));
    }

    private static <R extends Row> Mono<Rows<R>> read(Batch batch, RecordTable<R> table) {
        // Decoding a batch takes a while: not on the threads that serve connections.
        return Mono.defer(() -> table.read(batch.records())).subscribeOn(Schedulers.parallel());
    }

    private <R extends Row> Mono<Void> store(
            Batch batch, RecordTable<R> table, Rows<R> rows, Way way) {
        long started = System.nanoTime();
        return transactions
                .run(connection -> storeAll(connection, batch, table, rows, way))
                .doOnNext(outcome -> metrics.written(table.name(), batch, outcome, started))
                .then();
    }

    private <R extends Row> Mono<Outcome> storeAll(
            PostgresqlConnection connection,
            Batch batch,
            RecordTable<R> table,
            Rows<R> rows,
            Way way) {
        return offsets.advance(connection, batch)
                .then(Mono.defer(() -> owners.hold(connection, rows.held())))
                .then(Mono.defer(() -> owners.finalHours(connection, rows.allHours())))
                .map(finalHours -> table.withoutFinal(rows, finalHours))
                .flatMap(wanted -> table.admitted(connection, wanted))
                .flatMap(admitted -> storeRows(connection, table, admitted, way))
                .delayUntil(outcome -> owners.announce(connection, outcome.notStored()))
                .delayUntil(_ ->
                        owners.announceWherePropertiesCount(connection, rows.unlikeBySettings()))
                .delayUntil(outcome ->
                        rejectedEvents.insert(connection, batch.partition(), outcome.rejected()));
    }

    private static <R extends Row> Mono<Outcome> storeRows(
            PostgresqlConnection connection, RecordTable<R> table, Rows<R> rows, Way way) {
        return switch (way) {
            case FAST ->
                    table.write(connection, rows)
                            .map(tally -> new Outcome(rows, tally, rows.rejected()));
            case OVER_EXISTING ->
                    table.writeOverExisting(connection, rows.rows())
                            .map(tally -> new Outcome(rows, tally, rows.rejected()));
            case PIECEWISE ->
                    new RefusedRows<R>(
                                    rows.rows(),
                                    RefusedRows.savepoint(
                                            connection,
                                            piece -> table.writeOverExisting(connection, piece)))
                            .store()
                            .map(stored -> Outcome.of(rows, stored));
        };
    }

    /// What a committed transaction did.
    ///
    /// @param rows that were to be written
    /// @param rejected what was set aside, before or by Postgres
    record Outcome(Rows<?> rows, Tally tally, List<Rejected> rejected) {

        /// The hours of records that are not stored, though they may have been counted.
        Set<DirtyHour> notStored() {
            return Stream.concat(
                            rows.unlike().stream(),
                            rejected.stream().map(Rejected::hour).filter(Objects::nonNull))
                    .map(hour ->
                            new DirtyHour(hour.projectId(), hour.millis(), DirtyHour.NOT_STORED))
                    .collect(Collectors.toSet());
        }

        static Outcome of(Rows<?> rows, RefusedRows.Stored stored) {
            return new Outcome(
                    rows,
                    stored.tally(),
                    Stream.concat(rows.rejected().stream(), stored.refused().stream()).toList());
        }
    }
}
