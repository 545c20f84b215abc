package io.tidemill.rollup;

import io.tidemill.contract.Event;
import io.tidemill.contract.Hash128;
import io.tidemill.contract.MalformedRecordException;
import io.tidemill.contract.RiskMode;
import io.tidemill.contract.settings.Extracted;
import io.tidemill.contract.settings.Extracted.Counted;
import io.tidemill.contract.settings.Extracted.Measured;
import io.tidemill.contract.settings.Extraction;
import io.tidemill.contract.settings.SettingsVersion;
import io.tidemill.contract.sketch.Measurements;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.serialization.Serde;
import org.jspecify.annotations.Nullable;

/// What a shard has to know of an event to count it; project and hour are the record's key, and its
/// append time on `events` is the record's timestamp.
///
/// @param identity stands for (project, timestamp, event id)
/// @param timestampMillis when it happened, by the sender's word
/// @param toolName null when not sent
/// @param riskMode null when the event counts under none
/// @param user stands for (project, user id); null when the event names no user
/// @param session stands for (project, session id); null when the event names none
/// @param settingsVersion of the settings that hold for its hour, as far as is known here
/// @param further what it counts under and measures by these settings
/// @param isUnreadable whether its properties can't be read here; Postgres may think otherwise
record ShardRecord(
        Hash128 identity,
        long timestampMillis,
        String eventType,
        @Nullable String toolName,
        @Nullable String riskMode,
        @Nullable Hash128 user,
        @Nullable Hash128 session,
        int settingsVersion,
        Extracted further,
        boolean isUnreadable) {

    static final Serde<ShardRecord> SERDE =
            BinarySerde.of(ShardRecord::encode, ShardRecord::decode);

    private static final int VERSION = 1;
    private static final int HAS_USER = 1;
    private static final int HAS_SESSION = 2;
    private static final int UNREADABLE = 4;
    private static final int HAS_FURTHER = 8;

    /// @param settings those that hold for the event's hour
    static ShardRecord of(Event event, SettingsVersion settings) {
        try {
            Extracted further = Extraction.of(event, settings.settings());
            return of(event, RiskMode.of(event), settings, further, false);
        } catch (MalformedRecordException e) {
            return of(event, null, settings, Extracted.NONE, true);
        }
    }

    private static ShardRecord of(
            Event event,
            @Nullable String riskMode,
            SettingsVersion settings,
            Extracted further,
            boolean isUnreadable) {
        return new ShardRecord(
                event.identity().hash(),
                event.timestampMillis(),
                event.eventType(),
                event.toolName(),
                riskMode,
                hash(event.projectId(), event.userId()),
                hash(event.projectId(), event.sessionId()),
                settings.version(),
                further,
                isUnreadable);
    }

    /// The shard that counts this event: by its user, so that each user has one shard; else by its
    /// session, else by itself. As with the routing key, every copy of an event has the same one.
    int shard(int shards) {
        Hash128 actor = user != null ? user : session != null ? session : identity;
        return actor.bucket(shards);
    }

    private byte[] encode() {
        BinaryWriter out = new BinaryWriter();
        out.flags(VERSION);
        out.flags(
                (user != null ? HAS_USER : 0)
                        | (session != null ? HAS_SESSION : 0)
                        | (isUnreadable ? UNREADABLE : 0)
                        | (further.isEmpty() ? 0 : HAS_FURTHER));
        out.hash(identity).fixedLong(timestampMillis);
        out.text(eventType).text(toolName).text(riskMode);
        if (user != null) {
            out.hash(user);
        }
        if (session != null) {
            out.hash(session);
        }
        out.number(settingsVersion);
        if (!further.isEmpty()) {
            write(further, out);
        }
        return out.bytes();
    }

    private static ShardRecord decode(byte[] bytes) {
        BinaryReader in = new BinaryReader(bytes);
        in.version(VERSION, "shard record");
        int flags = in.flags();
        return new ShardRecord(
                in.hash(),
                in.fixedLong(),
                in.requiredText(),
                in.text(),
                in.text(),
                (flags & HAS_USER) != 0 ? in.hash() : null,
                (flags & HAS_SESSION) != 0 ? in.hash() : null,
                (int) in.number(),
                (flags & HAS_FURTHER) != 0 ? readFurther(in) : Extracted.NONE,
                (flags & UNREADABLE) != 0);
    }

    private static void write(Extracted further, BinaryWriter out) {
        out.number(further.counted().size());
        further.counted().forEach(one -> out.text(one.dimension()).text(one.value()));
        out.number(further.measured().size());
        for (Measured one : further.measured()) {
            MeasureKey.of(one).write(out).block(one.number().unscaledValue().toByteArray());
        }
    }

    private static Extracted readFurther(BinaryReader in) {
        List<Counted> counted = new ArrayList<>();
        for (long left = in.number(); left > 0; left--) {
            counted.add(new Counted(in.requiredText(), in.requiredText()));
        }
        List<Measured> measured = new ArrayList<>();
        for (long left = in.number(); left > 0; left--) {
            measured.add(
                    new Measured(
                            in.requiredText(),
                            in.requiredText(),
                            in.requiredText(),
                            new BigDecimal(new BigInteger(in.block()), Measurements.SCALE)));
        }
        return new Extracted(counted, measured, 0);
    }

    private static @Nullable Hash128 hash(String projectId, @Nullable String id) {
        return id == null ? null : Hash128.of(projectId, id);
    }
}
