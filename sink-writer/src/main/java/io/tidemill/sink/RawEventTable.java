package io.tidemill.sink;

import static java.util.Comparator.comparing;
import static java.util.Comparator.comparingLong;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.r2dbc.postgresql.api.PostgresqlResult;
import io.tidemill.contract.DirtyHour;
import io.tidemill.contract.Event;
import io.tidemill.contract.EventCodec;
import io.tidemill.contract.EventIdentity;
import io.tidemill.contract.MalformedRecordException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
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
            CountedFields counted,
            long receivedAtMillis,
            byte[] line)
            implements Row {

        @Override
        public Hour hour() {
            return Hour.of(identity.projectId(), identity.timestampMillis());
        }

        /// Empty when it is nobody's.
        Optional<Receipt> receipt() {
            return Optional.ofNullable(counted.userId())
                    .map(user -> new User(identity.projectId(), user))
                    .map(user -> new Receipt(user, receivedAtMillis));
        }

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

    /// Leaves a mark for each hour of the raw table in which it inserts.
    private static final String MERGE =
            """
            WITH inserted AS (
                INSERT INTO analytics.events (%1$s)
                SELECT %1$s
                  FROM pg_temp.events_stage
                 ORDER BY timestamp, project_id, event_id
                ON CONFLICT DO NOTHING
                RETURNING project_id, timestamp),
            marks AS (
                INSERT INTO pipeline.hour_marks (project_id, hour)
                SELECT project_id, hour
                  FROM pipeline.raw_hours
                  JOIN (SELECT DISTINCT project_id, date_trunc('hour', timestamp, 'UTC') AS hour FROM inserted) AS changed
                       USING (project_id, hour))
            SELECT count(*) AS inserted FROM inserted
            """
                    .formatted(CopyText.COLUMNS);

    /// Announces the hours of rows that are there with other content, as rollups see it: which of
    /// the two was counted, the topology alone knows. The inner LIMIT keeps it a look-up per row.
    private static final String ANNOUNCE_UNLIKE =
            """
            INSERT INTO pipeline.pending_hours (project_id, hour, reason)
            SELECT DISTINCT staged.project_id, date_trunc('hour', staged.timestamp, 'UTC'), $1
              FROM pg_temp.events_stage AS staged
             CROSS JOIN LATERAL (
                   SELECT event_type, user_id, session_id, tool_name, properties
                     FROM analytics.events
                    WHERE project_id = staged.project_id AND timestamp = staged.timestamp AND event_id = staged.event_id
                    LIMIT 1) AS held
             WHERE (staged.event_type, staged.user_id, staged.session_id, staged.tool_name,
                    CASE WHEN staged.event_type = 'risk_mode_changed' THEN staged.properties -> 'risk_mode' END,
                    CASE WHEN analytics.reads_properties(staged.project_id, date_trunc('hour', staged.timestamp, 'UTC')) THEN staged.properties END)
                   IS DISTINCT FROM
                   (held.event_type, held.user_id, held.session_id, held.tool_name,
                    CASE WHEN held.event_type = 'risk_mode_changed' THEN held.properties -> 'risk_mode' END,
                    CASE WHEN analytics.reads_properties(staged.project_id, date_trunc('hour', staged.timestamp, 'UTC')) THEN held.properties END)
               AND NOT EXISTS (SELECT FROM pipeline.raw_hours AS raw
                                WHERE raw.project_id = staged.project_id
                                  AND raw.hour = date_trunc('hour', staged.timestamp, 'UTC'))
            """;

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
    private final HourOwners owners;
    private final AtomicInteger staged = new AtomicInteger();

    RawEventTable(EventPartitions partitions, HourOwners owners) {
        this.partitions = partitions;
        this.owners = owners;
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

    /// Events of users who are erased are set aside.
    @Override
    public Mono<Rows<EventRow>> admitted(PostgresqlConnection connection, Rows<EventRow> rows) {
        Stream<Optional<Receipt>> receipts =
                Stream.concat(
                        rows.rows().stream().map(EventRow::receipt),
                        rows.rejected().stream().map(r -> Receipt.of(r.origin())));
        Set<User> users =
                receipts.flatMap(Optional::stream).map(Receipt::user).collect(Collectors.toSet());
        return ErasedUsers.among(connection, users)
                .map(erased -> erased.isEmpty() ? rows : withoutErased(rows, erased));
    }

    @Override
    public Mono<Tally> write(PostgresqlConnection connection, Rows<EventRow> rows) {
        if (staged.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
            return writeOverExisting(connection, rows.rows());
        }
        return copy(connection, COPY, rows.rows())
                .map(count -> new Tally(count, 0))
                .delayUntil(_ -> owners.mark(connection, rows.hours()));
    }

    @Override
    public Mono<Tally> writeOverExisting(PostgresqlConnection connection, List<EventRow> rows) {
        return execute(connection, STAGE)
                .then(copy(connection, COPY_TO_STAGE, rows))
                .then(merge(connection))
                .map(inserted -> new Tally(inserted, rows.size() - inserted))
                .delayUntil(tally -> announceUnlike(connection, tally))
                .delayUntil(_ -> execute(connection, EMPTY_STAGE))
                .doOnNext(this::noteCopies);
    }

    @Override
    public Rows<EventRow> withoutFinal(Rows<EventRow> rows, Set<Hour> finalHours) {
        return rows.withExpired(finalHours);
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

    private static Mono<Long> merge(PostgresqlConnection connection) {
        return connection
                .createStatement(MERGE)
                .execute()
                .flatMap(result -> result.map((row, _) -> Columns.number(row, "inserted")))
                .next();
    }

    private static Mono<Void> announceUnlike(PostgresqlConnection connection, Tally tally) {
        return tally.unchanged() == 0
                ? Mono.empty()
                : connection
                        .createStatement(ANNOUNCE_UNLIKE)
                        .bind("$1", DirtyHour.NOT_STORED)
                        .execute()
                        .flatMap(PostgresqlResult::getRowsUpdated)
                        .then();
    }

    private static Rows<EventRow> decode(List<ConsumerRecord<byte[], byte[]>> records) {
        CopyText text = new CopyText();
        Map<EventIdentity, EventRow> firsts = new LinkedHashMap<>(records.size() * 2);
        List<Rejected> rejected = new ArrayList<>();
        Set<Hour> unlike = new HashSet<>();
        Set<Hour> unlikeBySettings = new HashSet<>();
        for (ConsumerRecord<byte[], byte[]> origin : records) {
            try {
                Event event = EventCodec.decode(valueOf(origin));
                EventRow first = firsts.get(event.identity());
                if (first == null) {
                    firsts.put(event.identity(), row(origin, event, text));
                } else if (!first.counted().isAlikeButForSettings(CountedFields.of(event))) {
                    unlike.add(first.hour());
                } else if (!first.counted().equals(CountedFields.of(event))) {
                    unlikeBySettings.add(first.hour());
                }
            } catch (MalformedRecordException e) {
                rejected.add(Rejected.malformed(origin, e));
            }
        }
        int repeated = records.size() - rejected.size() - firsts.size();
        return Rows.of(
                firsts.values().stream().sorted(BY_KEY).toList(),
                rejected,
                repeated,
                unlike,
                unlikeBySettings);
    }

    private static EventRow row(ConsumerRecord<byte[], byte[]> origin, Event event, CopyText text) {
        return new EventRow(
                origin,
                event.identity(),
                CountedFields.of(event),
                event.receivedAtMillis(),
                text.line(event));
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
                rejected.add(
                        new Rejected(row.origin(), "timestamp_out_of_window", detail, row.hour()));
            }
        }
        return Rows.of(stored, rejected, rows.repeated(), rows.unlike(), rows.unlikeBySettings());
    }

    private static Rows<EventRow> withoutErased(Rows<EventRow> rows, ErasedUsers erased) {
        List<EventRow> stored = new ArrayList<>(rows.rows().size());
        List<Rejected> rejected = new ArrayList<>();
        for (EventRow row : rows.rows()) {
            if (row.receipt().filter(erased::cover).isPresent()) {
                rejected.add(Rejected.erased(row.origin(), row.hour()));
            } else {
                stored.add(row);
            }
        }
        for (Rejected other : rows.rejected()) {
            boolean covered = Receipt.of(other.origin()).filter(erased::cover).isPresent();
            rejected.add(covered ? Rejected.erased(other.origin(), other.hour()) : other);
        }
        return Rows.of(stored, rejected, rows.repeated(), rows.unlike(), rows.unlikeBySettings());
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
