package io.tidemill.sink;

import static java.util.Comparator.comparing;
import static java.util.Comparator.comparingLong;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.r2dbc.postgresql.api.PostgresqlResult;
import io.tidemill.contract.Event;
import io.tidemill.contract.EventCodec;
import io.tidemill.contract.EventIdentity;
import io.tidemill.contract.MalformedRecordException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/// `analytics.events`: each identity once, the first copy of it, whole.
///
/// New rows are copied straight in; where some are there already, through a stage of the session
/// that leaves those out. Thread-safe.
final class RawEventTable implements RecordTable<RawEventTable.EventRow> {

    /// @param line of the COPY
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record EventRow(
            ConsumerRecord<byte[], byte[]> origin,
            EventIdentity identity,
            long receivedAtMillis,
            byte[] line)
            implements Row {

        long day() {
            return Math.floorDiv(identity.timestampMillis(), EventPartitions.DAY_MILLIS);
        }
    }

    private static final String COPY =
            "COPY analytics.events (" + CopyText.COLUMNS + ") FROM STDIN";
    private static final String STAGE =
            "CREATE TEMPORARY TABLE IF NOT EXISTS events_stage (LIKE analytics.events)"
                    + " ON COMMIT DELETE ROWS";
    private static final String COPY_TO_STAGE =
            "COPY pg_temp.events_stage (" + CopyText.COLUMNS + ") FROM STDIN";
    private static final String MERGE =
            "INSERT INTO analytics.events ("
                    + CopyText.COLUMNS
                    + ") SELECT "
                    + CopyText.COLUMNS
                    + " FROM pg_temp.events_stage ORDER BY timestamp, project_id, event_id"
                    + " ON CONFLICT DO NOTHING";
    private static final String EMPTY_STAGE = "TRUNCATE pg_temp.events_stage";

    /// Batches that go through the stage after a conflict: where one copy came, more follow.
    private static final int STAGED_AFTER_CONFLICT = 16;

    private static final int CHUNK_BYTES = 128 * 1024;
    private static final Comparator<EventRow> BY_KEY =
            comparing(
                    EventRow::identity,
                    comparingLong(EventIdentity::timestampMillis)
                            .thenComparing(EventIdentity::projectId)
                            .thenComparing(EventIdentity::eventId));

    private final EventPartitions partitions;
    private final AtomicInteger staged = new AtomicInteger();

    RawEventTable(EventPartitions partitions) {
        this.partitions = partitions;
    }

    @Override
    public String name() {
        return "events";
    }

    @Override
    public Mono<Rows<EventRow>> read(List<ConsumerRecord<byte[], byte[]>> records) {
        Rows<EventRow> rows = decode(records);
        Set<Long> days = rows.rows().stream().map(EventRow::day).collect(Collectors.toSet());
        return partitions.prepare(days).map(existing -> withoutOthers(rows, existing));
    }

    @Override
    public Mono<Tally> write(PostgresqlConnection connection, List<EventRow> rows) {
        if (staged.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
            return writeOverExisting(connection, rows);
        }
        return copy(connection, COPY, rows).map(count -> new Tally(count, 0));
    }

    @Override
    public Mono<Tally> writeOverExisting(PostgresqlConnection connection, List<EventRow> rows) {
        return execute(connection, STAGE)
                .then(copy(connection, COPY_TO_STAGE, rows))
                .then(execute(connection, MERGE))
                .delayUntil(_ -> execute(connection, EMPTY_STAGE))
                .map(inserted -> new Tally(inserted, rows.size() - inserted))
                .doOnNext(this::noteCopies);
    }

    @Override
    public void onConflict() {
        staged.set(STAGED_AFTER_CONFLICT);
    }

    @Override
    public void onRefusal() {
        partitions.forget();
    }

    private void noteCopies(Tally tally) {
        if (tally.unchanged() > 0) {
            onConflict();
        }
    }

    private static Rows<EventRow> decode(List<ConsumerRecord<byte[], byte[]>> records) {
        CopyText text = new CopyText();
        Map<EventIdentity, EventRow> firsts = new LinkedHashMap<>(records.size() * 2);
        List<Rejected> rejected = new ArrayList<>();
        int repeated = 0;
        for (ConsumerRecord<byte[], byte[]> origin : records) {
            try {
                Event event = EventCodec.decode(valueOf(origin));
                EventIdentity identity = event.identity();
                if (firsts.containsKey(identity)) {
                    repeated++;
                    continue;
                }
                long receivedAt = event.receivedAtMillis();
                firsts.put(identity, new EventRow(origin, identity, receivedAt, text.line(event)));
            } catch (MalformedRecordException e) {
                rejected.add(
                        new Rejected(origin, "malformed_record", String.valueOf(e.getMessage())));
            }
        }
        return new Rows<>(firsts.values().stream().sorted(BY_KEY).toList(), rejected, repeated);
    }

    private static byte[] valueOf(ConsumerRecord<byte[], byte[]> origin) {
        byte[] value = origin.value();
        if (value == null) {
            throw new MalformedRecordException("record has no value");
        }
        return value;
    }

    private static Rows<EventRow> withoutOthers(Rows<EventRow> rows, Set<Long> existingDays) {
        List<EventRow> stored = new ArrayList<>(rows.rows().size());
        List<Rejected> rejected = new ArrayList<>(rows.rejected());
        for (EventRow row : rows.rows()) {
            if (existingDays.contains(row.day())) {
                stored.add(row);
            } else {
                String detail = "no partition holds the event's timestamp";
                rejected.add(new Rejected(row.origin(), "timestamp_out_of_window", detail));
            }
        }
        return new Rows<>(stored, rejected, rows.repeated());
    }

    private static Mono<Long> execute(PostgresqlConnection connection, String sql) {
        return connection
                .createStatement(sql)
                .execute()
                .flatMap(PostgresqlResult::getRowsUpdated)
                .reduce(0L, Long::sum);
    }

    private static Mono<Long> copy(
            PostgresqlConnection connection, String sql, List<EventRow> rows) {
        return rows.isEmpty()
                ? Mono.just(0L)
                : Mono.defer(() -> connection.copyIn(sql).fromMany(chunks(rows)).build());
    }

    /// One buffer per message, on the heap: the driver would gather several into one message, and
    /// loses sight of some of them when the copy fails.
    private static Flux<Mono<ByteBuf>> chunks(List<EventRow> rows) {
        return Flux.generate(
                () -> 0,
                (from, sink) -> {
                    if (from == rows.size()) {
                        sink.complete();
                        return from;
                    }
                    int to = chunkEnd(rows, from);
                    byte[][] lines = new byte[to - from][];
                    for (int i = from; i < to; i++) {
                        lines[i - from] = rows.get(i).line();
                    }
                    sink.next(Mono.fromSupplier(() -> joined(lines)));
                    return to;
                });
    }

    private static int chunkEnd(List<EventRow> rows, int from) {
        int to = from;
        int bytes = 0;
        while (to < rows.size()
                && (to == from || bytes + rows.get(to).line().length <= CHUNK_BYTES)) {
            bytes += rows.get(to).line().length;
            to++;
        }
        return to;
    }

    private static ByteBuf joined(byte[][] lines) {
        int bytes = 0;
        for (byte[] line : lines) {
            bytes += line.length;
        }
        byte[] chunk = new byte[bytes];
        int at = 0;
        for (byte[] line : lines) {
            System.arraycopy(line, 0, chunk, at, line.length);
            at += line.length;
        }
        return Unpooled.wrappedBuffer(chunk);
    }
}
