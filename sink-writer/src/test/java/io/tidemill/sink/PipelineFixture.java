package io.tidemill.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.Counter;
import io.tidemill.contract.CohortCodec;
import io.tidemill.contract.CohortCount;
import io.tidemill.contract.DirtyHour;
import io.tidemill.contract.DirtyHourCodec;
import io.tidemill.contract.Event;
import io.tidemill.contract.EventCodec;
import io.tidemill.contract.HourlyRollup;
import io.tidemill.contract.RollupCodec;
import io.tidemill.contract.RollupKey;
import io.tidemill.contract.Topics;
import io.tidemill.contract.settings.SettingsCodec;
import io.tidemill.contract.settings.SettingsVersion;
import io.tidemill.contract.sketch.HourlySketches;
import io.tidemill.projects.Projects;
import io.tidemill.runtime.KafkaConnection;
import io.tidemill.runtime.Metrics;
import io.tidemill.sink.SinkConfig.Counting;
import io.tidemill.sink.SinkConfig.Keeping;
import io.tidemill.storage.PostgresUrl;
import io.tidemill.testkit.Events;
import io.tidemill.testkit.TestKafka;
import io.tidemill.testkit.TestPostgres;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/// Topics of its own, a database of its own, and sinks between them.
final class PipelineFixture implements AutoCloseable {

    private static final int ROLLUP_PARTITIONS = 2;

    static final Duration PATIENCE = Duration.ofSeconds(60);

    /// The start of an hour whose day has a partition, because it is today or yesterday.
    @SuppressWarnings("TimeInStaticInitializer") // any recent hour will do
    static final Instant HOUR =
            Instant.now().truncatedTo(ChronoUnit.HOURS).minus(2, ChronoUnit.HOURS);

    final KafkaConnection kafka;
    final PostgresUrl postgres;
    final Topics topics;
    final Metrics metrics = Metrics.ofProcess();
    private final KafkaProducer<byte[], byte[]> producer;
    private final List<SinkWriter> sinks = new ArrayList<>();

    PipelineFixture(int eventPartitions) {
        this(eventPartitions, TestPostgres.shared().freshDatabase());
    }

    PipelineFixture(int eventPartitions, PostgresUrl postgres) {
        String prefix = TestKafka.shared().freshPrefix();
        TestKafka.shared().createTopics(prefix, eventPartitions, ROLLUP_PARTITIONS);
        this.kafka = TestKafka.shared().connection(prefix);
        this.postgres = postgres;
        this.topics = new Topics(prefix);
        Map<String, Object> config = new HashMap<>(kafka.clientConfig("test-producer"));
        config.put("enable.idempotence", "true");
        config.put("key.serializer", ByteArraySerializer.class);
        config.put("value.serializer", ByteArraySerializer.class);
        this.producer = new KafkaProducer<>(config);
    }

    SinkWriter startSink() {
        return startSink(config());
    }

    SinkWriter startSink(SinkConfig config) {
        SinkWriter sink = SinkWriter.start(config, kafka, postgres, Projects::open, metrics);
        sinks.add(sink);
        return sink;
    }

    /// A transaction that hangs is given up, told and tried again well within a test's patience.
    static SinkConfig config() {
        return new SinkConfig(
                10_000,
                8 << 20,
                64 << 20,
                4,
                Duration.ofSeconds(8),
                Counting.DEFAULT,
                Keeping.DEFAULT);
    }

    void send(Collection<Event> events) {
        sendAll(
                events.stream()
                        .map(event ->
                                new ProducerRecord<>(
                                        topics.events(),
                                        event.routingKey().bytes(),
                                        EventCodec.encode(event)))
                        .toList());
    }

    void sendTo(int partition, Collection<Event> events) {
        sendAll(
                events.stream()
                        .map(event ->
                                new ProducerRecord<>(
                                        topics.events(),
                                        partition,
                                        event.routingKey().bytes(),
                                        EventCodec.encode(event)))
                        .toList());
    }

    /// A record of `events` that may be anything.
    void send(byte[] key, byte[] value) {
        sendAll(List.of(new ProducerRecord<>(topics.events(), key, value)));
    }

    void send(HourlyRollup rollup) {
        sendPart(rollup.key(), RollupCodec.encode(rollup));
    }

    void send(HourlySketches sketches) {
        sendPart(sketches.key(), sketches.bytes());
    }

    void send(SettingsVersion version) {
        byte[] key = SettingsCodec.encodeKey(version.version());
        byte[] value = SettingsCodec.encode(version);
        sendAll(List.of(new ProducerRecord<>(topics.settings(), key, value)));
    }

    void sendPart(RollupKey key, byte[] value) {
        int partition = key.partition(ROLLUP_PARTITIONS);
        sendAll(
                List.of(
                        new ProducerRecord<>(
                                topics.hourlyRollups(),
                                partition,
                                RollupCodec.encodeKey(key),
                                value)));
    }

    void announce(DirtyHour dirty) {
        byte[] key = DirtyHourCodec.encodeKey(dirty.projectId(), dirty.hourMillis());
        byte[] value = DirtyHourCodec.encodeValue(dirty.reason());
        sendAll(List.of(new ProducerRecord<>(topics.dirtyHours(), key, value)));
    }

    void send(CohortCount count) {
        byte[] key = CohortCodec.encodeKey(count.cell());
        int partition = count.cell().partition(ROLLUP_PARTITIONS);
        byte[] value = CohortCodec.encodeValue(count);
        sendAll(List.of(new ProducerRecord<>(topics.retentionCohorts(), partition, key, value)));
    }

    private void sendAll(List<ProducerRecord<byte[], byte[]>> records) {
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        records.forEach(next -> sent.add(producer.send(next)));
        producer.flush();
        assertThat(sent).allSatisfy(Future::resultNow);
    }

    void awaitRows(String sql, long expected) {
        await().atMost(PATIENCE).ignoreExceptions().until(() -> number(sql) == expected);
    }

    void awaitEvents(long expected) {
        awaitRows("SELECT count(*) FROM analytics.events", expected);
    }

    /// Waits until the stored offsets of all partitions of `events` sum up to this.
    void awaitStored(long offsets) {
        awaitRows(
                "SELECT sum(next_offset) FROM pipeline.consumer_offsets WHERE topic LIKE"
                        + " '%.events'",
                offsets);
    }

    long number(String sql) throws SQLException {
        return Long.parseLong(text(sql));
    }

    /// The first column of the first row.
    String text(String sql) throws SQLException {
        try (Connection connection = TestPostgres.connect(postgres);
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            return result.next() ? String.valueOf(result.getString(1)) : "no row";
        }
    }

    void execute(String sql) throws SQLException {
        try (Connection connection = TestPostgres.connect(postgres);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /// Page views of 50 users, a millisecond apart.
    static List<Event> events(String name, int count) {
        return IntStream.range(0, count)
                .mapToObj(i ->
                        Events.event()
                                .id(name + "-" + i)
                                .user("user-" + i % 50)
                                .at(HOUR.plusMillis(i))
                                .properties("{\"i\":" + i + "}")
                                .build())
                .toList();
    }

    /// The sum over all counters of this name and these tags.
    double counter(String name, String... tags) {
        return metrics.registry().find(name).tags(tags).counters().stream()
                .mapToDouble(Counter::count)
                .sum();
    }

    @Override
    public void close() {
        sinks.forEach(SinkWriter::close);
        producer.close(Duration.ofSeconds(5));
        metrics.close();
    }
}
