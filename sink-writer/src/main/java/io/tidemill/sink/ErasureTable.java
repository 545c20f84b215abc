package io.tidemill.sink;

import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.r2dbc.postgresql.api.PostgresqlResult;
import io.tidemill.contract.Erasure;
import io.tidemill.contract.ErasureCodec;
import io.tidemill.contract.MalformedRecordException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/// `pipeline.erasures`: users whose events must go, recorded while no writer is at work. So a row
/// of theirs is either there by then, for {@link Erasing} to delete, or its writer sees the
/// erasure.
///
/// A record that comes again is carried out again: after a restore, rows may be back.
final class ErasureTable implements RecordTable<ErasureTable.ErasureRow> {

    record ErasureRow(ConsumerRecord<byte[], byte[]> origin, Erasure erasure) implements Row {

        /// It is about all hours.
        @Override
        public @Nullable Hour hour() {
            return null;
        }
    }

    private static final String RECORD =
            """
            INSERT INTO pipeline.erasures AS known (project_id, user_id, received_before)
            SELECT project_id, user_id, received_before
              FROM unnest($1::text[], $2::text[], $3::timestamptz[]) AS each (project_id, user_id, received_before)
            ON CONFLICT (project_id, user_id) DO UPDATE
               SET received_before = greatest(known.received_before, EXCLUDED.received_before),
                   recorded_at = now(), erased_through = '-infinity', done_at = NULL
            """;

    private final HourOwners owners;

    ErasureTable(HourOwners owners) {
        this.owners = owners;
    }

    @Override
    public String name() {
        return "erasures";
    }

    @Override
    public Mono<Rows<ErasureRow>> read(List<ConsumerRecord<byte[], byte[]>> records) {
        return Mono.fromSupplier(() -> decode(records));
    }

    @Override
    public Mono<Tally> write(PostgresqlConnection connection, Rows<ErasureRow> rows) {
        return writeOverExisting(connection, rows.rows());
    }

    @Override
    public Mono<Tally> writeOverExisting(PostgresqlConnection connection, List<ErasureRow> rows) {
        return rows.isEmpty()
                ? Mono.just(Tally.NONE)
                : owners.holdAllAlone(connection)
                        .then(Mono.defer(() -> record(connection, rows)))
                        .thenReturn(new Tally(rows.size(), 0));
    }

    @Override
    public void onConflict() {}

    @Override
    public void onRefusal() {}

    private static Mono<Void> record(PostgresqlConnection connection, List<ErasureRow> rows) {
        return connection
                .createStatement(RECORD)
                .bind("$1", texts(rows, Erasure::projectId))
                .bind("$2", texts(rows, Erasure::userId))
                .bind("$3", texts(rows, ErasureTable::receivedBefore))
                .execute()
                .flatMap(PostgresqlResult::getRowsUpdated)
                .then();
    }

    private static String receivedBefore(Erasure erasure) {
        return Instant.ofEpochMilli(erasure.receivedBeforeMillis()).toString();
    }

    private static String[] texts(List<ErasureRow> rows, Function<Erasure, String> field) {
        return rows.stream().map(ErasureRow::erasure).map(field).toArray(String[]::new);
    }

    private static Rows<ErasureRow> decode(List<ConsumerRecord<byte[], byte[]>> records) {
        Map<User, ErasureRow> furthest = new LinkedHashMap<>();
        List<Rejected> rejected = new ArrayList<>();
        for (ConsumerRecord<byte[], byte[]> origin : records) {
            try {
                ErasureRow row = new ErasureRow(origin, erasureOf(origin));
                furthest.merge(User.of(row.erasure()), row, ErasureTable::further);
            } catch (MalformedRecordException e) {
                rejected.add(Rejected.malformed(origin, e));
            }
        }
        int repeated = records.size() - rejected.size() - furthest.size();
        return Rows.of(List.copyOf(furthest.values()), rejected, repeated);
    }

    private static ErasureRow further(ErasureRow one, ErasureRow other) {
        return other.erasure().receivedBeforeMillis() > one.erasure().receivedBeforeMillis()
                ? other
                : one;
    }

    private static Erasure erasureOf(ConsumerRecord<byte[], byte[]> origin) {
        byte[] key = origin.key();
        byte[] value = origin.value();
        if (key == null || value == null) {
            throw new MalformedRecordException("record has no " + (key == null ? "key" : "value"));
        }
        return ErasureCodec.decode(key, value);
    }
}
