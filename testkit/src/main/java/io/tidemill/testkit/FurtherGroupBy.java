package io.tidemill.testkit;

import io.tidemill.contract.DimensionCounts;
import io.tidemill.contract.Event;
import io.tidemill.contract.EventIdentity;
import io.tidemill.contract.MeasureNumbers;
import io.tidemill.contract.RollupCodec;
import io.tidemill.contract.RollupKey;
import io.tidemill.contract.settings.Extracted;
import io.tidemill.contract.settings.Extracted.Counted;
import io.tidemill.contract.settings.Extracted.Measured;
import io.tidemill.contract.settings.Extraction;
import io.tidemill.contract.settings.SettingsHistory;
import io.tidemill.contract.sketch.Measurements;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// What further dimensions and measures must equal: a plain GROUP BY, in memory, over distinct
/// identities.
public final class FurtherGroupBy {

    private FurtherGroupBy() {}

    /// The part of every hour, dimension and measure that has any, each as {@link #text} gives it.
    /// Of an identity that occurs several times, the first counts.
    public static Map<RollupKey, String> of(Collection<Event> events, SettingsHistory settings) {
        Map<EventIdentity, Event> distinct = new LinkedHashMap<>();
        events.forEach(event -> distinct.putIfAbsent(event.identity(), event));
        Map<RollupKey, TreeMap<String, Long>> counts = new HashMap<>();
        Map<RollupKey, List<Measured>> measured = new HashMap<>();
        for (Event event : distinct.values()) {
            Extracted extracted = Extraction.of(event, settings.at(event.hourMillis()).settings());
            for (Counted one : extracted.counted()) {
                counts.computeIfAbsent(
                                key(event, RollupKey.dimensionPart(one.dimension())),
                                _ -> new TreeMap<>())
                        .merge(one.value(), 1L, Long::sum);
            }
            for (Measured one : extracted.measured()) {
                String part = RollupKey.measurePart(one.measure(), one.dimension(), one.value());
                measured.computeIfAbsent(key(event, part), _ -> new ArrayList<>()).add(one);
            }
        }
        Map<RollupKey, String> parts = new HashMap<>();
        counts.forEach((key, values) -> parts.put(key, text(counts(key, values))));
        measured.forEach((key, numbers) -> parts.put(key, text(numbers(key, numbers))));
        return parts;
    }

    /// Counts at revision 0.
    public static String text(DimensionCounts counts) {
        return utf8(
                RollupCodec.encode(
                        new DimensionCounts(
                                counts.projectId(),
                                counts.hourMillis(),
                                counts.dimension(),
                                0,
                                counts.counts())));
    }

    /// Numbers at revision 0, the sum without zeros at its end.
    public static String text(MeasureNumbers n) {
        return utf8(
                RollupCodec.encode(
                        new MeasureNumbers(
                                n.projectId(),
                                n.hourMillis(),
                                n.measure(),
                                n.dimension(),
                                n.value(),
                                0,
                                n.count(),
                                n.sum().stripTrailingZeros(),
                                n.min(),
                                n.max(),
                                n.p50(),
                                n.p95(),
                                n.p99(),
                                n.sketch())));
    }

    /// The value of a part of an hour, as it is on `rollups.hourly`, at revision 0.
    public static String text(RollupKey key, byte[] value) {
        return key.isDimension()
                ? text(RollupCodec.decodeDimension(key, value))
                : text(RollupCodec.decodeMeasure(key, value));
    }

    private static RollupKey key(Event event, String part) {
        return new RollupKey(event.projectId(), event.hourMillis(), part);
    }

    private static DimensionCounts counts(RollupKey key, SortedMap<String, Long> values) {
        return new DimensionCounts(key.projectId(), key.hourMillis(), key.dimension(), 0, values);
    }

    private static MeasureNumbers numbers(RollupKey key, List<Measured> numbers) {
        Measurements all = new Measurements();
        numbers.forEach(one -> all.add(one.number()));
        Measured first = numbers.getFirst();
        return new MeasureNumbers(
                key.projectId(),
                key.hourMillis(),
                first.measure(),
                first.dimension(),
                first.value(),
                0,
                all.count(),
                all.sum(),
                all.min(),
                all.max(),
                all.percentile(50),
                all.percentile(95),
                all.percentile(99),
                all.sketchBytes());
    }

    private static String utf8(byte[] json) {
        return new String(json, StandardCharsets.UTF_8);
    }
}
