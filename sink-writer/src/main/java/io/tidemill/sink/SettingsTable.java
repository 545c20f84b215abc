package io.tidemill.sink;

import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.r2dbc.postgresql.api.PostgresqlResult;
import io.tidemill.contract.DirtyHour;
import io.tidemill.contract.MalformedRecordException;
import io.tidemill.contract.settings.SettingsCodec;
import io.tidemill.contract.settings.SettingsVersion;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/// `analytics.settings_versions`: by which settings hours are counted.
///
/// A version mostly holds from an hour that nobody counts yet. When some of its hours are there
/// already, by whatever delay, they are announced, or marked: no writer is under way meanwhile, and
/// those after it see the version.
final class SettingsTable implements RecordTable<SettingsTable.SettingsRow> {

    record SettingsRow(ConsumerRecord<byte[], byte[]> origin, SettingsVersion version)
            implements Row {

        /// None: whoever writes settings holds all hours, alone.
        @Override
        public @Nullable Hour hour() {
            return null;
        }
    }

    private static final String PUT =
            """
            INSERT INTO analytics.settings_versions AS known (version, from_hour, settings)
            VALUES ($1, timestamptz 'epoch' + $2 * interval '1 ms', $3::jsonb)
            ON CONFLICT (version) DO UPDATE SET from_hour = EXCLUDED.from_hour, settings = EXCLUDED.settings
             WHERE (known.from_hour, known.settings) IS DISTINCT FROM (EXCLUDED.from_hour, EXCLUDED.settings)
            """;

    private static final String ANNOUNCE =
            """
            INSERT INTO pipeline.pending_hours (project_id, hour, reason)
            SELECT DISTINCT project_id, hour, $2
              FROM pipeline.rollup_parts AS part
             WHERE hour >= timestamptz 'epoch' + $1 * interval '1 ms'
               AND NOT EXISTS (SELECT FROM pipeline.raw_hours AS raw
                                WHERE raw.project_id = part.project_id AND raw.hour = part.hour)
            """;

    private static final String MARK =
            """
            INSERT INTO pipeline.hour_marks (project_id, hour)
            SELECT project_id, hour
              FROM pipeline.raw_hours
             WHERE hour >= timestamptz 'epoch' + $1 * interval '1 ms'
            """;

    private final HourOwners owners;

    SettingsTable(HourOwners owners) {
        this.owners = owners;
    }

    @Override
    public String name() {
        return "settings_versions";
    }

    @Override
    public Mono<Rows<SettingsRow>> read(List<ConsumerRecord<byte[], byte[]>> records) {
        return Mono.fromSupplier(() -> decode(records));
    }

    @Override
    public Mono<Tally> write(PostgresqlConnection connection, Rows<SettingsRow> rows) {
        return writeOverExisting(connection, rows.rows());
    }

    @Override
    public Mono<Tally> writeOverExisting(PostgresqlConnection connection, List<SettingsRow> rows) {
        return rows.isEmpty()
                ? Mono.just(Tally.NONE)
                : owners.holdAllAlone(connection)
                        .thenMany(Flux.fromIterable(rows))
                        .concatMap(row -> put(connection, row.version()))
                        .reduce(Tally.NONE, Tally::plus);
    }

    @Override
    public void onConflict() {}

    @Override
    public void onRefusal() {}

    private static Mono<Tally> put(PostgresqlConnection connection, SettingsVersion version) {
        return connection
                .createStatement(PUT)
                .bind("$1", version.version())
                .bind("$2", version.fromHourMillis())
                .bind("$3", SettingsCodec.text(version.settings()))
                .execute()
                .flatMap(PostgresqlResult::getRowsUpdated)
                .reduce(0L, Long::sum)
                .delayUntil(changed -> changed == 0 ? Mono.empty() : recount(connection, version))
                .map(changed -> new Tally(changed, 1 - changed));
    }

    private static Mono<Void> recount(PostgresqlConnection connection, SettingsVersion version) {
        return connection
                .createStatement(ANNOUNCE)
                .bind("$1", version.fromHourMillis())
                .bind("$2", DirtyHour.SETTINGS)
                .execute()
                .flatMap(PostgresqlResult::getRowsUpdated)
                .thenMany(
                        Flux.defer(() ->
                                connection
                                        .createStatement(MARK)
                                        .bind("$1", version.fromHourMillis())
                                        .execute()
                                        .flatMap(PostgresqlResult::getRowsUpdated)))
                .then();
    }

    private static Rows<SettingsRow> decode(List<ConsumerRecord<byte[], byte[]>> records) {
        Map<Integer, SettingsRow> newest = new TreeMap<>();
        List<Rejected> rejected = new ArrayList<>();
        for (ConsumerRecord<byte[], byte[]> origin : records) {
            try {
                SettingsVersion version = versionOf(origin);
                newest.put(version.version(), new SettingsRow(origin, version));
            } catch (MalformedRecordException e) {
                rejected.add(Rejected.malformed(origin, e));
            }
        }
        int repeated = records.size() - rejected.size() - newest.size();
        return Rows.of(List.copyOf(newest.values()), rejected, repeated);
    }

    private static SettingsVersion versionOf(ConsumerRecord<byte[], byte[]> origin) {
        byte[] value = origin.value();
        if (value == null) {
            throw new MalformedRecordException("record has no value");
        }
        return SettingsCodec.decode(value);
    }
}
