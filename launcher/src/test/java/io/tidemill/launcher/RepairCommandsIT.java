package io.tidemill.launcher;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tidemill.contract.Event;
import io.tidemill.contract.EventCodec;
import io.tidemill.contract.Topics;
import io.tidemill.launcher.Commands.Result;
import io.tidemill.projects.Projects;
import io.tidemill.runtime.Env;
import io.tidemill.runtime.KafkaConnection;
import io.tidemill.runtime.Metrics;
import io.tidemill.sink.SinkConfig;
import io.tidemill.sink.SinkWriter;
import io.tidemill.storage.PostgresUrl;
import io.tidemill.testkit.Events;
import io.tidemill.testkit.TestKafka;
import io.tidemill.testkit.TestPostgres;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// `tidemill rebuild`, `rejected` and `erase`, with a sink that does the work.
@ResourceLock(Resources.SYSTEM_OUT)
class RepairCommandsIT {

    @SuppressWarnings("TimeInStaticInitializer") // any recent hour will do
    private static final Instant HOUR =
            Instant.now().truncatedTo(ChronoUnit.HOURS).minus(Duration.ofHours(3));

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static PostgresUrl postgres;
    private static KafkaConnection kafka;
    private static Metrics metrics;
    private static SinkWriter sink;

    @BeforeAll
    static void start() throws Exception {
        postgres = TestPostgres.shared().freshDatabase();
        TestPostgres.shared()
                .createEventPartitions(
                        postgres,
                        List.of(
                                event("a").build(),
                                event("b").at(HOUR.plus(Duration.ofHours(2))).build()));
        execute(
                """
                INSERT INTO analytics.events (project_id, event_id, timestamp, event_type, user_id, demo_mode, received_at)
                SELECT 'shop', 'e-' || n, '%1$s'::timestamptz + n * interval '40 minutes', 'click', 'ann', false, now()
                  FROM generate_series(0, 3) AS n;
                INSERT INTO analytics.hourly_rollups (project_id, hour, total_events, unique_sessions, unique_users, event_counts, tool_usage, risk_distribution, revision)
                VALUES ('shop', '%1$s', 99, 9, 9, '{}', '{}', '{}', 7)
                """
                        .formatted(HOUR));
        String prefix = TestKafka.shared().freshPrefix();
        TestKafka.shared().createTopics(prefix, 1, 1);
        kafka = TestKafka.shared().connection(prefix);
        metrics = Metrics.ofProcess();
        sink =
                SinkWriter.start(
                        SinkConfig.from(new Env(Map.of())),
                        kafka,
                        postgres,
                        Projects::open,
                        metrics);
    }

    @AfterAll
    static void stop() {
        sink.close();
        metrics.close();
    }

    @Test
    void hoursAreRecomputedWhateverTheirRollupsSaid() throws Exception {
        // when
        Result result = run("shop", HOUR, HOUR.plus(Duration.ofHours(3)));

        // then
        assertThat(result.exitCode()).as("%s", result).isZero();
        assertThat(result.out()).containsExactly("3 of 3 hours of shop recomputed");
        assertThat(
                        text(
                                "SELECT string_agg(total_events::text, ' ' ORDER BY hour) FROM analytics.hourly_rollups WHERE project_id = 'shop'"))
                .isEqualTo("2 1 1");

        // when
        execute("UPDATE analytics.hourly_rollups SET total_events = 5 WHERE project_id = 'shop'");
        Result again = run("shop", HOUR, HOUR.plusSeconds(1), "--json");

        // then
        JsonNode json = JsonMapper.shared().readTree(again.out().getFirst());
        assertThat(json.path("hours").asInt()).isEqualTo(1);
        assertThat(json.path("recomputed").asInt()).isEqualTo(1);
        assertThat(
                        text(
                                "SELECT string_agg(total_events::text, ' ' ORDER BY hour) FROM analytics.hourly_rollups WHERE project_id = 'shop'"))
                .isEqualTo("2 5 5");
    }

    @Test
    void hoursWithoutRawRowsToCountAreRefusedInOneLine() throws Exception {
        Instant old = HOUR.minus(Duration.ofDays(300));

        Result result = run("shop", old, HOUR.plusSeconds(1));

        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.out()).isEmpty();
        assertThat(result.failures())
                .singleElement()
                .asString()
                .startsWith("tidemill: raw rows of ")
                .contains("are not kept, from " + old);
        assertThat(text("SELECT count(*) FROM pipeline.pending_hours WHERE project_id = 'shop'"))
                .isEqualTo("0");
    }

    @Test
    void aProjectThatHasNothingThereIsRefusedInOneLine() {
        Result result = run("shpo", HOUR, HOUR.plusSeconds(1));

        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.failures())
                .singleElement()
                .asString()
                .contains("project shpo has no events and no rollups");
    }

    @Test
    void aRangeThatEndsBeforeItBeginsIsRefused() {
        assertThat(run("shop", HOUR, HOUR).exitCode()).isEqualTo(1);
    }

    @Test
    void whatWasSetAsideIsListedShownAndPutBack() throws Exception {
        // given
        Event bad = event("bad").user("eve").prompt("nul \0 character").build();
        RecordMetadata unreadable = send("nobody".getBytes(UTF_8), "not an event".getBytes(UTF_8));
        RecordMetadata place = send(bad.routingKey().bytes(), EventCodec.encode(bad));
        awaitRow("SELECT 1 FROM analytics.rejected_events WHERE kafka_offset = " + place.offset());

        // when
        Result list = rejected("list");
        Result show = rejected("show", name(place));
        Result dump = rejected("show", name(unreadable));
        Result replay = rejected("replay", name(place));

        // then
        assertThat(list.out())
                .anyMatch(line -> line.contains(name(place) + "  refused_by_postgres: 22021"))
                .anyMatch(line -> line.contains(name(unreadable) + "  malformed_record"));
        assertThat(show.out()).contains("  user_id: eve", "  event_id: bad");
        assertThat(dump.out()).anyMatch(line -> line.endsWith("not an event"));
        assertThat(replay.out()).containsExactly("1 of 1 records put back");

        // then: it was refused again, and says what it repeats
        awaitRow("SELECT 1 FROM analytics.rejected_events WHERE replay_of = '" + name(place) + "'");
        awaitRow(
                "SELECT count(*) FROM analytics.rejected_events AS old JOIN analytics.rejected_events AS again ON old.replayed_as = again.topic || '-' || again.kafka_partition || '@' || again.kafka_offset WHERE again.replay_of = '"
                        + name(place)
                        + "'");
        assertThat(rejected("replay", "--reason=refused_by_postgres").out())
                .as("the one that was put back is left out, its repetition is not")
                .containsExactly("1 of 1 records put back");
    }

    @Test
    void anEventThatCanBeStoredByNowIsStoredOnce() throws Exception {
        // given
        Instant early = HOUR.minus(Duration.ofDays(40));
        Event event = event("early").user("joe").at(early).build();
        RecordMetadata place = send(event.routingKey().bytes(), EventCodec.encode(event));
        awaitRow("SELECT 1 FROM analytics.rejected_events WHERE kafka_offset = " + place.offset());
        TestPostgres.shared().createEventPartitions(postgres, List.of(event));

        // when
        Result replay = rejected("replay", name(place));
        rejected("replay", name(place));

        // then
        assertThat(replay.exitCode()).as("%s", replay).isZero();
        awaitRow("SELECT 1 FROM analytics.events WHERE event_id = 'early'");
        awaitRow(
                "SELECT 1 FROM analytics.hourly_rollups WHERE hour = '"
                        + early
                        + "' AND total_events = 1");
    }

    @Test
    void whatIsNotThereOrNotAnEventIsNotPutBack() throws Exception {
        // given
        execute(
                "INSERT INTO analytics.rejected_events (topic, kafka_partition, kafka_offset, reason, detail) VALUES ('other', 0, 1, 'malformed_record', '')");

        // then
        assertThat(rejected("replay", "other-0@1").err())
                .anyMatch(line -> line.startsWith("other-0@1 stays: only records of"));
        assertThat(rejected("replay", "other-0@2").failures())
                .containsExactly("tidemill: no record other-0@2 was set aside");
        assertThat(rejected("show", "nonsense").failures())
                .containsExactly("tidemill: nonsense is not like tidemill.events-0@123");
        assertThat(rejected("replay").failures())
                .containsExactly("tidemill: name records, or say --all or --reason");
    }

    @Test
    void aUserIsErasedAndStaysSo() throws Exception {
        // given
        Event old = event("ida-1").user("ida").prompt("private").build();
        send(old.routingKey().bytes(), EventCodec.encode(old));
        awaitRow("SELECT 1 FROM analytics.events WHERE user_id = 'ida'");

        // when
        Result result = erase("--project=demo", "--user=ida");

        // then
        assertThat(result.exitCode()).as("%s", result).isZero();
        assertThat(result.out())
                .singleElement()
                .asString()
                .startsWith("ida of demo: 1 events of 1 hours and 0 records set aside are gone");
        assertThat(text("SELECT count(*) FROM analytics.events WHERE user_id = 'ida'"))
                .isEqualTo("0");

        // when
        RecordMetadata again = send(old.routingKey().bytes(), EventCodec.encode(old));

        // then
        awaitRow(
                "SELECT 1 FROM analytics.rejected_events WHERE reason = 'erased' AND kafka_offset = "
                        + again.offset());
        assertThat(rejected("replay", name(again)).err())
                .anyMatch(line -> line.contains("its user is erased"));
        JsonNode list =
                JsonMapper.shared().readTree(erase("--project=demo", "--json").out().getFirst());
        assertThat(list.at("/erasures/0/user_id").asString()).isEqualTo("ida");
        assertThat(list.at("/erasures/0/events").asInt()).isEqualTo(1);
        assertThat(list.at("/erasures/0/done_at").isString()).isTrue();
    }

    private static Result rejected(String... arguments) {
        return Commands.run(() -> new RejectedCommand(env()), arguments);
    }

    private static Result erase(String... arguments) {
        return Commands.run(() -> new EraseCommand(env()), arguments);
    }

    private static String name(RecordMetadata place) {
        return place.topic() + "-" + place.partition() + "@" + place.offset();
    }

    private static RecordMetadata send(byte[] key, byte[] value) throws InterruptedException {
        try (RecordSender sender = new RecordSender(kafka)) {
            return sender.send(
                    new ProducerRecord<>(new Topics(kafka.topicPrefix()).events(), key, value));
        }
    }

    private static void awaitRow(String sql) {
        await().atMost(PATIENCE).until(() -> text(sql).equals("1"));
    }

    private static Env env() {
        return new Env(
                Map.of(
                        "TIDEMILL_POSTGRES_URL", SampleEvents.address(postgres),
                        "TIDEMILL_KAFKA_BOOTSTRAP", kafka.bootstrap(),
                        "TIDEMILL_TOPIC_PREFIX", kafka.topicPrefix()));
    }

    private static Result run(String project, Instant from, Instant to, String... more) {
        String[] arguments = new String[3 + more.length];
        arguments[0] = "--project=" + project;
        arguments[1] = "--from=" + from;
        arguments[2] = "--to=" + to;
        System.arraycopy(more, 0, arguments, 3, more.length);
        return Commands.run(() -> new RebuildCommand(env()), arguments);
    }

    private static Events event(String id) {
        return Events.event().id(id).at(HOUR);
    }

    private static String text(String sql) throws Exception {
        try (Connection connection = TestPostgres.connect(postgres);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            return row.next() ? String.valueOf(row.getString(1)) : "no row";
        }
    }

    private static void execute(String sql) throws Exception {
        try (Connection connection = TestPostgres.connect(postgres);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
