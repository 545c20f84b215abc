package io.tidemill.contract.sketch;

import io.tidemill.contract.MalformedRecordException;
import java.nio.ByteBuffer;

/// Whole numbers from 0, 7 bits a byte, lowest first, high bit set when more follow.
final class Varints {

    /// Of the largest `long`.
    static final int MAX_BYTES = 9;

    private Varints() {}

    static void put(ByteBuffer out, long number) {
        long rest = number;
        while (rest > 0x7f) {
            out.put((byte) (rest | 0x80));
            rest >>>= 7;
        }
        out.put((byte) rest);
    }

    /// @throws MalformedRecordException when another form of the number is shorter, or it is too
    ///   large
    static long get(ByteBuffer in) {
        long number = 0;
        for (int shift = 0; shift < Long.SIZE - 1; shift += 7) {
            byte next = in.get();
            number |= (next & 0x7fL) << shift;
            if (next > 0 || (next == 0 && shift == 0)) {
                return number;
            }
            if (next == 0) {
                break;
            }
        }
        throw new MalformedRecordException(
                "sketch holds a number that is not in its shortest form");
    }
}
