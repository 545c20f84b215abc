package io.tidemill.sink;

import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.r2dbc.pool.ConnectionPool;
import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.tidemill.contract.Event;
import io.tidemill.contract.EventCodec;
import io.tidemill.sink.PartitionBuffer.Batch;
import io.tidemill.storage.PostgresPool;
import io.tidemill.storage.PostgresUrl;
import io.tidemill.testkit.TestPostgres;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/// A database and all who write to it, without Kafka: batches come from the test.
final class OwnershipFixture implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    final PostgresUrl postgres = TestPostgres.shared().freshDatabase();
    private final ConnectionPool pool =
            PostgresPool.open(postgres, "test", 12, Duration.ofSeconds(20));
    final Transactions transactions = new Transactions(pool, Duration.ofSeconds(20));
    final HourOwners owners = new HourOwners();
    final Recomputation recomputation = new Recomputation();
    final SinkMetrics metrics = new SinkMetrics(new SimpleMeterRegistry());
    final HourKeeper keeper =
            new HourKeeper(owners, recomputation, transactions, transactions, metrics);
    private final BatchWriter writer =
            new BatchWriter(
                    transactions,
                    new OffsetTable("test"),
                    owners,
                    new RejectedEventTable(),
                    Map.of(
                            "events", new RawEventTable(new EventPartitions(transactions), owners),
                            "rollups", new RollupTable(),
                            "dirty", new DirtyHourTable(owners),
                            "erasures", new ErasureTable(owners)),
                    metrics);
    private final Map<TopicPartition, Long> offsets = new HashMap<>();

    void store(List<Event> events) {
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        events.forEach(event -> records.add(record(event)));
        writing("events", 0, records).block();
    }

    /// @param records of a topic, or events
    void write(String topic, int partition, Object... records) {
        List<ConsumerRecord<byte[], byte[]>> batch = new ArrayList<>();
        for (Object each : records) {
            if (each instanceof Event event) {
                batch.add(record(event));
            } else if (each instanceof ConsumerRecord<?, ?> record) {
                batch.add(Records.record((byte[]) record.key(), (byte[]) record.value()));
            }
        }
        writing(topic, partition, batch).block();
    }

    /// From whatever offset stands there: offsets have tests of their own.
    Mono<Void> writing(String topic, int partition, List<ConsumerRecord<byte[], byte[]>> records) {
        TopicPartition origin = new TopicPartition(topic, partition);
        return Mono.defer(() -> {
            Long before = stored(origin);
            long first = before == null ? 0 : before;
            List<ConsumerRecord<byte[], byte[]>> placed = new ArrayList<>();
            records.forEach(record ->
                    placed.add(
                            Records.record(first + placed.size(), record.key(), record.value())));
            long next = first + Math.max(1, records.size());
            OptionalLong expected = before == null ? OptionalLong.empty() : OptionalLong.of(before);
            return writer.write(new Batch(origin, expected, next, placed))
                    .doOnSuccess(_ -> store(origin, next));
        });
    }

    /// As after the loss of all offsets: topics are read from their beginning.
    void forgetOffsets() throws Exception {
        execute("DELETE FROM pipeline.consumer_offsets");
        synchronized (offsets) {
            offsets.clear();
        }
    }

    /// As a restored backup may bring it back.
    void restoreRow(Event event) throws Exception {
        execute(
                "INSERT INTO analytics.events (project_id, event_id, timestamp, event_type, user_id, demo_mode, received_at) VALUES ('%s', '%s', to_timestamp(%d / 1000.0), '%s', '%s', false, to_timestamp(%d / 1000.0))"
                        .formatted(
                                event.projectId(),
                                event.eventId(),
                                event.timestampMillis(),
                                event.eventType(),
                                event.userId(),
                                event.receivedAtMillis()));
    }

    Mono<Void> insert(PostgresqlConnection connection, Event event) {
        RawEventTable table = new RawEventTable(new EventPartitions(transactions), owners);
        return table.read(List.of(record(event)))
                .flatMap(rows -> table.write(connection, rows))
                .then();
    }

    void awaitQuiet() {
        await().atMost(PATIENCE)
                .until(() -> {
                    keeper.round().block();
                    return text("SELECT count(*) FROM pipeline.held_hours").equals("0");
                });
    }

    void awaitLockWait() {
        await().atMost(PATIENCE)
                .until(() ->
                        !text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())")
                                .equals("0"));
    }

    List<Event> rows() throws Exception {
        return Stored.events(postgres);
    }

    /// The first column of the first row.
    String text(String sql) throws Exception {
        return Stored.text(postgres, sql);
    }

    void execute(String sql) throws Exception {
        Stored.execute(postgres, sql);
    }

    @Override
    public void close() {
        pool.dispose();
    }

    private static ConsumerRecord<byte[], byte[]> record(Event event) {
        return Records.record(event.routingKey().bytes(), EventCodec.encode(event));
    }

    /// Null while none is stored.
    private @Nullable Long stored(TopicPartition partition) {
        synchronized (offsets) {
            return offsets.get(partition);
        }
    }

    private void store(TopicPartition partition, long next) {
        synchronized (offsets) {
            offsets.merge(partition, next, Math::max);
        }
    }
}
