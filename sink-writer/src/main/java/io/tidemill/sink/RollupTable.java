package io.tidemill.sink;

import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.tidemill.contract.DimensionCounts;
import io.tidemill.contract.HourlyRollup;
import io.tidemill.contract.MalformedRecordException;
import io.tidemill.contract.MeasureNumbers;
import io.tidemill.contract.RollupCodec;
import io.tidemill.contract.RollupKey;
import io.tidemill.contract.sketch.HourlySketches;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import reactor.core.publisher.Mono;

/// The rollups: of each part of an hour the newest revision, however late an older one arrives.
final class RollupTable implements RecordTable<RollupTable.RollupRow> {

    record RollupRow(ConsumerRecord<byte[], byte[]> origin, RollupKey key, RollupPart part)
            implements Row {

        @Override
        public Hour hour() {
            return new Hour(key.projectId(), key.hourMillis());
        }
    }

    private static final Comparator<RollupKey> BY_KEY =
            Comparator.comparing(RollupKey::projectId)
                    .thenComparingLong(RollupKey::hourMillis)
                    .thenComparing(RollupKey::part);

    /// Locks the parts in the order of their keys (a row is locked even when it is newer and stays)
    /// and gives those that the batch brings forward. Hours of the raw table are not the topology's
    /// to change: what it counts there comes as raw rows, too.
    private static final String GUARD =
            """
            INSERT INTO pipeline.rollup_parts AS known (project_id, hour, part, revision)
            SELECT project_id, hour, part, revision
              FROM (SELECT project_id, timestamptz 'epoch' + hour_ms * interval '1 ms' AS hour, part, revision
                      FROM unnest($1::text[], $2::bigint[], $3::text[], $4::bigint[])
                           AS each (project_id, hour_ms, part, revision))
                   AS incoming
             WHERE NOT EXISTS (SELECT FROM pipeline.raw_hours AS raw
                                WHERE raw.project_id = incoming.project_id AND raw.hour = incoming.hour)
             ORDER BY 1, 2, 3
            ON CONFLICT (project_id, hour, part) DO UPDATE SET revision = EXCLUDED.revision
             WHERE known.revision < EXCLUDED.revision
            RETURNING project_id, (extract(epoch FROM hour) * 1000)::bigint AS hour_ms, part
            """;

    @Override
    public String name() {
        return "hourly_rollups";
    }

    @Override
    public Mono<Rows<RollupRow>> read(List<ConsumerRecord<byte[], byte[]>> records) {
        return Mono.fromSupplier(() -> decode(records));
    }

    @Override
    public Mono<Tally> write(PostgresqlConnection connection, Rows<RollupRow> rows) {
        return writeOverExisting(connection, rows.rows());
    }

    @Override
    public Mono<Tally> writeOverExisting(PostgresqlConnection connection, List<RollupRow> rows) {
        if (rows.isEmpty()) {
            return Mono.just(Tally.NONE);
        }
        return bringForward(connection, rows)
                .map(newer -> rows.stream().filter(row -> newer.contains(row.key())).toList())
                .delayUntil(newer -> put(connection, newer))
                .map(newer -> new Tally(newer.size(), rows.size() - newer.size()));
    }

    @Override
    public void onConflict() {}

    @Override
    public void onRefusal() {}

    private static Rows<RollupRow> decode(List<ConsumerRecord<byte[], byte[]>> records) {
        Map<RollupKey, RollupRow> newest = new TreeMap<>(BY_KEY);
        List<Rejected> rejected = new ArrayList<>();
        for (ConsumerRecord<byte[], byte[]> origin : records) {
            try {
                RollupRow row = row(origin);
                newest.merge(row.key(), row, RollupTable::newer);
            } catch (MalformedRecordException e) {
                rejected.add(Rejected.malformed(origin, e));
            }
        }
        int repeated = records.size() - rejected.size() - newest.size();
        return Rows.of(List.copyOf(newest.values()), rejected, repeated);
    }

    private static RollupRow newer(RollupRow one, RollupRow other) {
        return other.part().revision() > one.part().revision() ? other : one;
    }

    private static RollupRow row(ConsumerRecord<byte[], byte[]> origin) {
        byte[] key = origin.key();
        byte[] value = origin.value();
        if (key == null || value == null) {
            throw new MalformedRecordException("record has no " + (key == null ? "key" : "value"));
        }
        RollupKey rollupKey = RollupCodec.decodeKey(key);
        return new RollupRow(origin, rollupKey, RollupPart.of(rollupKey, value));
    }

    private static Mono<Set<RollupKey>> bringForward(
            PostgresqlConnection connection, List<RollupRow> rows) {
        return connection
                .createStatement(GUARD)
                .bind("$1", rows.stream().map(row -> row.key().projectId()).toArray(String[]::new))
                .bind("$2", rows.stream().map(row -> row.key().hourMillis()).toArray(Long[]::new))
                .bind("$3", rows.stream().map(row -> row.key().part()).toArray(String[]::new))
                .bind("$4", rows.stream().map(row -> row.part().revision()).toArray(Long[]::new))
                .execute()
                .flatMap(result -> result.map((row, _) -> key(row)))
                .collect(Collectors.toSet());
    }

    private static RollupKey key(io.r2dbc.spi.Row row) {
        return new RollupKey(
                Columns.text(row, "project_id"),
                Columns.number(row, "hour_ms"),
                Columns.text(row, "part"));
    }

    private static Mono<Void> put(PostgresqlConnection connection, List<RollupRow> rows) {
        List<HourlyRollup> hours = new ArrayList<>();
        List<HourlySketches> sketches = new ArrayList<>();
        List<DimensionCounts> dimensions = new ArrayList<>();
        List<MeasureNumbers> measures = new ArrayList<>();
        for (RollupRow row : rows) {
            switch (row.part()) {
                case RollupPart.OfHour(HourlyRollup rollup) -> hours.add(rollup);
                case RollupPart.OfSketches(HourlySketches ids) -> sketches.add(ids);
                case RollupPart.OfDimension(DimensionCounts counts) -> dimensions.add(counts);
                case RollupPart.OfMeasure(MeasureNumbers numbers) -> measures.add(numbers);
            }
        }
        return HourTable.put(connection, hours)
                .then(Mono.defer(() -> SketchTable.put(connection, sketches)))
                .then(Mono.defer(() -> DimensionTable.put(connection, dimensions)))
                .then(Mono.defer(() -> MeasureTable.put(connection, measures)));
    }
}
