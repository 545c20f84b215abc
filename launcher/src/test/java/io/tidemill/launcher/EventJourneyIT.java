package io.tidemill.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tidemill.contract.CohortCell;
import io.tidemill.contract.Event;
import io.tidemill.contract.HourlyRollup;
import io.tidemill.contract.RollupKey;
import io.tidemill.contract.Topics;
import io.tidemill.contract.settings.CountingSettings;
import io.tidemill.contract.settings.SettingsReader;
import io.tidemill.contract.settings.SettingsVersion;
import io.tidemill.runtime.Env;
import io.tidemill.runtime.KafkaConnection;
import io.tidemill.runtime.KafkaTopics;
import io.tidemill.storage.PostgresUrl;
import io.tidemill.testkit.Cohorts;
import io.tidemill.testkit.Events;
import io.tidemill.testkit.TestKafka;
import io.tidemill.testkit.TestPostgres;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The whole pipeline, from HTTP to SQL and back, on a real Kafka and a real Postgres.
class EventJourneyIT {

    private static final Duration SOON = Duration.ofSeconds(60);
    private static final int BATCH = 250;

    @TempDir static Path folder;

    private static KafkaConnection kafka;
    private static PostgresUrl postgres;
    private static Pipeline pipeline;
    private static HttpClient http;

    @BeforeAll
    static void start() throws InterruptedException {
        TestKafka broker = TestKafka.shared();
        kafka = broker.connection(broker.freshPrefix());
        postgres = TestPostgres.shared().freshDatabase();
        Env env =
                new Env(
                        Map.of(
                                "TIDEMILL_KAFKA_BOOTSTRAP", kafka.bootstrap(),
                                "TIDEMILL_TOPIC_PREFIX", kafka.topicPrefix(),
                                "TIDEMILL_POSTGRES_URL", SampleEvents.address(postgres),
                                "TIDEMILL_DATA_DIR", folder.toString(),
                                // New partitions are noticed soon.
                                "TIDEMILL_KAFKA_CLIENT_METADATA_MAX_AGE_MS", "1000",
                                "TIDEMILL_HTTP_PORT", "0"));
        Plan plan = Plan.read(env, Set.of(), EnumSet.allOf(PartKind.class));
        pipeline = new Pipeline(plan, new StopSignal(), System.out);
        pipeline.start();
        pipeline.awaitReady(Optional.of(SOON));
        http = HttpClient.newHttpClient();
    }

    @AfterAll
    static void stop() {
        http.close();
        pipeline.close();
    }

    @Test
    void everyHourEqualsAPlainGroupByWhateverIsSentAgain() throws Exception {
        // given
        long seed = System.nanoTime();
        Random random = new Random(seed);
        // Longer ago than the dedupe remembers, in part.
        List<Event> events = SampleEvents.random(random, 1_500, 40, hoursAgo(4));
        List<Event> sent = new ArrayList<>(events);
        sent.addAll(events.subList(0, 400));
        Collections.shuffle(sent, random);

        // when
        postAll(sent);

        // then
        Map<RollupKey, HourlyRollup> expected = RollupRows.expected(events);
        await("seed " + seed)
                .atMost(SOON)
                .untilAsserted(() -> assertThat(rollups(expected.keySet())).isEqualTo(expected));
    }

    @Test
    void copiesThatNameDifferentUsersEndAsTheirRowsDo() throws Exception {
        // given
        long seed = System.nanoTime();
        Random random = new Random(seed);
        Instant hour = hoursAgo(2);
        List<Event> sent = SampleEvents.random(random, 300, 1, hour);
        for (Event event : List.copyOf(sent)) {
            sent.add(SampleEvents.ofUser("user-" + random.nextInt(200), event));
        }
        Collections.shuffle(sent, random);

        // when
        postAll(sent);

        // then
        await("seed " + seed)
                .atMost(SOON)
                .untilAsserted(() -> {
                    assertThat(RollupRows.total(postgres, hour)).isEqualTo(300);
                    assertThat(RollupRows.differFromRaw(postgres, hour)).isFalse();
                });
    }

    /// Users and weeks of their own: other tests send one identity under several users.
    @Test
    void theUsersWhoComeBackAreThoseOfTheRawTable() throws Exception {
        // given
        long seed = System.nanoTime();
        Random random = new Random(seed);
        List<Event> sent = new ArrayList<>();
        for (int day = 10; day < 26; day++) {
            for (Event event : SampleEvents.random(random, 12, 1, hoursAgo(day * 24))) {
                sent.add(SampleEvents.ofUser("guest-" + random.nextInt(30), event));
            }
        }
        sent.addAll(List.copyOf(sent.subList(0, 60)));
        Collections.shuffle(sent, random);
        LocalDate before = LocalDate.now(ZoneOffset.UTC).minusDays(8);

        // when
        postAll(sent);

        // then
        Map<CohortCell, Long> expected = Cohorts.of(sent, List.of());
        await("seed " + seed)
                .atMost(SOON)
                .untilAsserted(() -> {
                    assertThat(CohortRows.before(postgres, before)).isEqualTo(expected);
                    assertThat(CohortRows.ofRawBefore(postgres, before)).isEqualTo(expected);
                });
    }

    @Test
    void partitionsAddedWhileEventsFlowLoseNothingAndCountNothingTwice() throws Exception {
        // given
        long seed = System.nanoTime();
        Random random = new Random(seed);
        List<Event> events = SampleEvents.random(random, 2_000, 1, hoursAgo(3));
        String topic = new Topics(kafka.topicPrefix()).events();

        // when
        postAll(events.subList(0, 1_000));
        try (Admin admin = Admin.create(kafka.clientConfig("test-admin"))) {
            KafkaTopics.grow(admin, topic, 9);
            // Copies go to other partitions than the first ones did, as soon as these are in use.
            await("seed " + seed)
                    .atMost(SOON)
                    .until(() -> {
                        postAll(events.subList(500, 2_000));
                        return areInUse(admin, topic, 9);
                    });
        }

        // then
        Map<RollupKey, HourlyRollup> expected = RollupRows.expected(events);
        await("seed " + seed)
                .atMost(SOON)
                .untilAsserted(() -> assertThat(rollups(expected.keySet())).isEqualTo(expected));
    }

    @Test
    void dimensionsAndMeasuresOfTheSettingsEqualTheRawRows() throws Exception {
        // given
        Instant hour = hoursAgo(1);
        CountingSettings settings =
                SettingsReader.read(
                        """
                        {"dimensions": [{"name": "model", "path": "llm.model"}],
                         "measures": [{"name": "cost_usd", "path": "cost_usd", "by": ["model", "tool"]}]}
                        """
                                .getBytes(StandardCharsets.UTF_8));
        SettingsLog log = new SettingsLog(kafka);
        SettingsVersion applied =
                log.apply(settings, hour.minus(2, ChronoUnit.HOURS).toEpochMilli());
        assertThat(applied.fromHourMillis()).isEqualTo(hour.toEpochMilli());
        assertThat(log.read().at(hour.toEpochMilli())).isEqualTo(applied);
        await().atMost(SOON).until(() -> RollupRows.isTrue(postgres, SETTINGS_ARE_KNOWN, hour));
        List<Event> events = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            events.add(
                    Events.event()
                            .project("default")
                            .id("costly-" + i)
                            .user("user-" + i % 7)
                            .tool("tool-" + i % 3)
                            .at(hour.plusMillis(i))
                            .properties(
                                    "{\"llm\":{\"model\":\"m-%d\"},\"cost_usd\":%d.%03d}"
                                            .formatted(i % 5, i % 11, i))
                            .build());
        }

        // when
        postAll(events);

        // then
        BigDecimal cost = BigDecimal.ZERO;
        for (int i = 0; i < 300; i++) {
            cost = cost.add(new BigDecimal("%d.%03d".formatted(i % 11, i)));
        }
        BigDecimal expected = cost;
        await().atMost(SOON)
                .untilAsserted(() -> {
                    assertThat(RollupRows.decimal(postgres, COST, hour))
                            .isEqualByComparingTo(expected);
                    assertThat(RollupRows.decimal(postgres, COST_BY_MODEL, hour))
                            .isEqualByComparingTo(expected);
                    assertThat(RollupRows.decimal(postgres, EVENTS_BY_MODEL, hour))
                            .isEqualByComparingTo("300");
                    assertThat(RollupRows.isTrue(postgres, ALL_PARTS_ARE_EQUAL, hour)).isTrue();
                });
    }

    private static final String SETTINGS_ARE_KNOWN =
            "SELECT analytics.reads_properties('default', ?)";
    private static final String COST =
            "SELECT sum(sum) FROM analytics.hourly_rollup_measures WHERE hour = ? AND measure ="
                    + " 'cost_usd' AND dimension = ''";
    private static final String COST_BY_MODEL =
            "SELECT sum(sum) FROM analytics.hourly_rollup_measures WHERE hour = ? AND measure ="
                    + " 'cost_usd' AND dimension = 'model'";
    private static final String EVENTS_BY_MODEL =
            "SELECT sum(events) FROM analytics.hourly_rollup_dimensions WHERE hour = ? AND"
                    + " dimension = 'model'";
    private static final String ALL_PARTS_ARE_EQUAL =
            "SELECT bool_and(difference IS NULL) FROM (SELECT ?::timestamptz AS hour) AS the CROSS"
                    + " JOIN LATERAL analytics.rollup_differences(NULL, the.hour, the.hour + interval"
                    + " '1 hour')";

    @Test
    void oneEventIsAnsweredByEveryReadRoute() throws Exception {
        // given
        Instant hour = Instant.now().truncatedTo(ChronoUnit.HOURS);

        // when
        JsonNode accepted =
                json(
                        post(
                                "/api/analytics/track",
                                """
                                {"event_type":"journey_seen","session_id":"s-1","user_id":"ann",
                                 "tool_name":"editor","properties":{"depth":1}}
                                """));

        // then
        assertThat(accepted.path("ok").asBoolean()).isTrue();
        String id = accepted.path("event_id").asString();
        await().atMost(SOON)
                .untilAsserted(() -> {
                    HttpResponse<String> event = get("/api/events/" + id);
                    assertThat(event.statusCode()).isEqualTo(200);
                    assertThat(json(event).path("tool_name").asString()).isEqualTo("editor");
                });
        assertThat(get("/api/analytics/track?hours=2").body()).contains(id);
        await().atMost(SOON)
                .untilAsserted(() ->
                        assertThat(
                                        json(get("/api/analytics/rollups?from=" + hour))
                                                .at("/rollups/0/event_counts/journey_seen")
                                                .asLong())
                                .isEqualTo(1));
    }

    @Test
    void healthNamesEveryPartAndAllAreReady() throws Exception {
        // when
        JsonNode health = json(get("/api/health"));

        // then
        assertThat(health.path("status").asString()).isEqualTo("ok");
        for (PartKind part : PartKind.values()) {
            assertThat(health.path("parts").path(part.label()).path("status").asString())
                    .as(part.label())
                    .isEqualTo("up");
        }
        assertThat(get("/readyz").statusCode()).isEqualTo(200);
        assertThat(get("/livez").statusCode()).isEqualTo(200);
        assertThat(get("/metrics").body()).contains("tidemill_");
    }

    private static Instant hoursAgo(int hours) {
        return Instant.now().truncatedTo(ChronoUnit.HOURS).minus(hours, ChronoUnit.HOURS);
    }

    private static void postAll(List<Event> events) throws IOException, InterruptedException {
        for (int from = 0; from < events.size(); from += BATCH) {
            String body =
                    events.subList(from, Math.min(events.size(), from + BATCH)).stream()
                            .map(SampleEvents::json)
                            .collect(Collectors.joining(",", "{\"events\":[", "]}"));
            assertThat(post("/api/events", body).statusCode()).isEqualTo(200);
        }
    }

    private static boolean areInUse(Admin admin, String topic, int partitions)
            throws InterruptedException, ExecutionException {
        Map<TopicPartition, OffsetSpec> asked =
                IntStream.range(0, partitions)
                        .mapToObj(partition -> new TopicPartition(topic, partition))
                        .collect(
                                Collectors.toMap(partition -> partition, _ -> OffsetSpec.latest()));
        return admin.listOffsets(asked).all().get().values().stream()
                .allMatch(end -> end.offset() > 0);
    }

    private static Map<RollupKey, HourlyRollup> rollups(Set<RollupKey> wanted) throws SQLException {
        Map<RollupKey, HourlyRollup> rows = RollupRows.read(postgres);
        rows.keySet().retainAll(wanted);
        return rows;
    }

    private static HttpResponse<String> post(String path, String body)
            throws IOException, InterruptedException {
        return send(
                request(path)
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(body)));
    }

    private static HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return send(request(path));
    }

    private static HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(pipeline.httpAddress().orElseThrow() + path));
    }

    private static HttpResponse<String> send(HttpRequest.Builder request)
            throws IOException, InterruptedException {
        return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private static JsonNode json(HttpResponse<String> response) {
        return JsonMapper.shared().readTree(response.body());
    }
}
