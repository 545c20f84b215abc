package io.tidemill.sink;

import static io.tidemill.sink.PipelineFixture.HOUR;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.r2dbc.pool.ConnectionPool;
import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.tidemill.contract.DirtyHour;
import io.tidemill.contract.Event;
import io.tidemill.contract.EventCodec;
import io.tidemill.contract.HourlyRollup;
import io.tidemill.contract.RollupCodec;
import io.tidemill.contract.RollupKey;
import io.tidemill.contract.sketch.HourlySketches;
import io.tidemill.contract.sketch.UniqueSketch;
import io.tidemill.sink.PartitionBuffer.Batch;
import io.tidemill.storage.PostgresPool;
import io.tidemill.storage.PostgresUrl;
import io.tidemill.testkit.Events;
import io.tidemill.testkit.GroupBy;
import io.tidemill.testkit.TestPostgres;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/// Who owns an hour, with the real transactions of all that take part.
class HourOwnersIT {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Hour THE_HOUR = new Hour(Events.PROJECT, HOUR.toEpochMilli());

    private final PostgresUrl postgres = TestPostgres.shared().freshDatabase();
    private final ConnectionPool pool =
            PostgresPool.open(postgres, "test", 12, Duration.ofSeconds(20));
    private final Transactions transactions = new Transactions(pool, Duration.ofSeconds(20));
    private final HourOwners owners = new HourOwners();
    private final Recomputation recomputation = new Recomputation();
    private final SinkMetrics metrics = new SinkMetrics(new SimpleMeterRegistry());
    private final HourKeeper keeper =
            new HourKeeper(owners, recomputation, transactions, transactions, metrics);
    private final RollupTable rollups = new RollupTable();
    private final BatchWriter writer =
            new BatchWriter(
                    transactions,
                    new OffsetTable("test"),
                    owners,
                    new RejectedEventTable(),
                    Map.of(
                            "events", new RawEventTable(new EventPartitions(transactions), owners),
                            "rollups", rollups,
                            "dirty", new DirtyHourTable(owners)),
                    metrics);
    private final Map<TopicPartition, Long> offsets = new HashMap<>();

    @BeforeEach
    void announceCompleteness() throws Exception {
        execute("INSERT INTO pipeline.completeness VALUES (true, now() - interval '1 minute')");
    }

    @AfterEach
    void close() {
        pool.dispose();
    }

    @Test
    void anAnnouncedHourBecomesTheGroupByOfItsRawRows() throws Exception {
        // given
        List<Event> events = List.of(event("1").user("ann").build(), event("2").build());
        store(events);
        apply(rollup(7, 40));

        // when
        announce(THE_HOUR);
        keeper.round().block();

        // then
        assertThat(stored()).isEqualTo(GroupBy.of(events));
        assertThat(storedSketches()).isEqualTo(GroupBy.sketchBytes(events));
        assertThat(number("SELECT revision FROM analytics.hourly_rollups")).isEqualTo(8);
        assertThat(held()).isZero();
    }

    @Test
    void revisionsOfAnHourOfTheRawTableAreNotApplied() throws Exception {
        // given
        List<Event> events = List.of(event("1").build());
        store(events);
        announce(THE_HOUR);
        keeper.round().block();

        // when
        apply(rollup(1L << 50, 40));

        // then
        assertThat(stored()).isEqualTo(GroupBy.of(events));
    }

    @Test
    void rowsThatComeLaterAreCountedByTheNextRecomputation() throws Exception {
        // given
        List<Event> events = List.of(event("1").build(), event("2").tool("editor").build());
        store(events.subList(0, 1));
        announce(THE_HOUR);
        keeper.round().block();

        // when
        store(events);

        // then
        assertThat(held()).isEqualTo(1);
        awaitQuiet();
        assertThat(stored()).isEqualTo(GroupBy.of(events));
    }

    @Test
    void anHourChangesHandsOnlyAfterTheWritersThatHoldIt() throws Exception {
        // given
        Sinks.Empty<Void> held = Sinks.empty();
        Sinks.Empty<Void> release = Sinks.empty();
        Mono<Long> writing =
                transactions.run(connection ->
                        owners.hold(connection, List.of(THE_HOUR))
                                .doOnSuccess(_ -> held.tryEmitEmpty())
                                .then(release.asMono())
                                .thenReturn(1L));
        var written = writing.toFuture();
        held.asMono().block(PATIENCE);
        announce(THE_HOUR);

        // when
        var handedOver = transactions.run(owners::takeOver).toFuture();

        // then
        await().atMost(PATIENCE)
                .until(() ->
                        number(
                                        "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())")
                                > 0);
        assertThat(number("SELECT count(*) FROM pipeline.raw_hours")).isZero();
        release.tryEmitEmpty();
        assertThat(written.get()).isEqualTo(1);
        assertThat(handedOver.get()).isEqualTo(1);
    }

    @Test
    void aMarkThatARecomputationDoesNotSeeStays() throws Exception {
        // given
        List<Event> events = List.of(event("1").build(), event("2").build());
        store(events.subList(0, 1));
        announce(THE_HOUR);
        transactions.run(owners::takeOver).block();

        // when
        transactions
                .run(connection ->
                        recomputation
                                .run(connection, THE_HOUR)
                                .delayUntil(_ -> storing(events.subList(1, 2))))
                .block();

        // then
        assertThat(held()).isEqualTo(1);
        awaitQuiet();
        assertThat(stored()).isEqualTo(GroupBy.of(events));
    }

    @Test
    void anHourIsRecomputedByOneAtATime() {
        // given
        store(List.of(event("1").build()));
        announce(THE_HOUR);
        transactions.run(owners::takeOver).block();

        // when
        Mono<Boolean> meanwhile = run(THE_HOUR);
        List<Boolean> done = requireNonNull(recomputing(THE_HOUR, meanwhile).block());

        // then
        assertThat(done).containsExactly(true, false);
    }

    @Test
    void twoHoursAreRecomputedAtATime() {
        // given
        store(List.of(event("1").build()));
        List<Hour> hours =
                List.of(
                        THE_HOUR,
                        new Hour("b", HOUR.toEpochMilli()),
                        new Hour("c", HOUR.toEpochMilli()));
        hours.forEach(this::announce);
        transactions.run(owners::takeOver).block();

        // when
        Mono<Boolean> third = run(hours.get(2));
        List<List<Boolean>> done = new ArrayList<>();
        recomputing(hours.get(0), recomputing(hours.get(1), third).doOnNext(done::add)).block();

        // then
        assertThat(done).containsExactly(List.of(true, false));
        assertThat(third.block()).isTrue();
    }

    @Test
    void ofMoreThanAThousandValuesTheMostFrequentAreShownAndTheRestTogether() throws Exception {
        // given
        List<Event> events = new ArrayList<>();
        for (int i = 0; i < 1_005; i++) {
            String tool = String.format(Locale.ROOT, "tool-%04d", i);
            events.add(event("once-" + i).tool(tool).build());
            if (i > 1_000) {
                events.add(event("twice-" + i).tool(tool).build());
            }
        }
        events.add(event("other").tool("__other__").build());
        store(events);

        // when
        announce(THE_HOUR);
        keeper.round().block();

        // then
        Map<String, Long> tools = stored().values().iterator().next().toolUsage();
        assertThat(tools).hasSize(1_001).containsEntry("__other__", 6L);
        assertThat(tools).containsKeys("tool-0000", "tool-0995", "tool-1001", "tool-1004");
        assertThat(tools).doesNotContainKeys("tool-0996", "tool-1000");
        assertThat(
                        number(
                                "SELECT sum(events) FROM analytics.hourly_rollup_dimensions WHERE dimension = 'tool'"))
                .isEqualTo(events.size());
    }

    @Test
    void anHourWithoutAPartitionKeepsItsRollup() throws Exception {
        // given
        long old = HOUR.minus(Duration.ofDays(60)).toEpochMilli();
        apply(rollup(Events.PROJECT, old, 3, 40));

        // when
        announce(new Hour(Events.PROJECT, old));
        keeper.round().block();

        // then
        assertThat(number("SELECT total_events FROM analytics.hourly_rollups")).isEqualTo(40);
        assertThat(held()).isZero();
    }

    @Test
    void anHourWithoutRawRowsHasNoRollup() throws Exception {
        // given
        store(List.of(event("1").at(HOUR.plusSeconds(3_600)).build()));
        apply(rollup(3, 40));

        // when
        announce(THE_HOUR);
        keeper.round().block();

        // then
        assertThat(stored()).isEmpty();
        assertThat(number("SELECT count(*) FROM analytics.hourly_rollup_dimensions")).isZero();
        assertThat(number("SELECT revision FROM pipeline.rollup_parts")).isEqualTo(4);
    }

    @Test
    void anHourOutsideTheCalendarIsNoHour() throws Exception {
        announce(Hour.of(Events.PROJECT, Long.MAX_VALUE));
        announce(Hour.of(Events.PROJECT, Long.MIN_VALUE / 2));

        keeper.round().block();

        assertThat(number("SELECT count(*) FROM pipeline.raw_hours")).isZero();
    }

    @Test
    void anHourThatStillReceivesMarksWaitsTenTimesAsLongAsItLastTook() throws Exception {
        // given
        announce(THE_HOUR);
        transactions.run(owners::takeOver).block();
        assertThat(due()).as("never recomputed").isEqualTo(1);

        execute("UPDATE pipeline.raw_hours SET recomputed_at = now(), took = interval '1 hour'");
        assertThat(due()).as("just recomputed, just marked").isZero();

        execute("UPDATE pipeline.raw_hours SET recomputed_at = now() - interval '10 hours'");
        assertThat(due()).as("ten times as long ago").isEqualTo(1);

        execute("UPDATE pipeline.raw_hours SET recomputed_at = now() - interval '2 hours'");
        execute("UPDATE pipeline.hour_marks SET made_at = now() - interval '1 hour'");
        assertThat(due()).as("quiet for as long as it took").isEqualTo(1);
    }

    @Test
    void aCopyThatSaysSomethingElseAnnouncesItsHour() throws Exception {
        // given
        store(List.of(event("1").user("ann").build()));

        // when
        store(List.of(event("1").user("bob").build()));

        // then
        assertThat(held()).isEqualTo(1);
        keeper.round().block();
        assertThat(stored()).isEqualTo(GroupBy.of(List.of(event("1").user("ann").build())));
    }

    @Test
    void copiesInOneBatchThatSaySomethingElseAnnounceTheirHour() throws Exception {
        store(List.of(event("1").tool("editor").build(), event("1").tool("search").build()));

        assertThat(held()).isEqualTo(1);
    }

    @Test
    void aCopyThatIsEqualInAllThatRollupsReadAnnouncesNothing() throws Exception {
        // given
        Event first = event("1").user("ann").properties("{\"a\":1}").prompt("x").build();
        Event copy = event("1").user("ann").properties("{\"a\":2}").prompt("y").build();
        store(List.of(first));

        // when
        store(List.of(copy));
        store(List.of(first, copy));

        // then
        assertThat(held()).isZero();
    }

    @Test
    void aRecordThatIsSetAsideAnnouncesItsHour() throws Exception {
        store(List.of(event("1").prompt("nul \0").build(), event("2").build()));

        assertThat(text("SELECT reason FROM pipeline.pending_hours")).isEqualTo("not_stored");
        assertThat(number("SELECT count(*) FROM analytics.events")).isEqualTo(1);
    }

    @Test
    void anAnnouncementHoldsItsHourUntilTheRecomputation() throws Exception {
        // given
        store(List.of(event("1").build()));
        apply(rollup(1, 1));
        String before = text("SELECT complete_through FROM pipeline.completeness");

        // when
        announce(THE_HOUR);
        execute("UPDATE pipeline.completeness SET complete_through = now()");

        // then
        String through = "SELECT complete_through FROM analytics.freshness";
        assertThat(text(through)).as("pending").isEqualTo(before);
        transactions.run(owners::takeOver).block();
        assertThat(text(through)).as("marked").isEqualTo(before);
        keeper.round().block();
        assertThat(text(through)).as("recomputed").isGreaterThan(before);
    }

    /// Writers of rows, revisions and announcements against two keepers, all at once.
    @Test
    void whateverTheOrderAnnouncedHoursEndEqual() throws Exception {
        // given
        long seed = Long.getLong("seed", System.nanoTime());
        System.out.println("-Dseed=" + seed);
        Random random = new Random(seed);
        List<Event> events = new ArrayList<>();
        for (int i = 0; i < 600; i++) {
            events.add(
                    event("id-" + random.nextInt(300))
                            .project("project-" + random.nextInt(3))
                            .user("user-" + random.nextInt(5))
                            .at(HOUR.minusSeconds(3_600L * random.nextInt(3)))
                            .build());
        }
        List<Mono<Void>> steps = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            Event one = events.get(random.nextInt(events.size()));
            steps.add(storing(events.subList(10 * i, 10 * i + 10), i % 6));
            steps.add(applying(rollup(one.projectId(), one.hourMillis(), i + 1, 1_000 + i), i % 2));
            if (i % 5 == 0) {
                steps.add(announcing(new Hour(one.projectId(), one.hourMillis()), i % 2));
            }
        }
        Collections.shuffle(steps, random);

        // when
        Flux.merge(
                        Flux.fromIterable(steps).flatMap(step -> step.retry(500), 6),
                        Flux.range(0, 30).concatMap(_ -> keeper.round().retry(20)),
                        Flux.range(0, 30).concatMap(_ -> keeper.round().retry(20)))
                .blockLast();
        for (Event event : events) {
            announce(new Hour(event.projectId(), event.hourMillis()));
        }
        awaitQuiet();

        // then
        assertThat(stored()).as("seed %s", seed).isEqualTo(GroupBy.of(rows()));
        assertThat(storedSketches()).as("seed %s", seed).isEqualTo(GroupBy.sketchBytes(rows()));
    }

    private static Events event(String id) {
        return Events.event().id(id).at(HOUR);
    }

    private void store(List<Event> events) {
        storing(events).block();
    }

    private Mono<Void> storing(List<Event> events) {
        return storing(events, 0);
    }

    private Mono<Void> storing(List<Event> events, int partition) {
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        events.forEach(event -> records.add(Records.record(0, EventCodec.encode(event))));
        return writing(new TopicPartition("events", partition), records);
    }

    private void apply(HourlyRollup rollup) {
        applying(rollup, 0).block();
    }

    private Mono<Void> applying(HourlyRollup rollup, int partition) {
        return writing(
                new TopicPartition("rollups", partition),
                List.of(
                        Records.record(
                                RollupCodec.encodeKey(rollup.key()), RollupCodec.encode(rollup))));
    }

    private void announce(Hour hour) {
        announcing(hour, 0).block();
    }

    private Mono<Void> announcing(Hour hour, int partition) {
        DirtyHour dirty = new DirtyHour(hour.projectId(), hour.millis(), DirtyHour.LATE);
        return writing(
                new TopicPartition("dirty", partition), List.of(Records.announcement(dirty)));
    }

    /// From whatever offset stands there: offsets have tests of their own.
    private Mono<Void> writing(
            TopicPartition partition, List<ConsumerRecord<byte[], byte[]>> records) {
        return Mono.defer(() -> {
            Long before;
            synchronized (offsets) {
                before = offsets.get(partition);
            }
            long next = (before == null ? 0 : before) + 1;
            OptionalLong expected = before == null ? OptionalLong.empty() : OptionalLong.of(before);
            return writer.write(new Batch(partition, expected, next, records))
                    .doOnSuccess(_ -> {
                        synchronized (offsets) {
                            offsets.merge(partition, next, Math::max);
                        }
                    });
        });
    }

    private Mono<Boolean> run(Hour hour) {
        return transactions.run((PostgresqlConnection c) -> recomputation.run(c, hour));
    }

    /// Whether the hour was recomputed, and what the other work told before that was committed.
    private Mono<List<Boolean>> recomputing(Hour hour, Mono<?> meanwhile) {
        return transactions.run(connection ->
                recomputation
                        .run(connection, hour)
                        .zipWhen(_ -> meanwhile)
                        .map(both -> List.of(both.getT1(), Boolean.TRUE.equals(both.getT2()))));
    }

    private void awaitQuiet() {
        await().atMost(PATIENCE)
                .until(() -> {
                    keeper.round().block();
                    return held() == 0;
                });
    }

    private long held() throws Exception {
        return number("SELECT count(*) FROM pipeline.held_hours");
    }

    private int due() {
        return requireNonNull(transactions.run(c -> recomputation.due(c, 10)).block()).size();
    }

    private static HourlyRollup rollup(long revision, long total) {
        return rollup(Events.PROJECT, HOUR.toEpochMilli(), revision, total);
    }

    private static HourlyRollup rollup(String project, long hour, long revision, long total) {
        return new HourlyRollup(
                project,
                hour,
                revision,
                total,
                1,
                1,
                new TreeMap<>(Map.of("click", total)),
                new TreeMap<>(Map.of("tool", total)),
                new TreeMap<>());
    }

    private Map<RollupKey, HourlyRollup> stored() throws Exception {
        Map<RollupKey, HourlyRollup> rows = new HashMap<>();
        String columns =
                "SELECT json_build_object('version', 1, 'revision', 0, 'total_events', total_events, 'unique_sessions', unique_sessions, 'unique_users', unique_users, 'event_counts', event_counts, 'tool_usage', tool_usage, 'risk_distribution', risk_distribution) AS rollup, project_id, (extract(epoch FROM hour) * 1000)::bigint AS millis FROM analytics.hourly_rollups";
        try (Connection connection = TestPostgres.connect(postgres);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(columns)) {
            while (row.next()) {
                RollupKey key =
                        new RollupKey(
                                row.getString("project_id"), row.getLong("millis"), RollupKey.HOUR);
                rows.put(key, RollupCodec.decode(key, row.getBytes("rollup")));
            }
        }
        return rows;
    }

    private Map<RollupKey, String> storedSketches() throws Exception {
        Map<RollupKey, HourlySketches> hours = new HashMap<>();
        try (Connection connection = TestPostgres.connect(postgres);
                Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery(
                                "SELECT *, (extract(epoch FROM start) * 1000)::bigint AS millis FROM analytics.unique_sketches WHERE grain = 'hour'")) {
            while (row.next()) {
                HourlySketches hour =
                        new HourlySketches(
                                row.getString("project_id"),
                                row.getLong("millis"),
                                0,
                                new UniqueSketch(),
                                new UniqueSketch());
                hours.putIfAbsent(hour.key(), hour);
                HourlySketches kept = requireNonNull(hours.get(hour.key()));
                (row.getString("kind").equals("users") ? kept.users() : kept.sessions())
                        .add(UniqueSketch.of(row.getBytes("sketch")));
            }
        }
        Map<RollupKey, String> bytes = new HashMap<>();
        hours.forEach((key, hour) -> bytes.put(key, GroupBy.bytesOf(hour)));
        return bytes;
    }

    private List<Event> rows() throws Exception {
        return Stored.events(postgres);
    }

    private long number(String sql) throws Exception {
        return Long.parseLong(text(sql));
    }

    private String text(String sql) throws Exception {
        return Stored.text(postgres, sql);
    }

    private void execute(String sql) throws Exception {
        Stored.execute(postgres, sql);
    }
}
