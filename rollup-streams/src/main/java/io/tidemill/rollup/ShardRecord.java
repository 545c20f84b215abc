package io.tidemill.rollup;

import io.tidemill.contract.Event;
import io.tidemill.contract.Hash128;
import io.tidemill.contract.MalformedRecordException;
import io.tidemill.contract.RiskMode;
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
/// @param isUnreadable whether its properties can't be read here; Postgres may think otherwise
record ShardRecord(
        Hash128 identity,
        long timestampMillis,
        String eventType,
        @Nullable String toolName,
        @Nullable String riskMode,
        @Nullable Hash128 user,
        @Nullable Hash128 session,
        boolean isUnreadable) {

    static final Serde<ShardRecord> SERDE =
            BinarySerde.of(ShardRecord::encode, ShardRecord::decode);

    private static final int VERSION = 1;
    private static final int HAS_USER = 1;
    private static final int HAS_SESSION = 2;
    private static final int UNREADABLE = 4;

    static ShardRecord of(Event event) {
        try {
            return of(event, RiskMode.of(event), false);
        } catch (MalformedRecordException e) {
            return of(event, null, true);
        }
    }

    private static ShardRecord of(Event event, @Nullable String riskMode, boolean isUnreadable) {
        return new ShardRecord(
                event.identity().hash(),
                event.timestampMillis(),
                event.eventType(),
                event.toolName(),
                riskMode,
                hash(event.projectId(), event.userId()),
                hash(event.projectId(), event.sessionId()),
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
                        | (isUnreadable ? UNREADABLE : 0));
        out.hash(identity).fixedLong(timestampMillis);
        out.text(eventType).text(toolName).text(riskMode);
        if (user != null) {
            out.hash(user);
        }
        if (session != null) {
            out.hash(session);
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
                (flags & UNREADABLE) != 0);
    }

    private static @Nullable Hash128 hash(String projectId, @Nullable String id) {
        return id == null ? null : Hash128.of(projectId, id);
    }
}
