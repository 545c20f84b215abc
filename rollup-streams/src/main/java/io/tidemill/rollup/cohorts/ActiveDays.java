package io.tidemill.rollup.cohorts;

import io.tidemill.contract.MalformedRecordException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.BitSet;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.LongConsumer;

/// The days on which one user was active, and the cells of the retention table that the user is in.
///
/// Days are days since 1970-01-01 (UTC). They fall into stays: a gap of more than {@link
/// Cell#LAST_DAY_NUMBER} days ends one, and the next active day starts another, as if the user were
/// new. The first day of a stay is its cohort; the user is in a cell of that cohort for each active
/// day up to the last day number. A set of days has one such picture, whatever the order in which
/// its days became known: a late day may move a stay's first day, or join two.
///
/// A value: what changes it gives another one. One bit a day.
final class ActiveDays {

    static final ActiveDays NONE = new ActiveDays(0, new BitSet());

    private static final byte VERSION = 1;
    private static final int HEADER_BYTES = 1 + Long.BYTES;

    /// The day of bit 0, which is set unless there is no day at all.
    private final long firstDay;

    private final BitSet days;

    private ActiveDays(long firstDay, BitSet days) {
        this.firstDay = firstDay;
        this.days = days;
    }

    /// @param ascending days in their order, each once
    static ActiveDays ofDays(SortedSet<Long> ascending) {
        if (ascending.isEmpty()) {
            return NONE;
        }
        long first = ascending.first();
        BitSet days = new BitSet();
        ascending.forEach(day -> days.set(Math.toIntExact(day - first)));
        return new ActiveDays(first, days);
    }

    /// The days in their order.
    void forEach(LongConsumer action) {
        days.stream().forEach(bit -> action.accept(firstDay + bit));
    }

    /// The first day; there is one.
    long first() {
        return firstDay;
    }

    boolean isEmpty() {
        return days.isEmpty();
    }

    /// These days and another one.
    ActiveDays with(long day) {
        if (isEmpty()) {
            return new ActiveDays(day, bit(0));
        }
        long first = Math.min(day, firstDay);
        BitSet more = shifted(Math.toIntExact(firstDay - first));
        more.set(Math.toIntExact(day - first));
        return new ActiveDays(first, more);
    }

    /// Without the stays that ended before a day, which is forgetting, not correcting: their cells
    /// stay as they are.
    ///
    /// Such a stay can't change any more when every day added later is at least {@link
    /// Cell#LAST_DAY_NUMBER} days past `day`.
    ActiveDays withoutStaysBefore(long day) {
        int start = -1;
        int last = -1;
        for (int bit = days.nextSetBit(0); bit >= 0; bit = days.nextSetBit(bit + 1)) {
            if (start < 0 || startsStay(last, bit)) {
                if (start >= 0 && firstDay + last >= day) {
                    break;
                }
                start = bit;
            }
            last = bit;
        }
        return start < 0 || firstDay + last < day
                ? NONE
                : new ActiveDays(firstDay + start, days.get(start, days.length()));
    }

    /// The day before which stays are forgotten: no event that is still accepted can join them.
    ///
    /// @param today the day up to which everything was read
    /// @param maxEventAgeDays how old an event may be when it is accepted, in whole days, rounded
    ///   up
    static long forgottenBefore(long today, int maxEventAgeDays) {
        return today - (Cell.LAST_DAY_NUMBER + maxEventAgeDays + 1L);
    }

    /// The cells that the user is in, once each.
    SortedSet<Cell> cells() {
        SortedSet<Cell> cells = new TreeSet<>();
        int start = 0;
        int last = 0;
        for (int bit = days.nextSetBit(0); bit >= 0; bit = days.nextSetBit(bit + 1)) {
            if (startsStay(last, bit)) {
                start = bit;
            }
            last = bit;
            if (bit - start <= Cell.LAST_DAY_NUMBER) {
                cells.add(new Cell(firstDay + start, bit - start));
            }
        }
        return cells;
    }

    /// What becomes of the table's numbers when these days become others: the cells that change, by
    /// 1 or -1. A user who is erased changes to {@link #NONE}.
    SortedMap<Cell, Integer> changesTo(ActiveDays after) {
        SortedMap<Cell, Integer> changes = new TreeMap<>();
        cells().forEach(cell -> changes.put(cell, -1));
        after.cells().forEach(cell -> changes.merge(cell, 1, Integer::sum));
        changes.values().removeIf(change -> change == 0);
        return changes;
    }

    /// A version, the first day (big-endian), then one bit a day from the first one, lowest bit
    /// first; nothing at all when there is no day.
    byte[] bytes() {
        if (isEmpty()) {
            return new byte[0];
        }
        byte[] bits = days.toByteArray();
        return ByteBuffer.allocate(HEADER_BYTES + bits.length)
                .put(VERSION)
                .putLong(firstDay)
                .put(bits)
                .array();
    }

    /// @throws MalformedRecordException when the bytes are not what {@link #bytes} makes
    static ActiveDays of(byte[] bytes) {
        if (bytes.length == 0) {
            return NONE;
        }
        ByteBuffer in = ByteBuffer.wrap(bytes);
        try {
            if (in.get() != VERSION) {
                throw new MalformedRecordException("active days version is not " + VERSION);
            }
            ActiveDays read = new ActiveDays(in.getLong(), BitSet.valueOf(in));
            if (!read.days.get(0) || !Arrays.equals(read.bytes(), bytes)) {
                throw new MalformedRecordException("active days are not in their only form");
            }
            return read;
        } catch (BufferUnderflowException e) {
            throw new MalformedRecordException("active days are cut short", e);
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ActiveDays that
                && firstDay == that.firstDay
                && days.equals(that.days);
    }

    @Override
    public int hashCode() {
        return 31 * Long.hashCode(firstDay) + days.hashCode();
    }

    @Override
    public String toString() {
        return firstDay + "+" + days;
    }

    private static boolean startsStay(int last, int next) {
        return next - last > Cell.LAST_DAY_NUMBER;
    }

    private static BitSet bit(int number) {
        BitSet bits = new BitSet();
        bits.set(number);
        return bits;
    }

    private BitSet shifted(int by) {
        BitSet shifted = new BitSet();
        days.stream().forEach(bit -> shifted.set(bit + by));
        return shifted;
    }
}
