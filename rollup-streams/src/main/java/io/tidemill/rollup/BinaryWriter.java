package io.tidemill.rollup;

import io.tidemill.contract.Hash128;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Writes the records between the steps of the topology. {@link BinaryReader} reads them.
///
/// Whole numbers are varints (7 bits a byte, lowest first, high bit = more follow) unless fixed,
/// which is big-endian. A text is its length in bytes plus 1, then UTF-8; 0 stands for absent.
final class BinaryWriter {

    private static final VarHandle LONG =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
    private static final int MAX_VARINT_BYTES = 10;

    private byte[] buffer = new byte[128];
    private int length;

    BinaryWriter flags(int flags) {
        reserve(1);
        buffer[length++] = (byte) flags;
        return this;
    }

    BinaryWriter number(long value) {
        reserve(MAX_VARINT_BYTES);
        long rest = value;
        while ((rest & ~0x7fL) != 0) {
            buffer[length++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        buffer[length++] = (byte) rest;
        return this;
    }

    BinaryWriter fixedLong(long value) {
        reserve(Long.BYTES);
        LONG.set(buffer, length, value);
        length += Long.BYTES;
        return this;
    }

    BinaryWriter hash(Hash128 hash) {
        return fixedLong(hash.high()).fixedLong(hash.low());
    }

    BinaryWriter text(@Nullable String text) {
        if (text == null) {
            return number(0);
        }
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        return number(utf8.length + 1L).raw(utf8);
    }

    /// Some bytes, after their number.
    BinaryWriter block(byte[] bytes) {
        return number(bytes.length).raw(bytes);
    }

    byte[] bytes() {
        return Arrays.copyOf(buffer, length);
    }

    private BinaryWriter raw(byte[] bytes) {
        reserve(bytes.length);
        System.arraycopy(bytes, 0, buffer, length, bytes.length);
        length += bytes.length;
        return this;
    }

    private void reserve(int more) {
        if (length + more > buffer.length) {
            buffer = Arrays.copyOf(buffer, Math.max(2 * buffer.length, length + more));
        }
    }
}
