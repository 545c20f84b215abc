package io.tidemill.contract.sketch;

import io.tidemill.contract.MalformedRecordException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/// How values are spread: any percentile of what was added, to 1 % of the value.
///
/// Counts values by bucket. A bucket is what shares the sign, the exponent and the first six bits
/// of the fraction of an IEEE double: 64 buckets from one power of two to the next, each within
/// 1/128 of its middle (the linear mapping of Masson, Rim and Lee, "DDSketch", 2019). Sketches add
/// up in any order.
///
/// Not thread-safe.
public final class QuantileSketch {

    /// No sketch of measured values (whole multiples of 10^-18 up to 10^18 in size) has more bytes.
    public static final int MAX_BYTES = 160_000;

    /// The greatest size of a value.
    public static final double MAX_VALUE = 1e18;

    /// The least size of a value other than zero.
    public static final double MIN_VALUE = 1e-18;

    private static final byte VERSION = 1;
    private static final int FRACTION_BITS = 6;
    private static final int DROPPED_BITS = 52 - FRACTION_BITS;
    private static final int LEAST = bucketOf(MIN_VALUE);
    private static final int GREATEST = bucketOf(MAX_VALUE);

    private final NavigableMap<Integer, Long> buckets = new TreeMap<>();
    private long count;

    /// Adds a value.
    ///
    /// @param value zero, or between {@link #MIN_VALUE} and {@link #MAX_VALUE} in size
    public void add(double value) {
        double size = Math.abs(value);
        if (value != 0 && !(size >= MIN_VALUE && size <= MAX_VALUE)) {
            throw new IllegalArgumentException("value is out of range");
        }
        add(bucketOf(value), 1);
    }

    /// Adds all values of another sketch, which stays as it is.
    public void add(QuantileSketch other) {
        Map.copyOf(other.buckets).forEach(this::add);
    }

    /// The number of values added.
    public long count() {
        return count;
    }

    /// How many buckets hold values.
    int buckets() {
        return buckets.size();
    }

    /// The value that this part of all values does not exceed, as `percentile_disc` picks it, to
    /// 1/128 of its size.
    ///
    /// @param percent from 0 (the least value) to 100 (the greatest)
    /// @throws IllegalStateException when nothing was added
    public double percentile(int percent) {
        if (count == 0) {
            throw new IllegalStateException("an empty sketch has no percentiles");
        }
        long rest = Math.max(1, rankOf(percent));
        for (Map.Entry<Integer, Long> bucket : buckets.entrySet()) {
            rest -= bucket.getValue();
            if (rest <= 0) {
                return middleOf(bucket.getKey());
            }
        }
        throw new IllegalStateException("buckets hold fewer values than were counted");
    }

    /// The sketch as `docs/wire-format.md` describes it. Equal multisets of values have equal
    /// bytes.
    ///
    /// @return at most {@link #MAX_BYTES}
    public byte[] bytes() {
        ByteBuffer out = ByteBuffer.allocate(1 + buckets.size() * 2 * Varints.MAX_BYTES);
        out.put(VERSION);
        int before = -GREATEST - 1;
        for (Map.Entry<Integer, Long> bucket : buckets.entrySet()) {
            Varints.put(out, bucket.getKey() - before);
            Varints.put(out, bucket.getValue());
            before = bucket.getKey();
        }
        byte[] bytes = new byte[out.position()];
        out.get(0, bytes);
        return bytes;
    }

    /// @throws MalformedRecordException when the bytes are not what {@link #bytes} makes
    public static QuantileSketch of(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        try {
            if (in.get() != VERSION) {
                throw new MalformedRecordException("quantile sketch version is not " + VERSION);
            }
            return read(in);
        } catch (BufferUnderflowException | ArithmeticException e) {
            throw new MalformedRecordException("quantile sketch is cut short or too large", e);
        }
    }

    private static QuantileSketch read(ByteBuffer in) {
        QuantileSketch sketch = new QuantileSketch();
        int before = -GREATEST - 1;
        while (in.hasRemaining()) {
            long step = Varints.get(in);
            long values = Varints.get(in);
            long bucket = Math.addExact(before, step);
            if (step < 1 || values < 1 || bucket > GREATEST || !isBucket((int) bucket)) {
                throw new MalformedRecordException("quantile sketch has a bucket that can't be");
            }
            sketch.add((int) bucket, values);
            before = (int) bucket;
        }
        return sketch;
    }

    private void add(int bucket, long values) {
        count = Math.addExact(count, values);
        buckets.merge(bucket, values, Long::sum);
    }

    /// ⌈count · percent / 100⌉ without overflow.
    private long rankOf(int percent) {
        if (percent < 0 || percent > 100) {
            throw new IllegalArgumentException("percent is not between 0 and 100");
        }
        return count / 100 * percent + (count % 100 * percent + 99) / 100;
    }

    /// Negative values have the negative of their size's bucket; 0 has 0.
    private static int bucketOf(double value) {
        int ofSize = (int) (Double.doubleToRawLongBits(Math.abs(value)) >>> DROPPED_BITS);
        return value < 0 ? -ofSize : ofSize;
    }

    private static boolean isBucket(int bucket) {
        int ofSize = Math.abs(bucket);
        return ofSize == 0 || (ofSize >= LEAST && ofSize <= GREATEST);
    }

    private static double middleOf(int bucket) {
        if (bucket == 0) {
            return 0;
        }
        long bits = ((long) Math.abs(bucket) << DROPPED_BITS) | (1L << (DROPPED_BITS - 1));
        return Math.copySign(Double.longBitsToDouble(bits), bucket);
    }
}
