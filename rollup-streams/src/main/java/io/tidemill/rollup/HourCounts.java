package io.tidemill.rollup;

import io.tidemill.contract.HourlyRollup;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The counts of an hour, or a part of them: adding up the parts, in any order, gives the whole.
///
/// Not thread-safe: used by the thread of its task.
final class HourCounts {

    /// Past either, an hour is left to the raw table: what is kept of it stays bounded, and so do
    /// its records.
    static final int MAX_VALUES = 1_000;

    static final int MAX_VALUE_BYTES = 128 << 10;

    private static final int VERSION = 1;

    private long events;
    private long sessions;
    private long users;
    private final Tally eventTypes;
    private final Tally tools;
    private final Tally riskModes;

    HourCounts() {
        this(new Tally(), new Tally(), new Tally());
    }

    private HourCounts(Tally eventTypes, Tally tools, Tally riskModes) {
        this.eventTypes = eventTypes;
        this.tools = tools;
        this.riskModes = riskModes;
    }

    void addEvent(String eventType, @Nullable String toolName, @Nullable String riskMode) {
        events++;
        eventTypes.add(eventType, 1);
        if (toolName != null) {
            tools.add(toolName, 1);
        }
        if (riskMode != null) {
            riskModes.add(riskMode, 1);
        }
    }

    void addSession() {
        sessions++;
    }

    void addUser() {
        users++;
    }

    void add(HourCounts other) {
        events += other.events;
        sessions += other.sessions;
        users += other.users;
        eventTypes.add(other.eventTypes);
        tools.add(other.tools);
        riskModes.add(other.riskModes);
    }

    /// Whether a dimension has more than {@link #MAX_VALUES} values, or all of them together take
    /// more than {@link #MAX_VALUE_BYTES} as JSON.
    boolean isWide() {
        return eventTypes.bytes + tools.bytes + riskModes.bytes > MAX_VALUE_BYTES
                || Math.max(eventTypes.values(), Math.max(tools.values(), riskModes.values()))
                        > MAX_VALUES;
    }

    /// Whether it counts sessions or users.
    boolean hasIds() {
        return sessions > 0 || users > 0;
    }

    boolean isEmpty() {
        return events == 0 && sessions == 0 && users == 0;
    }

    HourlyRollup toRollup(HourKey hour, long revision) {
        return new HourlyRollup(
                hour.projectId(),
                hour.hourMillis(),
                revision,
                events,
                sessions,
                users,
                eventTypes.sorted(),
                tools.sorted(),
                riskModes.sorted());
    }

    BinaryWriter write(BinaryWriter out) {
        out.flags(VERSION).number(events).number(sessions).number(users);
        eventTypes.write(out);
        tools.write(out);
        riskModes.write(out);
        return out;
    }

    static HourCounts read(BinaryReader in) {
        in.version(VERSION, "hour counts");
        long events = in.number();
        long sessions = in.number();
        long users = in.number();
        HourCounts counts = new HourCounts(Tally.read(in), Tally.read(in), Tally.read(in));
        counts.events = events;
        counts.sessions = sessions;
        counts.users = users;
        return counts;
    }

    /// Events by the value of one dimension.
    private static final class Tally {

        /// A number in place, so that counting an event makes no garbage.
        private static final class Count {
            private long events;
        }

        private final Map<String, Count> counts = new HashMap<>();
        private int bytes;

        int values() {
            return counts.size();
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

        private static int jsonBytes(String value) {
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

        void write(BinaryWriter out) {
            out.number(counts.size());
            counts.forEach((value, count) -> out.text(value).number(count.events));
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
}
