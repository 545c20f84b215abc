package io.tidemill.contract.sketch;

import io.tidemill.contract.MalformedRecordException;
import java.nio.ByteBuffer;

/// HyperLogLog registers: of the hashes that fall to a register, it keeps the highest rank.
///
/// On the wire they are planes of one bit a register: the bit of plane `r` says that the register
/// is `r` or more. So the highest of many registers is an OR, and the number of registers of a rank
/// is a matter of counting bits: two things that Postgres does fast without an extension. The
/// sparse planes of the high ranks come first, since Postgres compresses only what starts well.
///
/// Not thread-safe.
final class Registers {

    private static final int INDEX_BITS = 14;
    private static final int COUNT = 1 << INDEX_BITS;

    /// The rank of a hash that has no bit left after its index.
    static final int MAX_RANK = Long.SIZE - INDEX_BITS + 1;

    static final int PLANE_BYTES = COUNT / Byte.SIZE;

    /// Stands for registers that are not in use.
    static final Registers NONE = new Registers();

    /// 1 / (2 ln 2), the bias of the harmonic mean for many registers.
    private static final double ALPHA = 0.7213475204444817;

    private final byte[] ranks = new byte[COUNT];

    /// The index is the first 14 bits of a hash, the rank the place of the first bit set after
    /// them.
    void add(long hash) {
        int index = (int) (hash >>> (Long.SIZE - INDEX_BITS));
        int rank = Math.min(MAX_RANK, Long.numberOfLeadingZeros(hash << INDEX_BITS) + 1);
        ranks[index] = (byte) Math.max(ranks[index], rank);
    }

    void add(Registers other) {
        for (int i = 0; i < COUNT; i++) {
            ranks[i] = (byte) Math.max(ranks[i], other.ranks[i]);
        }
    }

    /// The number of planes that hold a bit: the highest rank.
    int planes() {
        int highest = 0;
        for (byte rank : ranks) {
            highest = Math.max(highest, rank);
        }
        return highest;
    }

    void write(ByteBuffer out) {
        int planes = planes();
        int start = out.position();
        for (int i = 0; i < COUNT; i++) {
            for (int rank = 1; rank <= ranks[i]; rank++) {
                int at = start + (planes - rank) * PLANE_BYTES + i / Byte.SIZE;
                out.put(at, (byte) (out.get(at) | bit(i)));
            }
        }
        out.position(start + planes * PLANE_BYTES);
    }

    static Registers read(ByteBuffer in) {
        int planes = in.remaining() / PLANE_BYTES;
        if (in.remaining() % PLANE_BYTES != 0 || planes < 1 || planes > MAX_RANK) {
            throw new MalformedRecordException("unique sketch has no such number of planes");
        }
        Registers registers = new Registers();
        for (int rank = planes; rank >= 1; rank--) {
            registers.readPlane(in, rank);
        }
        if (registers.planes() != planes) {
            throw new MalformedRecordException("unique sketch starts with an empty plane");
        }
        return registers;
    }

    private void readPlane(ByteBuffer in, int rank) {
        int start = in.position();
        for (int i = 0; i < COUNT; i++) {
            boolean set = (in.get(start + i / Byte.SIZE) & bit(i)) != 0;
            if (!set && ranks[i] != 0) {
                throw new MalformedRecordException("unique sketch has a hole between planes");
            }
            if (set && ranks[i] == 0) {
                ranks[i] = (byte) rank;
            }
        }
        in.position(start + PLANE_BYTES);
    }

    /// The bit of a register in its byte: the first register has the highest one.
    private static int bit(int register) {
        return 0x80 >> (register % Byte.SIZE);
    }

    /// The improved raw estimator of Otmar Ertl, "New cardinality estimation algorithms for
    /// HyperLogLog sketches" (2017), algorithm 6. Only with operations that every machine rounds
    /// alike, in the same order as in Postgres, so that both give the same number.
    long estimate() {
        int[] registersOf = new int[MAX_RANK + 1];
        for (byte rank : ranks) {
            registersOf[rank]++;
        }
        double sum = COUNT * tau(1 - registersOf[MAX_RANK] / (double) COUNT);
        for (int rank = MAX_RANK - 1; rank >= 1; rank--) {
            sum = 0.5 * (sum + registersOf[rank]);
        }
        sum += COUNT * sigma(registersOf[0] / (double) COUNT);
        return (long) Math.floor(ALPHA * COUNT * COUNT / sum + 0.5);
    }

    /// x + Σ x^(2^k) 2^(k-1), for the registers that nothing fell to.
    private static double sigma(double x) {
        double power = x;
        double factor = 1;
        double sum = x;
        double before;
        do {
            before = sum;
            power *= power;
            sum += power * factor;
            factor += factor;
        } while (sum != before);
        return sum;
    }

    /// (1 - x - Σ (1 - x^(2^-k))² 2^-k) / 3, for the registers that are full.
    private static double tau(double x) {
        if (x == 0 || x == 1) {
            return 0;
        }
        double root = x;
        double factor = 1;
        double sum = 1 - x;
        double before;
        do {
            before = sum;
            root = Math.sqrt(root);
            factor *= 0.5;
            sum -= (1 - root) * (1 - root) * factor;
        } while (sum != before);
        return sum / 3;
    }
}
