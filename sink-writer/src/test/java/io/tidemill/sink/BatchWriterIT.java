package io.tidemill.sink;

import static io.tidemill.sink.PipelineFixture.HOUR;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.r2dbc.pool.ConnectionPool;
import io.tidemill.contract.Event;
import io.tidemill.sink.PartitionBuffer.Batch;
import io.tidemill.storage.PostgresPool;
import io.tidemill.storage.PostgresUrl;
import io.tidemill.testkit.Events;
import io.tidemill.testkit.TestPostgres;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

class BatchWriterIT {

    private final PostgresUrl postgres = TestPostgres.shared().freshDatabase();
    private final ConnectionPool pool =
            PostgresPool.open(postgres, "test", 4, Duration.ofSeconds(20));
    private final BatchWriter writer = writer(pool);

    @AfterEach
    void close() {
        pool.dispose();
    }

    @Test
    void ofTwoWritersFromTheSameOffsetOneWins() throws Exception {
        // given
        Batch mine = batch(OptionalLong.empty(), events("mine", 2_000));
        Batch other = batch(OptionalLong.empty(), events("other", 2_000));

        // when
        List<Boolean> won = requireNonNull(Flux.merge(won(mine), won(other)).collectList().block());

        // then
        assertThat(won).containsExactlyInAnyOrder(true, false);
        assertThat(number("SELECT count(*) FROM analytics.events")).isEqualTo(2_000);
        assertThat(
                        number(
                                "SELECT count(DISTINCT split_part(event_id, '-', 1)) FROM analytics.events"))
                .isEqualTo(1);
    }

    @Test
    void aStaleOffsetWritesNothingAndTheConnectionsLiveOn() throws Exception {
        // given
        writer.write(batch(OptionalLong.empty(), events("first", 10))).block();

        // when
        for (int i = 0; i < 10; i++) {
            Batch stale = batch(OptionalLong.of(3), events("stale", 10));
            assertThatThrownBy(() -> writer.write(stale).block())
                    .isInstanceOf(FencedException.class);
        }

        // then
        assertThat(number("SELECT count(*) FROM analytics.events")).isEqualTo(10);
        assertThat(number("SELECT next_offset FROM pipeline.consumer_offsets")).isEqualTo(10);
        assertThat(
                        number(
                                "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'tidemill-test' AND datname = current_database()"))
                .isLessThanOrEqualTo(4);
    }

    @Test
    void aCheckTellsWhetherTheOffsetIsStillThere() {
        writer.write(batch(OptionalLong.empty(), events("check", 10))).block();

        assertThat(won(new Batch(Records.PARTITION, OptionalLong.of(10), 10, List.of())).block())
                .isTrue();
        assertThat(won(new Batch(Records.PARTITION, OptionalLong.of(9), 9, List.of())).block())
                .isFalse();
    }

    @Test
    void rowsThatAreThereAreLeftOutAndTheOthersLand() throws Exception {
        // given
        List<Event> events = events("overlap", 3_000);
        writer.write(batch(OptionalLong.empty(), events.subList(0, 2_000))).block();

        // when
        writer.write(
                        new Batch(
                                Records.PARTITION,
                                OptionalLong.of(2_000),
                                5_000,
                                Records.of(events)))
                .block();

        // then
        assertThat(number("SELECT count(*) FROM analytics.events")).isEqualTo(3_000);
        assertThat(number("SELECT next_offset FROM pipeline.consumer_offsets")).isEqualTo(5_000);
    }

    @Test
    void writersOfTheSameRowsInOppositeOrdersBothFinish() throws Exception {
        // given
        List<Event> events = events("cross", 5_000);
        Batch one = batch(OptionalLong.empty(), events);
        Batch two =
                new Batch(
                        new TopicPartition("events", 1),
                        OptionalLong.empty(),
                        5_000,
                        Records.of(events.reversed()));

        // when
        Mono.when(writer.write(one).retry(5), writer.write(two).retry(5)).block();

        // then
        assertThat(number("SELECT count(*) FROM analytics.events")).isEqualTo(5_000);
    }

    private Mono<Boolean> won(Batch batch) {
        return writer.write(batch)
                .thenReturn(true)
                .onErrorResume(FencedException.class, lost -> Mono.just(false));
    }

    private static BatchWriter writer(ConnectionPool pool) {
        Transactions transactions = new Transactions(pool, Duration.ofSeconds(20));
        EventPartitions partitions = new EventPartitions(transactions);
        return new BatchWriter(
                transactions,
                new OffsetTable("test"),
                new HourOwners(),
                new RejectedEventTable(),
                Map.of("events", new RawEventTable(partitions, new HourOwners())),
                new SinkMetrics(new SimpleMeterRegistry()));
    }

    private static Batch batch(OptionalLong expected, List<Event> events) {
        return new Batch(Records.PARTITION, expected, events.size(), Records.of(events));
    }

    private static List<Event> events(String name, int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> Events.event().id(name + "-" + i).at(HOUR.plusMillis(i)).build())
                .toList();
    }

    private long number(String sql) throws Exception {
        try (Connection connection = TestPostgres.connect(postgres);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        }
    }
}
