package io.tidemill.contract.sketch;

import io.tidemill.contract.MalformedRecordException;
import io.tidemill.contract.RollupKey;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;

/// The different sessions and users of one hour of one project, at one revision: a part of the
/// hour, a record of its own on `rollups.hourly`.
///
/// @param hourMillis start of the hour, ms since 1970-01-01T00:00:00Z
/// @param revision grows with each emission of the same part; a smaller one never replaces a larger
///   one
/// @param sessions kept, not copied; like `users`
public record HourlySketches(
        String projectId,
        long hourMillis,
        long revision,
        UniqueSketch sessions,
        UniqueSketch users) {

    private static final byte VERSION = 1;
    private static final int HEADER_BYTES = 1 + Long.BYTES;

    /// No record has more bytes.
    public static final int MAX_BYTES =
            HEADER_BYTES + 2 * (Varints.MAX_BYTES + UniqueSketch.MAX_BYTES);

    public RollupKey key() {
        return new RollupKey(projectId, hourMillis, RollupKey.SKETCHES);
    }

    /// The record's value as `docs/wire-format.md` describes it.
    ///
    /// @return at most {@link #MAX_BYTES}
    public byte[] bytes() {
        byte[] sessionBytes = sessions.bytes();
        byte[] userBytes = users.bytes();
        int most = HEADER_BYTES + 2 * Varints.MAX_BYTES + sessionBytes.length + userBytes.length;
        ByteBuffer out = ByteBuffer.allocate(most).put(VERSION).putLong(revision);
        Varints.put(out, sessionBytes.length);
        out.put(sessionBytes);
        Varints.put(out, userBytes.length);
        out.put(userBytes);
        byte[] bytes = new byte[out.position()];
        out.get(0, bytes);
        return bytes;
    }

    /// @throws MalformedRecordException when the bytes are not such a value of a version known here
    public static HourlySketches of(RollupKey key, byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        try {
            if (in.get() != VERSION) {
                throw new MalformedRecordException("hourly sketches version is not " + VERSION);
            }
            HourlySketches sketches =
                    new HourlySketches(
                            key.projectId(),
                            key.hourMillis(),
                            in.getLong(),
                            sketch(in),
                            sketch(in));
            if (in.hasRemaining()) {
                throw new MalformedRecordException("hourly sketches are followed by more");
            }
            return sketches;
        } catch (BufferUnderflowException e) {
            throw new MalformedRecordException("hourly sketches are cut short", e);
        }
    }

    private static UniqueSketch sketch(ByteBuffer in) {
        long length = Varints.get(in);
        if (length > in.remaining()) {
            throw new BufferUnderflowException();
        }
        byte[] bytes = new byte[(int) length];
        in.get(bytes);
        return UniqueSketch.of(bytes);
    }
}
