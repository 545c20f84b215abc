package io.tidemill.sink;

import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.r2dbc.postgresql.api.PostgresqlResult;
import io.r2dbc.postgresql.api.PostgresqlStatement;
import io.tidemill.contract.HourlyRollup;
import io.tidemill.contract.MalformedRecordException;
import io.tidemill.contract.RollupCodec;
import io.tidemill.contract.RollupKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import reactor.core.publisher.Mono;

/// `analytics.hourly_rollups` and its rows by dimension: of each hour the newest revision, however
/// late an older one arrives.
final class RollupTable implements RecordTable<RollupTable.RollupRow> {

    record RollupRow(ConsumerRecord<byte[], byte[]> origin, HourlyRollup rollup) implements Row {

        @Override
        public Hour hour() {
            return new Hour(rollup.projectId(), rollup.hourMillis());
        }
    }

    /// Locks the hours in the order of their keys (a row is locked even when it is newer and stays)
    /// and gives those that the batch brings forward. Hours of the raw table are not the topology's
    /// to change: what it counts there comes as raw rows, too.
    private static final String GUARD =
            """
            INSERT INTO pipeline.rollup_parts AS known (project_id, hour, part, revision)
            SELECT project_id, hour, $4, revision
              FROM (SELECT project_id, timestamptz 'epoch' + hour_ms * interval '1 ms' AS hour, revision
                      FROM unnest($1::text[], $2::bigint[], $3::bigint[]) AS each (project_id, hour_ms, revision))
                   AS incoming
             WHERE NOT EXISTS (SELECT FROM pipeline.raw_hours AS raw
                                WHERE raw.project_id = incoming.project_id AND raw.hour = incoming.hour)
             ORDER BY 1, 2
            ON CONFLICT (project_id, hour, part) DO UPDATE SET revision = EXCLUDED.revision
             WHERE known.revision < EXCLUDED.revision
            RETURNING project_id, (extract(epoch FROM hour) * 1000)::bigint AS hour_ms
            """;

    /// The end of a statement that begins with the rollups to put in place, as `incoming`.
    static final String PUT_INCOMING =
            """
            counts AS MATERIALIZED (
                SELECT project_id, hour, dimension, each.key AS value, each.value::bigint AS events
                  FROM incoming
                 CROSS JOIN LATERAL (VALUES ('event_type', event_counts),
                                            ('tool', tool_usage),
                                            ('risk_mode', risk_distribution)) AS built_in (dimension, counts)
                 CROSS JOIN LATERAL jsonb_each_text(counts) AS each),
            rollups AS (
                INSERT INTO analytics.hourly_rollups
                       (project_id, hour, revision, total_events, unique_sessions, unique_users,
                        event_counts, tool_usage, risk_distribution)
                SELECT project_id, hour, revision, total_events, unique_sessions, unique_users,
                       event_counts, tool_usage, risk_distribution
                  FROM incoming
                 ORDER BY project_id, hour
                ON CONFLICT (project_id, hour) DO UPDATE
                   SET revision = EXCLUDED.revision, total_events = EXCLUDED.total_events,
                       unique_sessions = EXCLUDED.unique_sessions, unique_users = EXCLUDED.unique_users,
                       event_counts = EXCLUDED.event_counts, tool_usage = EXCLUDED.tool_usage,
                       risk_distribution = EXCLUDED.risk_distribution, updated_at = now()),
            gone AS (
                DELETE FROM analytics.hourly_rollup_dimensions AS old
                 USING incoming
                 WHERE old.project_id = incoming.project_id AND old.hour = incoming.hour
                   AND old.dimension IN ('event_type', 'tool', 'risk_mode')
                   AND NOT EXISTS (SELECT FROM counts
                                    WHERE counts.project_id = old.project_id AND counts.hour = old.hour
                                      AND counts.dimension = old.dimension AND counts.value = old.value))
            INSERT INTO analytics.hourly_rollup_dimensions AS old (project_id, hour, dimension, value, events)
            SELECT project_id, hour, dimension, value, events
              FROM counts
             ORDER BY project_id, hour, dimension, value
            ON CONFLICT (project_id, hour, dimension, value) DO UPDATE SET events = EXCLUDED.events
             WHERE old.events <> EXCLUDED.events
            """;

    /// A statement after the guard, so that it sees what the writer before it committed.
    private static final String APPLY =
            """
            WITH incoming AS MATERIALIZED (
                SELECT project_id, timestamptz 'epoch' + hour_ms * interval '1 ms' AS hour, revision,
                       total_events, unique_sessions, unique_users,
                       event_counts::jsonb, tool_usage::jsonb, risk_distribution::jsonb
                  FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[],
                              $7::text[], $8::text[], $9::text[])
                       AS each (project_id, hour_ms, revision, total_events, unique_sessions, unique_users,
                                event_counts, tool_usage, risk_distribution)),
            """
                    + PUT_INCOMING;

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
                .map(newer -> rows.stream().filter(row -> newer.contains(row.hour())).toList())
                .delayUntil(newer -> apply(connection, newer))
                .map(newer -> new Tally(newer.size(), rows.size() - newer.size()));
    }

    @Override
    public void onConflict() {}

    @Override
    public void onRefusal() {}

    private static Rows<RollupRow> decode(List<ConsumerRecord<byte[], byte[]>> records) {
        Map<Hour, RollupRow> newest = new TreeMap<>();
        List<Rejected> rejected = new ArrayList<>();
        for (ConsumerRecord<byte[], byte[]> origin : records) {
            try {
                RollupRow row = new RollupRow(origin, rollupOf(origin));
                newest.merge(row.hour(), row, RollupTable::newer);
            } catch (MalformedRecordException e) {
                rejected.add(Rejected.malformed(origin, e));
            }
        }
        int repeated = records.size() - rejected.size() - newest.size();
        return Rows.of(List.copyOf(newest.values()), rejected, repeated);
    }

    private static RollupRow newer(RollupRow one, RollupRow other) {
        return other.rollup().revision() > one.rollup().revision() ? other : one;
    }

    private static HourlyRollup rollupOf(ConsumerRecord<byte[], byte[]> origin) {
        byte[] key = origin.key();
        byte[] value = origin.value();
        if (key == null || value == null) {
            throw new MalformedRecordException("record has no " + (key == null ? "key" : "value"));
        }
        RollupKey rollupKey = RollupCodec.decodeKey(key);
        if (!rollupKey.part().equals(RollupKey.HOUR)) {
            throw new MalformedRecordException("part of an hour that this version doesn't know");
        }
        return RollupCodec.decode(rollupKey, value);
    }

    private static Mono<Set<Hour>> bringForward(
            PostgresqlConnection connection, List<RollupRow> rows) {
        return connection
                .createStatement(GUARD)
                .bind("$1", texts(rows, HourlyRollup::projectId))
                .bind("$2", numbers(rows, HourlyRollup::hourMillis))
                .bind("$3", numbers(rows, HourlyRollup::revision))
                .bind("$4", RollupKey.HOUR)
                .execute()
                .flatMap(result -> result.map((row, _) -> Hour.of(row)))
                .collect(Collectors.toSet());
    }

    private static Mono<Void> apply(PostgresqlConnection connection, List<RollupRow> rows) {
        if (rows.isEmpty()) {
            return Mono.empty();
        }
        PostgresqlStatement statement =
                connection
                        .createStatement(APPLY)
                        .bind("$1", texts(rows, HourlyRollup::projectId))
                        .bind("$2", numbers(rows, HourlyRollup::hourMillis))
                        .bind("$3", numbers(rows, HourlyRollup::revision))
                        .bind("$4", numbers(rows, HourlyRollup::totalEvents))
                        .bind("$5", numbers(rows, HourlyRollup::uniqueSessions))
                        .bind("$6", numbers(rows, HourlyRollup::uniqueUsers))
                        .bind("$7", texts(rows, r -> RollupCodec.countsAsJson(r.eventCounts())))
                        .bind("$8", texts(rows, r -> RollupCodec.countsAsJson(r.toolUsage())))
                        .bind(
                                "$9",
                                texts(rows, r -> RollupCodec.countsAsJson(r.riskDistribution())));
        return statement.execute().flatMap(PostgresqlResult::getRowsUpdated).then();
    }

    private static String[] texts(List<RollupRow> rows, Function<HourlyRollup, String> field) {
        return rows.stream().map(RollupRow::rollup).map(field).toArray(String[]::new);
    }

    private static Long[] numbers(List<RollupRow> rows, Function<HourlyRollup, Long> field) {
        return rows.stream().map(RollupRow::rollup).map(field).toArray(Long[]::new);
    }
}
