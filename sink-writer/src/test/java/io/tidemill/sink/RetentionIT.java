package io.tidemill.sink;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.contract.Event;
import io.tidemill.contract.HourlyRollup;
import io.tidemill.projects.Project;
import io.tidemill.projects.Projects;
import io.tidemill.projects.RateLimits;
import io.tidemill.projects.Retention;
import io.tidemill.testkit.Events;
import io.tidemill.testkit.GroupBy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Raw rows go, with real transactions and a clock that the test sets.
class RetentionIT {

    private static final Duration DAY = Duration.ofDays(1);
    private static final Instant MIDNIGHT = Instant.parse("2031-03-01T00:00:00Z");
    private static final String DAYS =
            "SELECT string_agg(day::text, ' ' ORDER BY day) FROM pipeline.events_days WHERE day < '2031-03-01'";

    private final StoredHours hours = new StoredHours();
    private RetentionWindows configured = windows("2d", "4d");
    private final RetentionKeeper keeper =
            new RetentionKeeper(
                    () -> configured,
                    DAY,
                    new WindowTable(),
                    new RawRetention(hours.owners),
                    hours.transactions,
                    hours.transactions,
                    hours.metrics);
    private final ComparisonKeeper comparisons =
            new ComparisonKeeper(
                    new HourComparison(), hours.transactions, hours.transactions, hours.metrics);
    private final Housekeeping housekeeping =
            new Housekeeping(new DaySketches(hours.owners), hours.transactions, hours.metrics);

    /// One event on each of the days from 26 February to 1 March, of two projects.
    @BeforeEach
    void fill() throws Exception {
        hours.setClock(MIDNIGHT.minusSeconds(1));
        hours.setCompleteThrough(MIDNIGHT);
        keeper.round().block();
        List<Event> events = new ArrayList<>();
        for (int days = -3; days <= 0; days++) {
            for (String project : List.of("a", "b")) {
                events.add(event(project, MIDNIGHT.plus(DAY.multipliedBy(days))));
            }
        }
        hours.store(events);
        GroupBy.of(events).values().forEach(hours::apply);
        GroupBy.sketches(events).forEach(hours::apply);
    }

    @AfterEach
    void close() {
        hours.close();
    }

    @Test
    void aDayGoesWhenItsEndIsPastTheWindowAndItsRollupsStay() throws Exception {
        assertThat(hours.text(DAYS)).isEqualTo("2031-02-26 2031-02-27 2031-02-28");

        // when
        hours.setClock(MIDNIGHT);
        settleAndGo();

        // then
        assertThat(hours.text(DAYS)).isEqualTo("2031-02-27 2031-02-28");
        assertThat(hours.number("SELECT count(*) FROM analytics.hourly_rollups")).isEqualTo(8);
        assertThat(hours.number("SELECT count(*) FROM pipeline.held_hours")).isZero();
        assertThat(hours.text("SELECT raw_removed_before FROM analytics.retention"))
                .startsWith("2031-02-27 00:00:00");
    }

    @Test
    void aDayGoesOnlyAfterItWasComparedOnceMore() throws Exception {
        // given
        hours.execute(
                "UPDATE analytics.hourly_rollups SET total_events = 7 WHERE project_id = 'a' AND hour < '2031-02-27Z'");
        hours.setClock(MIDNIGHT);

        // when
        keeper.round().block();
        keeper.round().block();

        // then
        assertThat(hours.text(DAYS)).as("waits").startsWith("2031-02-26");
        comparisons.round().block();
        keeper.round().block();
        assertThat(hours.text(DAYS)).as("waits for a recomputation").startsWith("2031-02-26");
        hours.keeper.round().block();
        keeper.round().block();
        assertThat(hours.text(DAYS)).as("goes").startsWith("2031-02-27");
        assertThat(hours.number("SELECT sum(total_events) FROM analytics.hourly_rollups"))
                .isEqualTo(8);
    }

    @Test
    void aDayWaitsWhileCompleteThroughIsBehind() throws Exception {
        hours.setClock(MIDNIGHT);
        hours.setCompleteThrough(MIDNIGHT.minus(DAY).minusSeconds(1));

        settleAndGo();

        assertThat(hours.text(DAYS)).startsWith("2031-02-26");
        assertThat(hours.number("SELECT count(*) FROM pipeline.raw_bounds")).isZero();
    }

    @Test
    void whatComesForAFinalHourIsSetAsideOrIgnored() throws Exception {
        // given
        Instant day = MIDNIGHT.minus(DAY.multipliedBy(3));
        hours.setClock(MIDNIGHT);
        keeper.round().block();

        // when
        hours.store(List.of(event("a", day.plusSeconds(5)), event("a", MIDNIGHT.plusSeconds(5))));
        hours.apply(rollup("a", day, 99));
        hours.announce(Hour.of("a", day.toEpochMilli()));

        // then
        assertThat(hours.text("SELECT string_agg(reason, ' ') FROM analytics.rejected_events"))
                .isEqualTo("expired");
        assertThat(hours.number("SELECT count(*) FROM analytics.events")).isEqualTo(9);
        assertThat(hours.number("SELECT count(*) FROM pipeline.pending_hours")).isZero();
        assertThat(hours.number("SELECT max(total_events) FROM analytics.hourly_rollups"))
                .isEqualTo(1);
    }

    @Test
    void anEventOfADayThatHasGoneIsExpiredAndItsDayStaysAway() throws Exception {
        // given
        hours.setClock(MIDNIGHT);
        settleAndGo();

        // when
        hours.partitions.prepareAll().block();
        hours.store(List.of(event("a", MIDNIGHT.minus(DAY.multipliedBy(3)))));

        // then
        assertThat(hours.text(DAYS)).startsWith("2031-02-27");
        assertThat(hours.text("SELECT reason FROM analytics.rejected_events")).isEqualTo("expired");
    }

    @Test
    void nothingRecomputesAnHourOfADayThatHasGone() throws Exception {
        // given
        hours.setClock(MIDNIGHT);
        settleAndGo();
        String hour = "'a', '2031-02-26Z'";
        hours.execute("INSERT INTO pipeline.raw_hours VALUES (" + hour + ")");
        hours.execute("INSERT INTO pipeline.hour_marks (project_id, hour) VALUES (" + hour + ")");
        hours.execute(
                "INSERT INTO pipeline.hour_comparisons (project_id, hour, reason) VALUES ("
                        + hour
                        + ", '')");

        // when
        comparisons.round().block();
        hours.keeper.round().block();
        hours.keeper.round().block();

        // then
        assertThat(hours.number("SELECT count(*) FROM analytics.hourly_rollups")).isEqualTo(8);
        assertThat(hours.number("SELECT count(*) FROM pipeline.held_hours")).isZero();
    }

    @Test
    void rowsOfAProjectWithAShorterWindowGoBeforeTheDayDoes() throws Exception {
        // given
        configured = windows("4d", "9d", project("b", "2d"));
        confirm();
        hours.setClock(MIDNIGHT);

        // when
        settleAndGo();

        // then
        assertThat(hours.text(DAYS)).startsWith("2031-02-26");
        assertThat(hours.number("SELECT count(*) FROM analytics.events WHERE project_id = 'a'"))
                .isEqualTo(4);
        assertThat(hours.number("SELECT count(*) FROM analytics.events WHERE project_id = 'b'"))
                .isEqualTo(3);
        hours.store(List.of(event("b", MIDNIGHT.minus(DAY.multipliedBy(3)))));
        assertThat(hours.text("SELECT reason FROM analytics.rejected_events")).isEqualTo("expired");
        hours.store(List.of(event("a", MIDNIGHT.minus(DAY.multipliedBy(3)).plusSeconds(1))));
        assertThat(hours.number("SELECT count(*) FROM analytics.events")).isEqualTo(8);
        assertThat(hours.number("SELECT count(*) FROM analytics.hourly_rollups")).isEqualTo(8);
    }

    @Test
    void aShorterWindowIsNotInForceUntilItIsConfirmed() throws Exception {
        // given
        configured = windows("1d", "4d");
        hours.setClock(MIDNIGHT);

        // when
        settleAndGo();

        // then
        assertThat(hours.text(DAYS)).isEqualTo("2031-02-27 2031-02-28");
        assertThat(hours.registry.get("tidemill.sink.retention.unconfirmed").gauge().value())
                .isEqualTo(1);
        confirm();
        settleAndGo();
        assertThat(hours.text(DAYS)).isEqualTo("2031-02-28");
    }

    @Test
    void aShorterWindowThatRemovesNothingNeedsNoConfirmation() throws Exception {
        configured = windows("2d", "4d", project("new", "1d"));

        keeper.round().block();

        assertThat(
                        hours.text(
                                "SELECT raw_days FROM pipeline.retention_windows WHERE project_id = 'new'"))
                .isEqualTo("1");
    }

    @Test
    void aLongerWindowIsInForceAtOnce() throws Exception {
        configured = windows("forever", "4d");
        hours.setClock(MIDNIGHT.plus(DAY.multipliedBy(400)));

        settleAndGo();

        assertThat(hours.text(DAYS)).startsWith("2031-02-26");
    }

    @Test
    void twoSinksAgree() throws Exception {
        hours.setClock(MIDNIGHT);
        RetentionKeeper other =
                new RetentionKeeper(
                        () -> configured,
                        DAY,
                        new WindowTable(),
                        new RawRetention(hours.owners),
                        hours.transactions,
                        hours.transactions,
                        hours.metrics);

        keeper.round().and(other.round()).block();
        comparisons.round().block();
        keeper.round().and(other.round()).block();
        keeper.round().and(other.round()).block();

        assertThat(hours.text(DAYS)).isEqualTo("2031-02-27 2031-02-28");
    }

    @Test
    void rollupsGoWithTheirWindowAndNotBeforeTheirRawEvents() throws Exception {
        // given
        hours.setClock(MIDNIGHT.plus(DAY.multipliedBy(3)));

        // when
        housekeeping.round().block();

        // then
        assertThat(hours.number("SELECT count(*) FROM analytics.hourly_rollups"))
                .as("raw kept")
                .isEqualTo(8);
        settleAndGo();
        housekeeping.round().block();
        assertThat(hours.number("SELECT count(*) FROM analytics.hourly_rollups")).isEqualTo(4);
        assertThat(
                        hours.number(
                                "SELECT count(DISTINCT (project_id, hour)) FROM pipeline.rollup_parts"))
                .isEqualTo(4);
        assertThat(
                        hours.number(
                                "SELECT count(*) FROM analytics.hourly_rollup_dimensions WHERE hour < '2031-02-27Z'"))
                .isZero();
    }

    @Test
    void aCohortGoesWhenItsLastDayIsPastTheWindow() throws Exception {
        hours.execute(
                "INSERT INTO analytics.retention_cohorts (project_id, cohort_day, day_number, users) SELECT 'a', date '2031-03-01' - days, 0, 1 FROM generate_series(94, 96) AS days");
        hours.setClock(MIDNIGHT.plusSeconds(1));

        housekeeping.round().block();

        assertThat(hours.text("SELECT min(cohort_day) FROM analytics.retention_cohorts"))
                .isEqualTo("2030-11-27");
    }

    @Test
    void recordsThatWereSetAsideGoAfterThirtyDays() throws Exception {
        hours.execute(
                "INSERT INTO analytics.rejected_events VALUES ('t', 0, 1, 'r', '', timestamptz '2031-03-01Z' - interval '30 days'), ('t', 0, 2, 'r', '', timestamptz '2031-03-01Z' - interval '29 days')");
        hours.setClock(MIDNIGHT.plusSeconds(1));

        housekeeping.round().block();

        assertThat(
                        hours.text(
                                "SELECT string_agg(kafka_offset::text, ' ') FROM analytics.rejected_events"))
                .isEqualTo("2");
    }

    private void settleAndGo() {
        keeper.round().block();
        comparisons.round().block();
        keeper.round().block();
    }

    private void confirm() {
        hours.inTransaction(
                connection -> new WindowTable().put(connection, configured).thenReturn(true));
    }

    private static Event event(String project, Instant at) {
        return Events.event().id("id").project(project).at(at).build();
    }

    private static HourlyRollup rollup(String project, Instant hour, long total) {
        return new HourlyRollup(
                project,
                hour.toEpochMilli(),
                9,
                total,
                0,
                0,
                new TreeMap<>(),
                new TreeMap<>(),
                new TreeMap<>());
    }

    private static Project project(String id, String raw) {
        return new Project(id, false, RateLimits.UNLIMITED, Retention.parse(raw), null, List.of());
    }

    private static RetentionWindows windows(String raw, String rollups, Project... projects) {
        return RetentionWindows.of(
                Retention.parse(raw), Retention.parse(rollups), Projects.of(List.of(projects)));
    }
}
