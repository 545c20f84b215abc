package io.tidemill.sink;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.r2dbc.pool.ConnectionPool;
import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.tidemill.contract.DirtyHour;
import io.tidemill.contract.Event;
import io.tidemill.contract.EventCodec;
import io.tidemill.contract.HourlyRollup;
import io.tidemill.contract.RollupCodec;
import io.tidemill.contract.sketch.HourlySketches;
import io.tidemill.sink.PartitionBuffer.Batch;
import io.tidemill.storage.PostgresPool;
import io.tidemill.storage.PostgresUrl;
import io.tidemill.testkit.TestPostgres;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import reactor.core.publisher.Mono;

/// A database of its own, and the real transactions of those that write hours, each when a test
/// says so. Each batch comes from a partition of its own: offsets have tests of their own.
final class StoredHours implements AutoCloseable {

    final PostgresUrl postgres = TestPostgres.shared().freshDatabase();
    final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    final SinkMetrics metrics = new SinkMetrics(registry);
    private final ConnectionPool pool =
            PostgresPool.open(postgres, "test", 12, Duration.ofSeconds(20));
    final Transactions transactions = new Transactions(pool, Duration.ofSeconds(20));
    final HourOwners owners = new HourOwners();
    final HourKeeper keeper =
            new HourKeeper(owners, new Recomputation(), transactions, transactions, metrics);
    final EventPartitions partitions = new EventPartitions(transactions);
    private final BatchWriter writer =
            new BatchWriter(
                    transactions,
                    new OffsetTable("test"),
                    owners,
                    new RejectedEventTable(),
                    Map.of(
                            "events", new RawEventTable(partitions, owners),
                            "rollups", new RollupTable(),
                            "dirty", new DirtyHourTable(owners)),
                    metrics);
    private final AtomicInteger kafkaPartitions = new AtomicInteger();

    void store(List<Event> events) {
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        events.forEach(event -> records.add(Records.record(0, EventCodec.encode(event))));
        write("events", records);
    }

    void apply(HourlyRollup rollup) {
        byte[] key = RollupCodec.encodeKey(rollup.key());
        write("rollups", List.of(Records.record(key, RollupCodec.encode(rollup))));
    }

    void apply(HourlySketches sketches) {
        byte[] key = RollupCodec.encodeKey(sketches.key());
        write("rollups", List.of(Records.record(key, sketches.bytes())));
    }

    void announce(Hour hour) {
        DirtyHour dirty = new DirtyHour(hour.projectId(), hour.millis(), DirtyHour.LATE);
        write("dirty", List.of(Records.announcement(dirty)));
    }

    /// From now on days come and go by a clock that stands still until it is set again.
    void setClock(Instant instant) throws SQLException {
        execute(
                "CREATE OR REPLACE FUNCTION pipeline.clock() RETURNS timestamptz LANGUAGE sql STABLE AS $$ SELECT timestamptz '%s' $$"
                        .formatted(instant));
    }

    void setCompleteThrough(Instant instant) throws SQLException {
        execute(
                "INSERT INTO pipeline.completeness (complete_through) VALUES ('%s') ON CONFLICT (only_row) DO UPDATE SET complete_through = EXCLUDED.complete_through"
                        .formatted(instant));
    }

    <T> T inTransaction(Function<PostgresqlConnection, Mono<T>> work) {
        T result = transactions.run(work).block();
        if (result == null) {
            throw new IllegalStateException("the transaction gave nothing");
        }
        return result;
    }

    long number(String sql) throws SQLException {
        return Long.parseLong(text(sql));
    }

    /// The first column of the first row.
    String text(String sql) throws SQLException {
        return Stored.text(postgres, sql);
    }

    void execute(String sql) throws SQLException {
        Stored.execute(postgres, sql);
    }

    @Override
    public void close() {
        pool.dispose();
    }

    private void write(String topic, List<ConsumerRecord<byte[], byte[]>> records) {
        TopicPartition partition = new TopicPartition(topic, kafkaPartitions.getAndIncrement());
        writer.write(new Batch(partition, OptionalLong.empty(), 1, records)).block();
    }
}
