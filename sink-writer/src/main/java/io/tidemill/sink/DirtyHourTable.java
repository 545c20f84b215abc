package io.tidemill.sink;

import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.tidemill.contract.DirtyHour;
import io.tidemill.contract.DirtyHourCodec;
import io.tidemill.contract.MalformedRecordException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import reactor.core.publisher.Mono;

/// `pipeline.pending_hours`: what the topology announces, each hour once a batch.
final class DirtyHourTable implements RecordTable<DirtyHourTable.DirtyHourRow> {

    record DirtyHourRow(ConsumerRecord<byte[], byte[]> origin, DirtyHour dirty) implements Row {

        @Override
        public Hour hour() {
            return new Hour(dirty.projectId(), dirty.hourMillis());
        }
    }

    private final HourOwners owners;

    DirtyHourTable(HourOwners owners) {
        this.owners = owners;
    }

    @Override
    public String name() {
        return "pending_hours";
    }

    @Override
    public Mono<Rows<DirtyHourRow>> read(List<ConsumerRecord<byte[], byte[]>> records) {
        return Mono.fromSupplier(() -> decode(records));
    }

    @Override
    public Mono<Tally> write(PostgresqlConnection connection, Rows<DirtyHourRow> rows) {
        return writeOverExisting(connection, rows.rows());
    }

    @Override
    public Mono<Tally> writeOverExisting(PostgresqlConnection connection, List<DirtyHourRow> rows) {
        return owners.announce(connection, rows.stream().map(DirtyHourRow::dirty).toList())
                .map(announced -> new Tally(announced, rows.size() - announced));
    }

    @Override
    public void onConflict() {}

    @Override
    public void onRefusal() {}

    private static Rows<DirtyHourRow> decode(List<ConsumerRecord<byte[], byte[]>> records) {
        Map<Hour, DirtyHourRow> hours = new TreeMap<>();
        List<Rejected> rejected = new ArrayList<>();
        for (ConsumerRecord<byte[], byte[]> origin : records) {
            try {
                DirtyHourRow row = new DirtyHourRow(origin, dirtyHourOf(origin));
                hours.put(row.hour(), row);
            } catch (MalformedRecordException e) {
                rejected.add(Rejected.malformed(origin, e));
            }
        }
        int repeated = records.size() - rejected.size() - hours.size();
        return Rows.of(List.copyOf(hours.values()), rejected, repeated);
    }

    private static DirtyHour dirtyHourOf(ConsumerRecord<byte[], byte[]> origin) {
        byte[] key = origin.key();
        byte[] value = origin.value();
        if (key == null || value == null) {
            throw new MalformedRecordException("record has no " + (key == null ? "key" : "value"));
        }
        return DirtyHourCodec.decode(key, value);
    }
}
