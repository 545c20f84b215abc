package io.tidemill.contract.sketch;

import io.tidemill.contract.Hash128;
import io.tidemill.contract.MalformedRecordException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/// How many different ids were added: exact up to {@link #EXACT} of them, beyond that an estimate
/// with a standard error of 0.81 %.
///
/// Up to {@link #EXACT} ids are held as their hashes, more of them as HyperLogLog registers. What
/// was added before, twice or in another sketch changes nothing, so sketches may be added to each
/// other in any order and as often as one likes. Postgres counts the same sketches in
/// `analytics.unique_count`.
///
/// Not thread-safe.
public final class UniqueSketch {

    /// The most ids that are told apart exactly.
    public static final int EXACT = 1_000;

    /// No sketch has more bytes; one of a billion ids has about 62,000.
    public static final int MAX_BYTES = 2 + Registers.MAX_RANK * Registers.PLANE_BYTES;

    private static final byte VERSION = 1;
    private static final byte HASHES = 0;
    private static final byte REGISTERS = 1;
    private static final int HEADER_BYTES = 2;

    /// Sorted as unsigned numbers, without repetition; those up to `size` count. Empty once there
    /// are registers.
    private long[] hashes = {};

    private int size;
    private Registers registers = Registers.NONE;

    /// Adds an id.
    ///
    /// @param id of project and id, as {@link Hash128#of} makes it
    public void add(Hash128 id) {
        add(id.high());
    }

    /// Adds all ids of another sketch, which stays as it is.
    public void add(UniqueSketch other) {
        if (other.isExact()) {
            for (int i = 0; i < other.size; i++) {
                add(other.hashes[i]);
            }
            return;
        }
        useRegisters();
        registers.add(other.registers);
    }

    /// The number of different ids added: exact up to {@link #EXACT}.
    public long estimate() {
        return isExact() ? size : registers.estimate();
    }

    /// The sketch as `docs/wire-format.md` describes it. Equal sets of ids have equal bytes.
    ///
    /// @return at most {@link #MAX_BYTES}
    public byte[] bytes() {
        int length = isExact() ? size * Long.BYTES : registers.planes() * Registers.PLANE_BYTES;
        ByteBuffer out = ByteBuffer.allocate(HEADER_BYTES + length);
        out.put(VERSION).put(isExact() ? HASHES : REGISTERS);
        if (isExact()) {
            for (int i = 0; i < size; i++) {
                out.putLong(hashes[i]);
            }
        } else {
            registers.write(out);
        }
        return out.array();
    }

    /// @throws MalformedRecordException when the bytes are not what {@link #bytes} makes
    public static UniqueSketch of(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        if (in.remaining() < HEADER_BYTES || in.get() != VERSION) {
            throw new MalformedRecordException("unique sketch version is not " + VERSION);
        }
        UniqueSketch sketch = new UniqueSketch();
        switch (in.get()) {
            case HASHES -> sketch.readHashes(in);
            case REGISTERS -> sketch.registers = Registers.read(in);
            default -> throw new MalformedRecordException("unique sketch has no known form");
        }
        return sketch;
    }

    private boolean isExact() {
        return registers == Registers.NONE;
    }

    private void add(long hash) {
        if (!isExact()) {
            registers.add(hash);
            return;
        }
        int place = placeOf(hash);
        if (place >= 0) {
            return;
        }
        if (size == EXACT) {
            useRegisters();
            registers.add(hash);
            return;
        }
        insert(-place - 1, hash);
    }

    private void insert(int place, long hash) {
        if (size == hashes.length) {
            hashes = Arrays.copyOf(hashes, Math.min(EXACT, Math.max(8, 2 * size)));
        }
        System.arraycopy(hashes, place, hashes, place + 1, size - place);
        hashes[place] = hash;
        size++;
    }

    /// Where a hash is, or -1 - where it belongs.
    private int placeOf(long hash) {
        int low = 0;
        int high = size - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            int order = Long.compareUnsigned(hashes[middle], hash);
            if (order == 0) {
                return middle;
            }
            if (order < 0) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return -low - 1;
    }

    private void useRegisters() {
        if (!isExact()) {
            return;
        }
        registers = new Registers();
        for (int i = 0; i < size; i++) {
            registers.add(hashes[i]);
        }
        hashes = new long[0];
        size = 0;
    }

    private void readHashes(ByteBuffer in) {
        if (in.remaining() % Long.BYTES != 0 || in.remaining() > EXACT * Long.BYTES) {
            throw new MalformedRecordException("unique sketch has no such number of hashes");
        }
        hashes = new long[in.remaining() / Long.BYTES];
        for (size = 0; size < hashes.length; size++) {
            hashes[size] = in.getLong();
            if (size > 0 && Long.compareUnsigned(hashes[size - 1], hashes[size]) >= 0) {
                throw new MalformedRecordException("unique sketch has hashes out of order");
            }
        }
    }
}
