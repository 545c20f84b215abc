package io.tidemill.testkit;

import io.tidemill.contract.Event;
import io.tidemill.contract.EventIdentity;
import io.tidemill.contract.Hash128;
import io.tidemill.contract.HourlyRollup;
import io.tidemill.contract.RiskMode;
import io.tidemill.contract.RollupKey;
import io.tidemill.contract.sketch.HourlySketches;
import io.tidemill.contract.sketch.UniqueSketch;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// What every rollup must equal: a plain GROUP BY, in memory, over distinct identities. Written to
/// be obviously right, not fast.
public final class GroupBy {

    private GroupBy() {}

    /// The rollup of every project and hour that has events, all at revision 0. Of an identity that
    /// occurs several times, the first counts.
    public static Map<RollupKey, HourlyRollup> of(Collection<Event> events) {
        Map<RollupKey, HourlyRollup> rollups = new HashMap<>();
        groups(events, RollupKey.HOUR)
                .forEach((key, group) -> rollups.put(key, rollup(key, group)));
        return rollups;
    }

    /// The sketches of every project and hour that has sessions or users, all at revision 0. Of an
    /// identity that occurs several times, the first counts.
    public static List<HourlySketches> sketches(Collection<Event> events) {
        List<HourlySketches> sketches = new ArrayList<>();
        groups(events, RollupKey.SKETCHES)
                .forEach((key, group) -> {
                    if (distinct(group, Event::sessionId) + distinct(group, Event::userId) > 0) {
                        sketches.add(
                                new HourlySketches(
                                        key.projectId(),
                                        key.hourMillis(),
                                        0,
                                        sketch(group, Event::sessionId),
                                        sketch(group, Event::userId)));
                    }
                });
        return sketches;
    }

    /// {@link #sketches}, each as {@link #bytesOf} gives it.
    public static Map<RollupKey, String> sketchBytes(Collection<Event> events) {
        Map<RollupKey, String> bytes = new HashMap<>();
        sketches(events).forEach(sketches -> bytes.put(sketches.key(), bytesOf(sketches)));
        return bytes;
    }

    /// The bytes of the sketches at revision 0, in hex: of equal sets they are equal.
    public static String bytesOf(HourlySketches sketches) {
        return HexFormat.of()
                .formatHex(
                        new HourlySketches(
                                        sketches.projectId(),
                                        sketches.hourMillis(),
                                        0,
                                        sketches.sessions(),
                                        sketches.users())
                                .bytes());
    }

    private static UniqueSketch sketch(
            List<Event> events, Function<Event, @Nullable String> column) {
        UniqueSketch sketch = new UniqueSketch();
        for (Event event : events) {
            String id = column.apply(event);
            if (id != null) {
                sketch.add(Hash128.of(event.projectId(), id));
            }
        }
        return sketch;
    }

    private static Map<RollupKey, List<Event>> groups(Collection<Event> events, String part) {
        Map<EventIdentity, Event> distinct = new LinkedHashMap<>();
        for (Event event : events) {
            distinct.putIfAbsent(event.identity(), event);
        }
        Map<RollupKey, List<Event>> groups = new HashMap<>();
        for (Event event : distinct.values()) {
            RollupKey key = new RollupKey(event.projectId(), event.hourMillis(), part);
            groups.computeIfAbsent(key, _ -> new ArrayList<>()).add(event);
        }
        return groups;
    }

    /// The same rollup at revision 0, to compare one of any revision with these.
    public static HourlyRollup withoutRevision(HourlyRollup rollup) {
        return new HourlyRollup(
                rollup.projectId(),
                rollup.hourMillis(),
                0,
                rollup.totalEvents(),
                rollup.uniqueSessions(),
                rollup.uniqueUsers(),
                rollup.eventCounts(),
                rollup.toolUsage(),
                rollup.riskDistribution());
    }

    private static HourlyRollup rollup(RollupKey key, List<Event> events) {
        return new HourlyRollup(
                key.projectId(),
                key.hourMillis(),
                0,
                events.size(),
                distinct(events, Event::sessionId),
                distinct(events, Event::userId),
                counts(events, Event::eventType),
                counts(events, Event::toolName),
                counts(events, RiskMode::of));
    }

    private static long distinct(List<Event> events, Function<Event, @Nullable String> column) {
        return events.stream().map(column).filter(Objects::nonNull).distinct().count();
    }

    private static SortedMap<String, Long> counts(
            List<Event> events, Function<Event, @Nullable String> column) {
        SortedMap<String, Long> counts = new TreeMap<>();
        for (Event event : events) {
            String value = column.apply(event);
            if (value != null) {
                counts.merge(value, 1L, Long::sum);
            }
        }
        return counts;
    }
}
