package io.tidemill.sink;

import static io.tidemill.sink.PipelineFixture.HOUR;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tidemill.contract.Event;
import io.tidemill.contract.HourlyRollup;
import io.tidemill.sink.HourComparison.Result;
import io.tidemill.testkit.Events;
import io.tidemill.testkit.GroupBy;
import java.time.Duration;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

/// Hours that wait to be compared once, with real transactions.
class HourComparisonIT {

    private static final Hour THE_HOUR = new Hour(Events.PROJECT, HOUR.toEpochMilli());
    private static final String THROUGH = "SELECT complete_through FROM analytics.freshness";

    private final StoredHours hours = new StoredHours();
    private final HourComparison comparison = new HourComparison();
    private final ComparisonKeeper keeper =
            new ComparisonKeeper(comparison, hours.transactions, hours.transactions, hours.metrics);
    private final List<Event> events = List.of(event("1"), event("2"));

    @BeforeEach
    void announceCompleteness() throws Exception {
        hours.execute(
                "INSERT INTO pipeline.completeness VALUES (true, now() - interval '1 minute')");
        hours.store(events);
    }

    @AfterEach
    void close() {
        hours.close();
    }

    @Test
    void anHourThatWaitsHoldsCompleteThroughAndOneThatIsEqualReleasesIt() throws Exception {
        // given
        GroupBy.of(events).values().forEach(hours::apply);
        GroupBy.sketches(events).forEach(hours::apply);
        String before = hours.text(THROUGH);
        request(THE_HOUR);
        hours.execute("UPDATE pipeline.completeness SET complete_through = now()");
        assertThat(hours.text(THROUGH)).as("waiting").isEqualTo(before);

        // when
        keeper.round().block();

        // then
        assertThat(held()).isZero();
        assertThat(hours.text(THROUGH)).isGreaterThan(before);
        assertThat(compared("equal")).isEqualTo(1);
    }

    @Test
    void anHourOfTheTopologyThatDiffersBecomesTheRawTables() throws Exception {
        // given
        hours.apply(rollup(40));
        String before = hours.text(THROUGH);
        request(THE_HOUR);
        hours.execute("UPDATE pipeline.completeness SET complete_through = now()");

        // when
        keeper.round().block();

        // then
        assertThat(compared("different")).isEqualTo(1);
        assertThat(hours.text("SELECT reason FROM pipeline.pending_hours")).isEqualTo("different");
        assertThat(hours.text(THROUGH)).as("handed on").isEqualTo(before);
        hours.keeper.round().block();
        assertThat(total()).isEqualTo(2);
        assertThat(held()).isZero();
    }

    @Test
    void anHourOfTheRawTableThatDiffersIsMarked() throws Exception {
        // given
        hours.announce(THE_HOUR);
        hours.keeper.round().block();
        hours.execute("UPDATE analytics.hourly_rollups SET total_events = 40");
        request(THE_HOUR);

        // when
        keeper.round().block();

        // then
        assertThat(hours.number("SELECT count(*) FROM pipeline.hour_marks")).isEqualTo(1);
        // Not due at once: it was recomputed a moment ago.
        await().untilAsserted(() -> {
            hours.keeper.round().block();
            assertThat(total()).isEqualTo(2);
        });
    }

    @Test
    void anHourWithoutARollupDiffers() throws Exception {
        request(THE_HOUR);

        keeper.round().block();
        hours.keeper.round().block();

        assertThat(total()).isEqualTo(2);
    }

    @Test
    void aRollupWithoutRawRowsDiffers() throws Exception {
        hours.apply(rollup(40));
        hours.execute("DELETE FROM analytics.events");
        request(THE_HOUR);

        keeper.round().block();
        hours.keeper.round().block();

        assertThat(hours.number("SELECT count(*) FROM analytics.hourly_rollups")).isZero();
    }

    @Test
    void anHourThatIsRecomputedAnywayIsNotLookedAt() throws Exception {
        // given
        GroupBy.of(events).values().forEach(hours::apply);
        GroupBy.sketches(events).forEach(hours::apply);
        request(THE_HOUR);
        hours.announce(THE_HOUR);

        // when
        keeper.round().block();

        // then
        assertThat(compared("different")).as("left to the recomputation").isEqualTo(1);
        hours.keeper.round().block();
        assertThat(held()).isZero();
    }

    @Test
    void anHourWithoutAPartitionIsReleasedAsItIs() throws Exception {
        // given
        Hour old = new Hour(Events.PROJECT, HOUR.minus(Duration.ofDays(60)).toEpochMilli());
        request(old);

        // when
        keeper.round().block();

        // then
        assertThat(held()).isZero();
        assertThat(compared("equal")).isEqualTo(1);
    }

    @Test
    void anHourIsComparedByOneAtATimeAndAnewWhenAskedAgain() throws Exception {
        // given
        GroupBy.of(events).values().forEach(hours::apply);
        GroupBy.sketches(events).forEach(hours::apply);
        request(THE_HOUR);

        // when
        List<Result> both =
                hours.inTransaction(connection ->
                        comparison
                                .run(connection, THE_HOUR)
                                .zipWhen(_ -> running())
                                .map(results -> List.of(results.getT1(), results.getT2())));
        request(THE_HOUR);

        // then
        assertThat(both).containsExactly(Result.EQUAL, Result.NOT_DONE);
        assertThat(held()).isEqualTo(1);
    }

    @Test
    void theNewestHoursAreComparedFirst() throws Exception {
        // given
        Hour newer = new Hour("a", HOUR.plusSeconds(3_600).toEpochMilli());
        request(THE_HOUR);
        request(newer);

        // when
        List<Hour> waiting =
                hours.inTransaction(connection -> comparison.waiting(connection, 2).collectList());

        // then
        assertThat(waiting).containsExactly(newer, THE_HOUR);
    }

    private Mono<Result> running() {
        return hours.transactions.run(connection -> comparison.run(connection, THE_HOUR));
    }

    private void request(Hour hour) throws Exception {
        hours.execute(
                "INSERT INTO pipeline.hour_comparisons (project_id, hour, reason) VALUES ('%s', timestamptz 'epoch' + %d * interval '1 ms', 'test')"
                        .formatted(hour.projectId(), hour.millis()));
    }

    private long held() throws Exception {
        return hours.number("SELECT count(*) FROM pipeline.held_hours");
    }

    private long total() throws Exception {
        return hours.number("SELECT total_events FROM analytics.hourly_rollups");
    }

    private double compared(String result) {
        return hours.registry.counter("tidemill.sink.comparisons", "result", result).count();
    }

    private static Event event(String id) {
        return Events.event().id(id).at(HOUR).build();
    }

    private static HourlyRollup rollup(long total) {
        return new HourlyRollup(
                Events.PROJECT,
                HOUR.toEpochMilli(),
                7,
                total,
                1,
                1,
                new TreeMap<>(),
                new TreeMap<>(),
                new TreeMap<>());
    }
}
