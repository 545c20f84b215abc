package io.tidemill.sink;

import static io.tidemill.sink.PipelineFixture.PATIENCE;
import static io.tidemill.sink.PipelineFixture.events;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tidemill.contract.Event;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What a sink finds when it starts, or when something was done behind its back.
class SinkRecoveryIT {

    private static final String KILL =
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    + " WHERE application_name = 'tidemill-sink' AND datname = current_database()";

    private final PipelineFixture pipeline = new PipelineFixture(3);

    @AfterEach
    void close() {
        pipeline.close();
    }

    @Test
    void aConnectionKilledInTheMiddleLosesNothing() throws Exception {
        // given
        SinkWriter sink =
                pipeline.startSink(
                        new SinkConfig(
                                500,
                                8 << 20,
                                64 << 20,
                                2,
                                Duration.ofSeconds(20),
                                SinkConfig.Counting.DEFAULT,
                                SinkConfig.Keeping.DEFAULT));
        List<Event> events = events("killed", 20_000);

        pipeline.send(events.subList(0, 1_000));
        pipeline.awaitEvents(1_000);

        // when
        for (int from = 1_000; from < events.size(); from += 500) {
            pipeline.send(events.subList(from, from + 500));
            pipeline.execute(KILL);
        }

        // then
        pipeline.awaitEvents(20_000);
        pipeline.awaitRows(
                "SELECT sum(next_offset) FROM pipeline.consumer_offsets WHERE topic LIKE '%events'",
                20_000);
        await().atMost(PATIENCE).until(() -> sink.health().isUp());
    }

    @Test
    void aRestartedSinkContinuesWhereTheRowsEnd() throws Exception {
        // given
        List<Event> events = events("restart", 2_000);
        SinkWriter first = pipeline.startSink();
        pipeline.send(events.subList(0, 1_000));
        pipeline.awaitEvents(1_000);
        first.close();

        // when
        pipeline.send(events.subList(1_000, 2_000));
        pipeline.startSink();

        // then
        pipeline.awaitEvents(2_000);
        assertThat(rows("unchanged")).isZero();
    }

    @Test
    void partitionsThatAreAddedAreRead() throws Exception {
        // given
        pipeline.startSink();
        pipeline.send(events("before", 10));
        pipeline.awaitEvents(10);

        // when
        withAdmin(admin ->
                admin.createPartitions(
                                Map.of(pipeline.topics.events(), NewPartitions.increaseTo(5)))
                        .all());
        await().ignoreExceptions()
                .atMost(PATIENCE)
                .until(() -> {
                    pipeline.sendTo(4, events("grown", 10));
                    return true;
                });

        // then
        pipeline.awaitEvents(20);
    }

    @Test
    void aWriterWithAStaleOffsetWritesNothing() throws Exception {
        // given
        pipeline.startSink();
        pipeline.send(events("fenced", 100));
        pipeline.awaitEvents(100);
        pipeline.awaitStored(100);

        // when
        pipeline.execute(
                "UPDATE pipeline.consumer_offsets SET next_offset = 0 WHERE topic LIKE '%events'");
        pipeline.execute("TRUNCATE analytics.events");

        // then: it notices by itself, and reads again from what is stored
        pipeline.awaitEvents(100);
        pipeline.awaitStored(100);
        assertThat(pipeline.counter("tidemill.sink.fenced")).isPositive();
    }

    @Test
    void twoSinksShareTheWorkAndOneTakesOverWhenTheOtherLeaves() throws Exception {
        // given
        SinkWriter first = pipeline.startSink();
        SinkWriter second = pipeline.startSink();
        List<Event> events = events("shared", 6_000);

        // when
        pipeline.send(events.subList(0, 3_000));
        first.close();
        pipeline.send(events.subList(3_000, 6_000));

        // then
        pipeline.awaitEvents(6_000);
        pipeline.awaitStored(6_000);
        await().atMost(PATIENCE).until(() -> second.health().isUp());
    }

    @Test
    void anOffsetThatTheLogDoesNotHoldStopsThePartitionAndSaysWhy() throws Exception {
        // given
        pipeline.send(events("lost", 10));
        pipeline.execute(
                "INSERT INTO pipeline.consumer_offsets (consumer, topic, partition, next_offset) VALUES ('"
                        + pipeline.kafka.topicPrefix()
                        + "sink', '"
                        + pipeline.topics.events()
                        + "', 0, 1000)");

        // when
        SinkWriter sink = pipeline.startSink();

        // then
        await().atMost(PATIENCE)
                .until(() ->
                        sink.health()
                                .detail()
                                .contains("the stored offset 1000 lies behind the log's end"));
        assertThat(sink.health().isUp()).isFalse();

        // when
        pipeline.execute(
                "UPDATE pipeline.consumer_offsets SET next_offset = 0 WHERE next_offset = 1000");

        // then
        pipeline.awaitEvents(10);
        await().atMost(PATIENCE).until(() -> sink.health().isUp());
    }

    @Test
    void recordsThatWereDeletedBeforeTheyWereStoredStopThePartition() throws Exception {
        // given
        SinkWriter first = pipeline.startSink();
        pipeline.sendTo(0, events("stored", 10));
        pipeline.awaitStored(10);
        first.close();
        pipeline.sendTo(0, events("trimmed", 20));

        // when
        withAdmin(admin ->
                admin.deleteRecords(
                                Map.of(
                                        new TopicPartition(pipeline.topics.events(), 0),
                                        RecordsToDelete.beforeOffset(20)))
                        .all());
        SinkWriter sink = pipeline.startSink();

        // then
        awaitStopped(sink, "the stored offset 10 lies before the log's beginning 20");
    }

    @Test
    void aTopicThatWasCreatedAnewIsNotTakenForTheOldOne() throws Exception {
        // given
        SinkWriter first = pipeline.startSink();
        pipeline.sendTo(0, events("old", 10));
        pipeline.awaitStored(10);
        first.close();

        // when
        withAdmin(admin -> admin.deleteTopics(List.of(pipeline.topics.events())).all());
        await().atMost(PATIENCE)
                .ignoreExceptions()
                .until(() -> {
                    withAdmin(admin ->
                            admin.createTopics(
                                            List.of(
                                                    new NewTopic(
                                                            pipeline.topics.events(),
                                                            4,
                                                            (short) 1)))
                                    .all());
                    return true;
                });
        pipeline.sendTo(0, events("new", 30));
        SinkWriter sink = pipeline.startSink();

        // then
        awaitStopped(sink, "is of another topic of this name: the topic was created anew");
        assertThat(pipeline.number("SELECT count(*) FROM analytics.events")).isEqualTo(10);
    }

    private void withAdmin(Function<Admin, KafkaFuture<Void>> change) throws Exception {
        try (Admin admin = Admin.create(pipeline.kafka.clientConfig("change"))) {
            change.apply(admin).get();
        }
    }

    private static void awaitStopped(SinkWriter sink, String reason) {
        await().atMost(PATIENCE).until(() -> sink.health().detail().contains(reason));
        assertThat(sink.health().isUp()).isFalse();
    }

    private double rows(String result) {
        return pipeline.counter("tidemill.sink.rows", "result", result);
    }
}
