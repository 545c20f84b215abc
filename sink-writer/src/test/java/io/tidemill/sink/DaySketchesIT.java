package io.tidemill.sink;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.contract.Event;
import io.tidemill.testkit.Events;
import io.tidemill.testkit.GroupBy;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Sketches of closed days, merged from those of their hours.
class DaySketchesIT {

    @SuppressWarnings("TimeInStaticInitializer") // any day will do
    private static final Instant TODAY = Instant.now().truncatedTo(ChronoUnit.DAYS);

    private static final Instant YESTERDAY = TODAY.minus(Duration.ofDays(1));
    private static final String DAYS =
            "SELECT count(*) FROM analytics.unique_sketches WHERE grain = 'day'";
    private static final String MAKE_HOUR_SKETCHES =
            "INSERT INTO analytics.unique_sketches SELECT project_id, 'hour', hour, kind, analytics.unique_union_of(ARRAY[analytics.raw_unique_hashes(project_id, kind, hour, hour + interval '1 hour')]) FROM analytics.hourly_rollups CROSS JOIN (VALUES ('users'), ('sessions')) AS kinds (kind) ON CONFLICT DO NOTHING";

    private final StoredHours hours = new StoredHours();
    private final Housekeeping housekeeping =
            new Housekeeping(new DaySketches(hours.owners), hours.transactions, hours.metrics);

    /// Two users an hour for three hours of yesterday; one of them is always the same.
    @BeforeEach
    void fill() throws Exception {
        List<Event> events = new ArrayList<>();
        for (int hour = 0; hour < 3; hour++) {
            Instant at = YESTERDAY.plus(Duration.ofHours(5L * hour));
            events.add(Events.event().id("1").user("ann").session("s" + hour).at(at).build());
            events.add(Events.event().id("2").user("user-" + hour).session("t").at(at).build());
        }
        hours.store(events);
        GroupBy.of(events).values().forEach(hours::apply);
        hours.setCompleteThrough(TODAY);
    }

    @AfterEach
    void close() {
        hours.close();
    }

    @Test
    void aClosedDayIsMergedAndItsHoursAreNoLongerNeeded() throws Exception {
        hours.execute(MAKE_HOUR_SKETCHES);

        housekeeping.round().block();

        assertThat(hours.number(DAYS)).isEqualTo(2);
        assertThat(
                        hours.number(
                                "SELECT analytics.unique_count(sketch) FROM analytics.unique_sketches WHERE grain = 'day' AND kind = 'users'"))
                .isEqualTo(4);
        assertThat(
                        hours.number(
                                "SELECT count(*) FROM analytics.unique_sketches_of('%s', 'users', '%s', '%s')"
                                        .formatted(Events.PROJECT, YESTERDAY, TODAY)))
                .isEqualTo(1);
    }

    @Test
    void aDayThatIsNotOverIsNotMerged() throws Exception {
        hours.execute(MAKE_HOUR_SKETCHES);
        hours.setCompleteThrough(TODAY.minusMillis(1));

        housekeeping.round().block();

        assertThat(hours.number(DAYS)).isZero();
    }

    @Test
    void aDayOfWhichASketchIsMissingIsNotMerged() throws Exception {
        hours.execute(MAKE_HOUR_SKETCHES);
        hours.execute(
                "DELETE FROM analytics.unique_sketches WHERE kind = 'users' AND start = '%s'"
                        .formatted(YESTERDAY));

        housekeeping.round().block();

        assertThat(hours.number(DAYS)).as("sessions alone").isEqualTo(1);
    }

    @Test
    void anHourThatChangesUndoesTheMerge() throws Exception {
        hours.execute(MAKE_HOUR_SKETCHES);
        housekeeping.round().block();

        hours.execute(
                "UPDATE analytics.unique_sketches SET sketch = '\\x0100' WHERE grain = 'hour' AND kind = 'users' AND start = '%s'"
                        .formatted(YESTERDAY));

        assertThat(hours.number(DAYS)).isEqualTo(1);
        housekeeping.round().block();
        assertThat(hours.number(DAYS)).isEqualTo(2);
    }

    @Test
    void aDayWithAnHourThatWaitsIsNotMerged() throws Exception {
        hours.execute(MAKE_HOUR_SKETCHES);
        hours.announce(Hour.of(Events.PROJECT, YESTERDAY.toEpochMilli()));

        housekeeping.round().block();

        assertThat(hours.number(DAYS)).isZero();
    }
}
