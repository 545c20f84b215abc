package io.tidemill.sink;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.contract.Event;
import io.tidemill.sink.ReconciledHours.Look;
import io.tidemill.sink.Reconciler.Found;
import io.tidemill.testkit.Events;
import io.tidemill.testkit.GroupBy;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The background reconciler, a round at a time, with real transactions.
class ReconcilerIT {

    private static final Duration HOUR = Duration.ofHours(1);

    @SuppressWarnings("TimeInStaticInitializer") // any recent hour will do
    private static final Instant CLOSED_END = Instant.now().truncatedTo(ChronoUnit.HOURS);

    private static final Instant LAST = CLOSED_END.minus(HOUR);

    private final StoredHours hours = new StoredHours();
    private final Reconciler reconciler =
            new Reconciler(
                    new ReconciledHours(), hours.transactions, hours.transactions, hours.metrics);

    /// An event an hour for six hours, of two projects.
    @BeforeEach
    void fill() throws Exception {
        List<Event> events = new ArrayList<>();
        for (int back = 1; back <= 6; back++) {
            Instant at = CLOSED_END.minus(HOUR.multipliedBy(back));
            events.add(Events.event().id("1").project("a").at(at).build());
            events.add(Events.event().id("1").project("b").at(at).build());
        }
        hours.store(events);
        GroupBy.of(events).values().forEach(hours::apply);
        GroupBy.sketches(events).forEach(hours::apply);
        hours.setCompleteThrough(CLOSED_END.plusSeconds(1));
    }

    @AfterEach
    void close() {
        hours.close();
    }

    @Test
    void whatIsEqualIsNotedPerProject() throws Exception {
        round();

        assertThat(
                        hours.number(
                                "SELECT count(*) FROM analytics.freshness WHERE reconciliation = 'equal' AND reconciled_at IS NOT NULL"))
                .isEqualTo(2);
        assertThat(found("equal")).isEqualTo(2);
        assertThat(hours.number("SELECT count(*) FROM pipeline.held_hours")).isZero();
    }

    @Test
    void hoursThatClosedHaveTheirTurnFirstAndThenAllThatAreKept() throws Exception {
        List<String> turns = new ArrayList<>();
        for (int round = 0; round < 6; round++) {
            turns.add(turn());
        }

        assertThat(turns).containsExactly(hour(3), hour(2), hour(1), hour(1), hour(2), hour(3));
        hours.setCompleteThrough(CLOSED_END.plus(HOUR));
        assertThat(turn()).as("just closed").isEqualTo(hour(0));
        assertThat(turn()).as("further back").isEqualTo(hour(4));
    }

    @Test
    void afterTheOldestTheNewestHasItsTurnAgain() throws Exception {
        hours.execute(
                "UPDATE pipeline.reconciler SET recent_through = date_trunc('hour', now() + interval '1 day'), walked_to = (SELECT min(starts) FROM pipeline.events_days)");

        assertThat(turn()).isEqualTo(hour(1));
    }

    @Test
    void afterALookThereIsARest() throws Exception {
        round();

        assertThat(hours.text("SELECT pipeline.next_hour_to_reconcile()")).isEqualTo("null");
        assertThat(
                        hours.number(
                                "SELECT count(*) FROM pipeline.reconciler WHERE next_at > clock_timestamp()"))
                .isEqualTo(1);
    }

    @Test
    void anHourOfTheRawTableThatDiffersIsMarkedAtOneLook() throws Exception {
        // given
        hours.announce(Hour.of("a", LAST.toEpochMilli()));
        hours.keeper.round().block();
        damage("a");

        // when
        reconcileLast();

        // then
        assertThat(hours.number("SELECT count(*) FROM pipeline.hour_marks")).isEqualTo(1);
        assertThat(found("different")).isEqualTo(1);
        assertThat(
                        hours.text(
                                "SELECT reconciliation FROM analytics.freshness WHERE project_id = 'a'"))
                .startsWith("different: ");
        hours.keeper.round().block();
        assertThat(total("a")).isEqualTo(1);
    }

    @Test
    void anHourOfTheTopologyThatDiffersAtTwoLooksIsAnnounced() throws Exception {
        // given
        damage("a");
        hours.setCompleteThrough(Instant.now().plusSeconds(60));

        // when
        reconcileLast();

        // then
        assertThat(hours.text("SELECT project_id || reason FROM pipeline.pending_hours"))
                .isEqualTo("adifferent");
        hours.keeper.round().block();
        assertThat(total("a")).isEqualTo(1);
    }

    @Test
    void aDifferenceThatChangesBetweenTwoLooksIsLeftToTheNextTurn() {
        Look first = new Look("a", false, "total 1, raw 2");
        Look second = new Look("a", false, "total 2, raw 3");

        assertThat(Found.first(List.of(first)).doubtful()).containsExactly(first);
        assertThat(Found.second(List.of(second), Set.of(first)).compared()).isEmpty();
        assertThat(Found.second(List.of(first), Set.of(first)).different()).containsExactly("a");
    }

    @Test
    void anHourThatWaitsToBeRecomputedIsOpen() throws Exception {
        // given
        damage("a");
        hours.announce(Hour.of("a", LAST.toEpochMilli()));

        // when
        reconcileLast();

        // then
        assertThat(found("different")).isZero();
        assertThat(found("equal")).isEqualTo(1);
    }

    private void reconcileLast() throws Exception {
        hours.execute(
                "UPDATE pipeline.reconciler SET recent_through = '"
                        + LAST
                        + "', next_at = '-infinity'");
        round();
    }

    private void round() {
        reconciler.round().block();
    }

    /// Whose turn it is, without looking.
    private String turn() throws Exception {
        hours.execute("UPDATE pipeline.reconciler SET next_at = '-infinity'");
        return hours.text(
                "SELECT to_char(pipeline.next_hour_to_reconcile() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')");
    }

    private static String hour(int back) {
        return CLOSED_END.minus(HOUR.multipliedBy(back)).toString();
    }

    private void damage(String project) throws Exception {
        hours.execute(
                "UPDATE analytics.hourly_rollups SET total_events = 7 WHERE project_id = '"
                        + project
                        + "' AND hour = '"
                        + LAST
                        + "'");
    }

    private long total(String project) throws Exception {
        return hours.number(
                "SELECT total_events FROM analytics.hourly_rollups WHERE project_id = '"
                        + project
                        + "' AND hour = '"
                        + LAST
                        + "'");
    }

    private double found(String result) {
        return hours.registry.counter("tidemill.sink.reconciled.hours", "result", result).count();
    }
}
