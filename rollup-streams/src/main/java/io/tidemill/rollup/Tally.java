package io.tidemill.rollup;

import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// Events by the value of one dimension.
///
/// Not thread-safe.
final class Tally {

    /// A number in place, so that counting an event makes no garbage.
    private static final class Count {
        private long events;
    }

    private final Map<String, Count> counts = new HashMap<>();
    private int bytes;

    int values() {
        return counts.size();
    }

    /// What the values take as JSON, at most.
    int bytes() {
        return bytes;
    }

    void add(String value, long events) {
        Count count = counts.get(value);
        if (count == null) {
            count = new Count();
            counts.put(value, count);
            bytes += jsonBytes(value);
        }
        count.events += events;
    }

    static int jsonBytes(String value) {
        int bytes = 0;
        for (int i = 0; i < value.length(); i++) {
            char next = value.charAt(i);
            if (next < 0x20) {
                bytes += 6;
            } else if (next >= 0x80) {
                bytes += 3;
            } else {
                bytes += next == '"' || next == '\\' ? 2 : 1;
            }
        }
        return bytes;
    }

    void add(Tally other) {
        other.counts.forEach((value, count) -> add(value, count.events));
    }

    SortedMap<String, Long> sorted() {
        SortedMap<String, Long> sorted = new TreeMap<>();
        counts.forEach((value, count) -> sorted.put(value, count.events));
        return sorted;
    }

    BinaryWriter write(BinaryWriter out) {
        out.number(counts.size());
        counts.forEach((value, count) -> out.text(value).number(count.events));
        return out;
    }

    static Tally read(BinaryReader in) {
        Tally tally = new Tally();
        long values = in.number();
        for (long i = 0; i < values; i++) {
            tally.add(in.requiredText(), in.number());
        }
        return tally;
    }
}
