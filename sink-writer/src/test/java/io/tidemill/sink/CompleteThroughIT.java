package io.tidemill.sink;

import static io.tidemill.sink.PipelineFixture.HOUR;
import static io.tidemill.sink.PipelineFixture.PATIENCE;
import static org.awaitility.Awaitility.await;

import io.tidemill.contract.CohortCell;
import io.tidemill.contract.CohortCount;
import io.tidemill.contract.DirtyHour;
import io.tidemill.contract.HourlyRollup;
import io.tidemill.sink.SinkConfig.Application;
import io.tidemill.sink.SinkConfig.Counting;
import io.tidemill.testkit.Events;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The applications that count are played by commits of their groups.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CompleteThroughIT {

    private static final String ROLLUPS = "rollup-g1";
    private static final String COHORTS = "cohorts";

    private final PipelineFixture pipeline = new PipelineFixture(2);
    private final Admin admin = Admin.create(pipeline.kafka.clientConfig("test-admin"));
    private final String prefix = pipeline.kafka.topicPrefix();

    @BeforeAll
    void start() throws Exception {
        for (Application application : Counting.DEFAULT.applications()) {
            for (String stage : application.repartitions()) {
                admin.createTopics(
                                List.of(
                                        new NewTopic(
                                                prefix + stage, Optional.of(1), Optional.empty())))
                        .all()
                        .get();
            }
        }
        pipeline.startSink();
    }

    @AfterAll
    void close() {
        admin.close();
        pipeline.close();
    }

    @Test
    void itMovesOnWhileNothingArrives() throws Exception {
        awaitCompleteAfter(now());

        awaitCompleteAfter(now());
    }

    @Test
    void itWaitsUntilTheTopologyHasCountedWhatIsStored() throws Exception {
        // given
        awaitCompleteAfter(now());

        // when
        pipeline.sendTo(0, List.of(Events.event().at(HOUR).build()));
        Instant sent = now();
        pipeline.awaitEvents(1);

        // then
        staysBefore(sent);
        commit(ROLLUPS, pipeline.topics.events());
        staysBefore(sent);
        commit(COHORTS, pipeline.topics.events());
        awaitCompleteAfter(sent);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                ROLLUPS + "-shard",
                ROLLUPS + "-sessions",
                ROLLUPS + "-merge",
                COHORTS + "-activity",
                COHORTS + "-cells"
            })
    void itWaitsForEachStage(String stage) throws Exception {
        // given
        awaitCompleteAfter(now());

        // when
        produce(stage(stage), KafkaProducer::commitTransaction);
        Instant sent = now();

        // then
        staysBefore(sent);
        commit(stage.substring(0, stage.lastIndexOf('-')), stage(stage));
        awaitCompleteAfter(sent);
    }

    @Test
    void whatATransactionUndidIsPassedWithoutACommit() throws Exception {
        produce(stage(ROLLUPS + "-merge"), KafkaProducer::abortTransaction);

        awaitCompleteAfter(now());
    }

    @Test
    void itWaitsForRollupsThatAreNotStored() throws Exception {
        // given
        awaitCompleteAfter(now());
        pipeline.execute("ALTER TABLE pipeline.rollup_parts RENAME TO hidden");

        // when
        pipeline.send(
                new HourlyRollup(
                        "p", 0, 1, 1, 0, 0, new TreeMap<>(), new TreeMap<>(), new TreeMap<>()));
        Instant sent = now();

        // then
        staysBefore(sent);
        pipeline.execute("ALTER TABLE pipeline.hidden RENAME TO rollup_parts");
        awaitCompleteAfter(sent);
    }

    @Test
    void itWaitsForAnnouncementsThatAreNotStored() throws Exception {
        // given
        awaitCompleteAfter(now());
        pipeline.execute("ALTER TABLE pipeline.pending_hours RENAME TO hidden");

        // when
        pipeline.announce(new DirtyHour("p", 0, DirtyHour.LATE));
        Instant sent = now();

        // then
        staysBefore(sent);
        pipeline.execute("ALTER TABLE pipeline.hidden RENAME TO pending_hours");
        awaitCompleteAfter(sent);
    }

    @Test
    void itWaitsForCohortsThatAreNotStored() throws Exception {
        // given
        awaitCompleteAfter(now());
        pipeline.execute("ALTER TABLE pipeline.cohort_cells RENAME TO hidden");

        // when
        pipeline.send(new CohortCount(new CohortCell("p", 20_000, 0), 1, 1));
        Instant sent = now();

        // then
        staysBefore(sent);
        pipeline.execute("ALTER TABLE pipeline.hidden RENAME TO cohort_cells");
        awaitCompleteAfter(sent);
    }

    private void awaitCompleteAfter(Instant instant) {
        await().atMost(PATIENCE).ignoreExceptions().until(() -> complete().isAfter(instant));
    }

    private void staysBefore(Instant instant) {
        await().during(Duration.ofSeconds(2))
                .atMost(PATIENCE)
                .until(() -> !complete().isAfter(instant));
    }

    private Instant complete() throws Exception {
        return instant("SELECT complete_through FROM pipeline.completeness");
    }

    private Instant now() throws Exception {
        return instant("SELECT now()");
    }

    private Instant instant(String sql) throws Exception {
        return Instant.ofEpochMilli(
                pipeline.number("SELECT (1000 * extract(epoch FROM (" + sql + ")))::bigint"));
    }

    private String stage(String name) {
        return prefix + name + "-repartition";
    }

    /// As an application does when it has processed everything in partition 0.
    private void commit(String group, String topic) throws Exception {
        TopicPartition partition = new TopicPartition(topic, 0);
        long end =
                admin.listOffsets(Map.of(partition, OffsetSpec.latest()))
                        .partitionResult(partition)
                        .get()
                        .offset();
        admin.alterConsumerGroupOffsets(
                        prefix + group, Map.of(partition, new OffsetAndMetadata(end)))
                .all()
                .get();
    }

    private void produce(String topic, Consumer<KafkaProducer<byte[], byte[]>> end)
            throws Exception {
        Map<String, Object> config = new HashMap<>(pipeline.kafka.clientConfig("test-stage"));
        config.put("transactional.id", topic);
        config.put("key.serializer", ByteArraySerializer.class);
        config.put("value.serializer", ByteArraySerializer.class);
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(config)) {
            producer.initTransactions();
            producer.beginTransaction();
            producer.send(new ProducerRecord<>(topic, 0, new byte[] {1}, new byte[] {2})).get();
            end.accept(producer);
        }
    }
}
