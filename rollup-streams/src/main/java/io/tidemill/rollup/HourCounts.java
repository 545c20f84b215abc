package io.tidemill.rollup;

import io.tidemill.contract.HourlyRollup;
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
        return valueBytes() > MAX_VALUE_BYTES
                || Math.max(eventTypes.values(), Math.max(tools.values(), riskModes.values()))
                        > MAX_VALUES;
    }

    int valueBytes() {
        return eventTypes.bytes() + tools.bytes() + riskModes.bytes();
    }

    /// Whether it counts sessions or users.
    boolean hasIds() {
        return sessions > 0 || users > 0;
    }

    boolean isEmpty() {
        return events == 0 && sessions == 0 && users == 0;
    }

    HourlyRollup toRollup(HourKey hour, long revision, int settingsVersion) {
        return new HourlyRollup(
                hour.projectId(),
                hour.hourMillis(),
                revision,
                events,
                sessions,
                users,
                eventTypes.sorted(),
                tools.sorted(),
                riskModes.sorted(),
                settingsVersion);
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
}
