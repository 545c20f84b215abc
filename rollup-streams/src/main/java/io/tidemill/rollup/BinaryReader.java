package io.tidemill.rollup;

import io.tidemill.contract.Hash128;
import io.tidemill.contract.MalformedRecordException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// Reads what {@link BinaryWriter} wrote. Anything else is a bug or a damaged topic, and throws.
final class BinaryReader {

    private final ByteBuffer in;

    BinaryReader(byte[] bytes) {
        in = ByteBuffer.wrap(bytes);
    }

    boolean isAtEnd() {
        return !in.hasRemaining();
    }

    int flags() {
        require(1);
        return in.get();
    }

    /// @throws MalformedRecordException when the next byte is another one
    void version(int known, String what) {
        int version = flags();
        if (version != known) {
            throw new MalformedRecordException(what + " version " + version);
        }
    }

    long number() {
        long value = 0;
        for (int shift = 0; shift < Long.SIZE; shift += 7) {
            require(1);
            byte next = in.get();
            value |= (next & 0x7fL) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw new MalformedRecordException("internal record holds a number that is too long");
    }

    long fixedLong() {
        require(Long.BYTES);
        return in.getLong();
    }

    Hash128 hash() {
        return new Hash128(fixedLong(), fixedLong());
    }

    @Nullable String text() {
        long length = number();
        if (length == 0) {
            return null;
        }
        require(length - 1);
        String text =
                new String(in.array(), in.position(), (int) (length - 1), StandardCharsets.UTF_8);
        in.position(in.position() + (int) (length - 1));
        return text;
    }

    String requiredText() {
        String text = text();
        if (text == null) {
            throw new MalformedRecordException("internal record lacks a text");
        }
        return text;
    }

    byte[] block() {
        long length = number();
        require(length);
        byte[] bytes = new byte[(int) length];
        in.get(bytes);
        return bytes;
    }

    private void require(long bytes) {
        if (bytes < 0 || bytes > in.remaining()) {
            throw new MalformedRecordException(
                    "internal record is cut short", new BufferUnderflowException());
        }
    }
}
