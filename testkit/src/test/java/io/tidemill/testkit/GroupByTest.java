package io.tidemill.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.contract.Event;
import io.tidemill.contract.HourlyRollup;
import io.tidemill.contract.RollupKey;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// The oracle itself, against numbers counted by hand.
class GroupByTest {

    private static final String IN_THE_HOUR = "2025-10-18T01:59:59.999Z";
    private static final String NEXT_HOUR = "2025-10-18T02:00:00.000Z";

    @Test
    void everythingIsCountedOncePerHour() {
        // given
        List<Event> events =
                List.of(
                        Events.event().user("ann").session("s1").tool("editor").build(),
                        Events.event().user("ann").session("s2").tool("editor").build(),
                        Events.event().user("bob").session("s2").at(IN_THE_HOUR).build(),
                        Events.event().type("clicked").tool("shell").build(),
                        Events.event().riskMode("high").build(),
                        Events.event().riskMode("high").build(),
                        Events.event()
                                .type("clicked")
                                .properties("{\"risk_mode\":\"low\"}")
                                .build());

        // when
        Map<RollupKey, HourlyRollup> rollups = GroupBy.of(events);

        // then
        assertThat(rollups)
                .containsExactly(
                        Map.entry(
                                hour(Events.PROJECT, "2025-10-18T01:00:00Z"),
                                new HourlyRollup(
                                        Events.PROJECT,
                                        Instant.parse("2025-10-18T01:00:00Z").toEpochMilli(),
                                        0,
                                        7,
                                        2,
                                        2,
                                        counts(
                                                Map.of(
                                                        "page_viewed", 3L,
                                                        "clicked", 2L,
                                                        "risk_mode_changed", 2L)),
                                        counts(Map.of("editor", 2L, "shell", 1L)),
                                        counts(Map.of("high", 2L)))));
    }

    @Test
    void anEventSentAgainCountsOnceAsItCameFirst() {
        // given
        Event first = Events.event().id("e1").user("ann").build();
        Event again = Events.event().id("e1").user("bob").type("clicked").build();

        // when
        Map<RollupKey, HourlyRollup> rollups = GroupBy.of(List.of(first, again, first));

        // then
        HourlyRollup rollup = rollups.values().iterator().next();
        assertThat(rollup.totalEvents()).isOne();
        assertThat(rollup.uniqueUsers()).isOne();
        assertThat(rollup.eventCounts()).containsOnlyKeys("page_viewed");
    }

    @Test
    void projectsTimesAndIdsEachMakeAnotherEvent() {
        // given
        List<Event> events =
                List.of(
                        Events.event().id("e1").build(),
                        Events.event().id("e2").build(),
                        Events.event().id("e1").at(IN_THE_HOUR).build(),
                        Events.event().id("e1").at(NEXT_HOUR).build(),
                        Events.event().id("e1").project("other").build());

        // when
        Map<RollupKey, HourlyRollup> rollups = GroupBy.of(events);

        // then
        assertThat(rollups)
                .hasSize(3)
                .hasEntrySatisfying(
                        hour(Events.PROJECT, "2025-10-18T01:00:00Z"),
                        rollup -> assertThat(rollup.totalEvents()).isEqualTo(3))
                .hasEntrySatisfying(
                        hour(Events.PROJECT, NEXT_HOUR),
                        rollup -> assertThat(rollup.totalEvents()).isOne())
                .hasEntrySatisfying(
                        hour("other", "2025-10-18T01:00:00Z"),
                        rollup -> assertThat(rollup.totalEvents()).isOne());
    }

    private static RollupKey hour(String project, String start) {
        return new RollupKey(project, Instant.parse(start).toEpochMilli(), RollupKey.HOUR);
    }

    private static SortedMap<String, Long> counts(Map<String, Long> counts) {
        return new TreeMap<>(counts);
    }
}
