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
    private final FurtherCounts further;
    private Agreement agreement;

    HourDelta() {
        this(
                new HourCounts(),
                new UniqueSketch(),
                new UniqueSketch(),
                new FurtherCounts(),
                Agreement.NONE);
    }

    private HourDelta(
            HourCounts counts,
            UniqueSketch sessions,
            UniqueSketch users,
            FurtherCounts further,
            Agreement agreement) {
        this.counts = counts;
        this.sessions = sessions;
        this.users = users;
        this.further = further;
        this.agreement = agreement;
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

    /// Further dimensions and measures.
    FurtherCounts further() {
        return further;
    }

    /// By which settings events were counted.
    Agreement agreement() {
        return agreement;
    }

    void addEvent(ShardRecord event) {
        if (agreement.code() != event.settingsVersion()) {
            agreement = agreement.and(Agreement.on(event.settingsVersion()));
        }
        counts.addEvent(event.eventType(), event.toolName(), event.riskMode());
        if (!event.further().isEmpty()) {
            further.add(event.further());
        }
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
        agreement = agreement.and(other.agreement);
        counts.add(other.counts);
        sessions.add(other.sessions);
        users.add(other.users);
        further.add(other.further);
    }

    /// Whether it has more values than an hour may have.
    boolean isWide() {
        return counts.isWide() || (!further.isEmpty() && further.isWide(counts.valueBytes()));
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
        out.block(sessions.bytes()).block(users.bytes());
        return agreement.write(further.write(out)).bytes();
    }

    private static HourDelta decode(byte[] bytes) {
        BinaryReader in = new BinaryReader(bytes);
        in.version(VERSION, "hour delta");
        return new HourDelta(
                HourCounts.read(in),
                UniqueSketch.of(in.block()),
                UniqueSketch.of(in.block()),
                FurtherCounts.read(in),
                Agreement.read(in));
    }
}
