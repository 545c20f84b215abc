package io.tidemill.sink;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.contract.Event;
import io.tidemill.projects.Projects;
import io.tidemill.projects.Retention;
import io.tidemill.testkit.Events;
import io.tidemill.testkit.GroupBy;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// A year of days that come and go, by a clock that the test sets.
@Tag("endurance")
class RetentionYearIT {

    private static final LocalDate FIRST = LocalDate.of(2031, 1, 1);
    private static final int DAYS = 365;
    private static final int RAW_DAYS = 30;
    private static final int ROLLUP_DAYS = 90;

    private final StoredHours hours = new StoredHours();
    private final RetentionWindows windows =
            RetentionWindows.of(
                    new Retention.Days(RAW_DAYS), new Retention.Days(ROLLUP_DAYS), Projects.open());
    private final RetentionKeeper keeper =
            new RetentionKeeper(
                    () -> windows,
                    Duration.ofDays(29),
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

    private int rounds;

    @AfterEach
    void close() {
        hours.close();
    }

    @Test
    void exactlyTheRightDaysAreThereAtEveryMidnight() throws Exception {
        // given
        long seed = Long.getLong("seed", System.nanoTime());
        System.out.println("-Dseed=" + seed);
        Random random = new Random(seed);
        setClock(midnight(FIRST));
        hours.execute("SELECT pipeline.create_events_partition('2031-01-01')");

        for (int n = 0; n < DAYS; n++) {
            // when
            LocalDate today = FIRST.plusDays(n);
            setClock(midnight(today));
            hours.partitions.prepareAll().block();
            goRound();

            // then
            assertThat(days())
                    .as("seed %s, midnight of %s", seed, today)
                    .isEqualTo(expected(today));
            receive(today, random);
            if (random.nextInt(10) == 0) {
                setClock(midnight(today).plusSeconds(1 + random.nextInt(86_399)));
                goRound();
                assertThat(days()).as("seed %s, on %s", seed, today).isEqualTo(expected(today));
            }
        }

        // then
        LocalDate last = FIRST.plusDays(DAYS - 1);
        assertThat(hours.number("SELECT count(*) FROM analytics.events")).isEqualTo(RAW_DAYS + 1);
        assertThat(
                        hours.text(
                                "SELECT min(hour) = timestamptz '%s' AND count(*) = %d AND bool_and(revision = 0 AND total_events = 1) FROM analytics.hourly_rollups"
                                        .formatted(
                                                midnight(last.minusDays(ROLLUP_DAYS)),
                                                ROLLUP_DAYS + 1)))
                .as("rollups of days that have gone are as they were counted")
                .isEqualTo("t");
        assertThat(
                        hours.number(
                                "SELECT count(*) FROM analytics.rejected_events WHERE reason <> 'expired'"))
                .isZero();
    }

    /// An event of today and its rollup; now and then one of a day that has gone.
    private void receive(LocalDate today, Random random) {
        List<Event> events = List.of(event(today));
        hours.store(events);
        GroupBy.of(events).values().forEach(hours::apply);
        GroupBy.sketches(events).forEach(hours::apply);
        if (random.nextInt(10) == 0) {
            hours.store(List.of(event(today.minusDays(32 + random.nextInt(20)))));
        }
    }

    private void goRound() {
        keeper.round().block();
        comparisons.round().block();
        keeper.round().block();
        if (++rounds % 10 == 0 || rounds > DAYS) {
            housekeeping.round().block();
        }
    }

    private void setClock(Instant now) throws Exception {
        hours.setClock(now);
        hours.setCompleteThrough(now);
    }

    private String days() throws Exception {
        return hours.text(
                "SELECT string_agg(day::text, ' ' ORDER BY day) FROM pipeline.events_days");
    }

    /// From the oldest that is not past the window to the newest that is created ahead.
    private static String expected(LocalDate today) {
        return Stream.iterate(
                        today.minusDays(RAW_DAYS),
                        day -> !day.isAfter(today.plusDays(EventPartitions.DAYS_AHEAD)),
                        day -> day.plusDays(1))
                .map(LocalDate::toString)
                .collect(Collectors.joining(" "));
    }

    private static Event event(LocalDate day) {
        return Events.event().id("1").at(midnight(day)).build();
    }

    private static Instant midnight(LocalDate day) {
        return day.atStartOfDay(ZoneOffset.UTC).toInstant();
    }
}
