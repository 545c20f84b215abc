package io.tidemill.rollup;

import io.tidemill.contract.Hash128;
import io.tidemill.contract.sketch.UniqueSketch;
import org.apache.kafka.common.serialization.Serde;

/// What is to be added to an hour, or a part of that: adding up the parts, in any order, gives the
/// whole.
///
/// Not thread-safe: used by the thread of its task.
final class HourDelta {

    static final Serde<HourDelta> SERDE = BinarySerde.of(HourDelta::encode, HourDelta::decode);

    private static final int VERSION = 1;

    private final HourCounts counts;
    private final UniqueSketch sessions;
    private final UniqueSketch users;

    HourDelta() {
        this(new HourCounts(), new UniqueSketch(), new UniqueSketch());
    }

    private HourDelta(HourCounts counts, UniqueSketch sessions, UniqueSketch users) {
        this.counts = counts;
        this.sessions = sessions;
        this.users = users;
    }

    HourCounts counts() {
        return counts;
    }

    /// The sessions that are counted here.
    UniqueSketch sessions() {
        return sessions;
    }

    /// The users that are counted here.
    UniqueSketch users() {
        return users;
    }

    void addEvent(ShardRecord event) {
        counts.addEvent(event.eventType(), event.toolName(), event.riskMode());
    }

    /// Counts a session that nobody else counts.
    void addSession(Hash128 session) {
        counts.addSession();
        sessions.add(session);
    }

    /// Counts a user that nobody else counts.
    void addUser(Hash128 user) {
        counts.addUser();
        users.add(user);
    }

    void add(HourDelta other) {
        counts.add(other.counts);
        sessions.add(other.sessions);
        users.add(other.users);
    }

    /// Whether it has more values than an hour may have.
    boolean isWide() {
        return counts.isWide();
    }

    /// Whether it counts sessions or users.
    boolean hasIds() {
        return counts.hasIds();
    }

    boolean isEmpty() {
        return counts.isEmpty();
    }

    private byte[] encode() {
        BinaryWriter out = new BinaryWriter().flags(VERSION);
        counts.write(out);
        return out.block(sessions.bytes()).block(users.bytes()).bytes();
    }

    private static HourDelta decode(byte[] bytes) {
        BinaryReader in = new BinaryReader(bytes);
        in.version(VERSION, "hour delta");
        return new HourDelta(
                HourCounts.read(in), UniqueSketch.of(in.block()), UniqueSketch.of(in.block()));
    }
}
