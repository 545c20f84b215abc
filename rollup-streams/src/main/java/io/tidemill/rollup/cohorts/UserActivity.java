package io.tidemill.rollup.cohorts;

import io.tidemill.contract.MalformedRecordException;
import java.io.ByteArrayOutputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.NavigableMap;
import java.util.SortedMap;
import java.util.TreeMap;

/// All that is known of one user: the active days, for each of them the latest hour in which an
/// event of it was received, and up to when the user was erased.
///
/// The hours are what makes erasures exact, which end with a whole hour of receipt: a day stays
/// when something of it was received later, whichever of the two becomes known first. So what is
/// known depends on the set of news alone, not on their order.
///
/// A value: what changes it gives another one.
public final class UserActivity {

    public static final UserActivity NONE =
            new UserActivity(Long.MIN_VALUE, Collections.emptyNavigableMap());

    private static final byte VERSION = 1;
    private static final long HOURS_A_DAY = 24;

    /// In hours since 1970-01-01T00:00:00Z; {@link Long#MIN_VALUE} when never erased.
    private final long erasedBefore;

    private final NavigableMap<Long, Long> receivedByDay;

    private UserActivity(long erasedBefore, NavigableMap<Long, Long> receivedByDay) {
        this.erasedBefore = erasedBefore;
        this.receivedByDay = receivedByDay;
    }

    /// What is known after this news; the same object when it says nothing new.
    public UserActivity after(UserNews news) {
        return switch (news) {
            case UserNews.Active(long day, long receivedHour) -> active(day, receivedHour);
            case UserNews.Erased(long beforeHour) -> erased(beforeHour);
        };
    }

    /// Without the stays that ended before a day; see {@link ActiveDays#withoutStaysBefore}.
    public UserActivity withoutStaysBefore(long day) {
        ActiveDays kept = days().withoutStaysBefore(day);
        return kept.isEmpty()
                ? new UserActivity(erasedBefore, Collections.emptyNavigableMap())
                : new UserActivity(erasedBefore, receivedByDay.tailMap(kept.first(), true));
    }

    /// The last day that this says anything of: the last active one, or the one up to which the
    /// user was erased; in days since 1970-01-01 (UTC), {@link Long#MIN_VALUE} when there is none.
    public long lastDay() {
        long erasedDay = isErased() ? Math.floorDiv(erasedBefore, HOURS_A_DAY) : Long.MIN_VALUE;
        return receivedByDay.isEmpty() ? erasedDay : Math.max(erasedDay, receivedByDay.lastKey());
    }

    /// What becomes of the table's numbers when this becomes that: the cells that change, by 1 or
    /// -1.
    public SortedMap<Cell, Integer> changesTo(UserActivity that) {
        return days().changesTo(that.days());
    }

    /// A version, erased before (8 bytes, big-endian), how many bytes the days have (4 bytes), the
    /// days as {@link ActiveDays#bytes} has them, then for each day the hours from its start to the
    /// latest receipt, as a varint, lowest bit for the sign.
    public byte[] bytes() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        byte[] days = days().bytes();
        out.writeBytes(
                ByteBuffer.allocate(1 + Long.BYTES + Integer.BYTES)
                        .put(VERSION)
                        .putLong(erasedBefore)
                        .putInt(days.length)
                        .array());
        out.writeBytes(days);
        receivedByDay.forEach((day, received) -> writeVarint(out, received - day * HOURS_A_DAY));
        return out.toByteArray();
    }

    /// @throws MalformedRecordException when the bytes are not what {@link #bytes} makes
    public static UserActivity of(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        try {
            if (in.get() != VERSION) {
                throw new MalformedRecordException("user activity version is not " + VERSION);
            }
            long erasedBefore = in.getLong();
            int length = in.getInt();
            if (length < 0 || length > in.remaining()) {
                throw new MalformedRecordException("user activity is cut short");
            }
            byte[] days = new byte[length];
            in.get(days);
            NavigableMap<Long, Long> receivedByDay = new TreeMap<>();
            ActiveDays.of(days)
                    .forEach(day -> receivedByDay.put(day, day * HOURS_A_DAY + readVarint(in)));
            if (in.hasRemaining()) {
                throw new MalformedRecordException("user activity is too long");
            }
            return new UserActivity(erasedBefore, receivedByDay);
        } catch (BufferUnderflowException e) {
            throw new MalformedRecordException("user activity is cut short", e);
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof UserActivity that
                && erasedBefore == that.erasedBefore
                && receivedByDay.equals(that.receivedByDay);
    }

    @Override
    public int hashCode() {
        return 31 * Long.hashCode(erasedBefore) + receivedByDay.hashCode();
    }

    @Override
    public String toString() {
        return (isErased() ? "erased before " + erasedBefore + " " : "") + receivedByDay;
    }

    private UserActivity active(long day, long receivedHour) {
        Long known = receivedByDay.get(day);
        if (receivedHour < erasedBefore || (known != null && known >= receivedHour)) {
            return this;
        }
        NavigableMap<Long, Long> more = new TreeMap<>(receivedByDay);
        more.put(day, receivedHour);
        return new UserActivity(erasedBefore, more);
    }

    private UserActivity erased(long beforeHour) {
        if (beforeHour <= erasedBefore) {
            return this;
        }
        NavigableMap<Long, Long> left = new TreeMap<>(receivedByDay);
        left.values().removeIf(received -> received < beforeHour);
        return new UserActivity(beforeHour, left);
    }

    private boolean isErased() {
        return erasedBefore != Long.MIN_VALUE;
    }

    private ActiveDays days() {
        return ActiveDays.ofDays(receivedByDay.navigableKeySet());
    }

    private static void writeVarint(ByteArrayOutputStream out, long value) {
        long rest = (value << 1) ^ (value >> (Long.SIZE - 1));
        while ((rest & ~0x7fL) != 0) {
            out.write((int) (rest | 0x80));
            rest >>>= 7;
        }
        out.write((int) rest);
    }

    private static long readVarint(ByteBuffer in) {
        long value = 0;
        for (int shift = 0; shift < Long.SIZE; shift += 7) {
            byte next = in.get();
            value |= (next & 0x7fL) << shift;
            if (next >= 0) {
                return (value >>> 1) ^ -(value & 1);
            }
        }
        throw new MalformedRecordException("user activity holds a number that is too long");
    }
}
