package io.tidemill.sink;

import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.r2dbc.postgresql.api.PostgresqlResult;
import io.tidemill.contract.CohortCell;
import io.tidemill.contract.CohortCodec;
import io.tidemill.contract.CohortCount;
import io.tidemill.contract.MalformedRecordException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/// `analytics.retention_cohorts`: of each cell the newest revision, however late an older one
/// arrives. A cell without users has no row.
final class CohortTable implements RecordTable<CohortTable.CohortRow> {

    record CohortRow(ConsumerRecord<byte[], byte[]> origin, CohortCount count) implements Row {

        /// Cells are no hour's, and nobody recomputes them.
        @Override
        public @Nullable Hour hour() {
            return null;
        }
    }

    private static final Comparator<CohortCell> ORDER =
            Comparator.comparing(CohortCell::projectId)
                    .thenComparingLong(CohortCell::cohortDay)
                    .thenComparingInt(CohortCell::dayNumber);

    /// Locks the cells in the order of their keys (a row is locked even when it is newer and stays)
    /// and gives those that the batch brings forward.
    private static final String GUARD =
            """
            INSERT INTO pipeline.cohort_cells AS known (project_id, cohort_day, day_number, revision)
            SELECT project_id, date '1970-01-01' + epoch_day::int, day_number, revision
              FROM unnest($1::text[], $2::bigint[], $3::int[], $4::bigint[])
                   AS each (project_id, epoch_day, day_number, revision)
             ORDER BY 1, 2, 3
            ON CONFLICT (project_id, cohort_day, day_number) DO UPDATE SET revision = EXCLUDED.revision
             WHERE known.revision < EXCLUDED.revision
            RETURNING project_id, (cohort_day - date '1970-01-01')::bigint AS epoch_day, day_number::bigint AS day_number
            """;

    /// A statement after the guard, so that it sees what the writer before it committed.
    private static final String APPLY =
            """
            WITH incoming AS MATERIALIZED (
                SELECT project_id, date '1970-01-01' + epoch_day::int AS cohort_day, day_number, users
                  FROM unnest($1::text[], $2::bigint[], $3::int[], $4::bigint[])
                       AS each (project_id, epoch_day, day_number, users)),
            gone AS (
                DELETE FROM analytics.retention_cohorts AS old
                 USING incoming
                 WHERE old.project_id = incoming.project_id AND old.cohort_day = incoming.cohort_day
                   AND old.day_number = incoming.day_number AND incoming.users = 0)
            INSERT INTO analytics.retention_cohorts (project_id, cohort_day, day_number, users)
            SELECT project_id, cohort_day, day_number, users
              FROM incoming
             WHERE users > 0
             ORDER BY project_id, cohort_day, day_number
            ON CONFLICT (project_id, cohort_day, day_number) DO UPDATE SET users = EXCLUDED.users
            """;

    @Override
    public String name() {
        return "retention_cohorts";
    }

    @Override
    public Mono<Rows<CohortRow>> read(List<ConsumerRecord<byte[], byte[]>> records) {
        return Mono.fromSupplier(() -> decode(records));
    }

    @Override
    public Mono<Tally> write(PostgresqlConnection connection, Rows<CohortRow> rows) {
        return writeOverExisting(connection, rows.rows());
    }

    @Override
    public Mono<Tally> writeOverExisting(PostgresqlConnection connection, List<CohortRow> rows) {
        if (rows.isEmpty()) {
            return Mono.just(Tally.NONE);
        }
        return bringForward(connection, rows)
                .map(newer ->
                        rows.stream().filter(row -> newer.contains(row.count().cell())).toList())
                .delayUntil(newer -> apply(connection, newer))
                .map(newer -> new Tally(newer.size(), rows.size() - newer.size()));
    }

    @Override
    public void onConflict() {}

    @Override
    public void onRefusal() {}

    private static Rows<CohortRow> decode(List<ConsumerRecord<byte[], byte[]>> records) {
        Map<CohortCell, CohortRow> newest = new TreeMap<>(ORDER);
        List<Rejected> rejected = new ArrayList<>();
        for (ConsumerRecord<byte[], byte[]> origin : records) {
            try {
                CohortRow row = new CohortRow(origin, countOf(origin));
                newest.merge(row.count().cell(), row, CohortTable::newer);
            } catch (MalformedRecordException e) {
                rejected.add(Rejected.malformed(origin, e));
            }
        }
        int repeated = records.size() - rejected.size() - newest.size();
        return Rows.of(List.copyOf(newest.values()), rejected, repeated);
    }

    private static CohortRow newer(CohortRow one, CohortRow other) {
        return other.count().revision() > one.count().revision() ? other : one;
    }

    private static CohortCount countOf(ConsumerRecord<byte[], byte[]> origin) {
        byte[] key = origin.key();
        byte[] value = origin.value();
        if (key == null || value == null) {
            throw new MalformedRecordException("record has no " + (key == null ? "key" : "value"));
        }
        return CohortCodec.decode(key, value);
    }

    private static Mono<Set<CohortCell>> bringForward(
            PostgresqlConnection connection, List<CohortRow> rows) {
        return connection
                .createStatement(GUARD)
                .bind("$1", projects(rows))
                .bind("$2", numbers(rows, count -> count.cell().cohortDay()))
                .bind("$3", dayNumbers(rows))
                .bind("$4", numbers(rows, CohortCount::revision))
                .execute()
                .flatMap(result -> result.map((row, _) -> cell(row)))
                .collect(Collectors.toSet());
    }

    private static CohortCell cell(io.r2dbc.spi.Row row) {
        return new CohortCell(
                Columns.text(row, "project_id"),
                Columns.number(row, "epoch_day"),
                (int) Columns.number(row, "day_number"));
    }

    private static Mono<Void> apply(PostgresqlConnection connection, List<CohortRow> rows) {
        return rows.isEmpty()
                ? Mono.empty()
                : connection
                        .createStatement(APPLY)
                        .bind("$1", projects(rows))
                        .bind("$2", numbers(rows, count -> count.cell().cohortDay()))
                        .bind("$3", dayNumbers(rows))
                        .bind("$4", numbers(rows, CohortCount::users))
                        .execute()
                        .flatMap(PostgresqlResult::getRowsUpdated)
                        .then();
    }

    private static String[] projects(List<CohortRow> rows) {
        return rows.stream().map(row -> row.count().cell().projectId()).toArray(String[]::new);
    }

    private static Long[] numbers(List<CohortRow> rows, Function<CohortCount, Long> field) {
        return rows.stream().map(CohortRow::count).map(field).toArray(Long[]::new);
    }

    private static Integer[] dayNumbers(List<CohortRow> rows) {
        return rows.stream().map(row -> row.count().cell().dayNumber()).toArray(Integer[]::new);
    }
}
