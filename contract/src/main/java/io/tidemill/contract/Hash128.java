package io.tidemill.contract;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/// The first 128 bits of the SHA-256 of some strings, each ended by a zero byte.
///
/// Cryptographic on purpose: ids come from strangers, and nobody may craft two that collide.
/// Postgres computes the same with its built-in `sha256`.
public record Hash128(long high, long low) implements Comparable<Hash128> {

    /// Length of {@link #bytes()}.
    public static final int BYTES = 16;

    private static final ThreadLocal<MessageDigest> SHA_256 =
            ThreadLocal.withInitial(Hash128::sha256);

    public static Hash128 of(String... parts) {
        MessageDigest digest = SHA_256.get();
        for (String part : parts) {
            digest.update(part.getBytes(StandardCharsets.UTF_8));
            digest.update((byte) 0);
        }
        ByteBuffer hash = ByteBuffer.wrap(digest.digest());
        return new Hash128(hash.getLong(), hash.getLong());
    }

    /// Big-endian, so that the order of the bytes is the order of the (unsigned) hashes.
    public byte[] bytes() {
        return ByteBuffer.allocate(BYTES).putLong(high).putLong(low).array();
    }

    /// Spreads evenly over `buckets` buckets; a function of the hash alone.
    ///
    /// @param buckets at least 1
    public int bucket(int buckets) {
        return (int) Long.remainderUnsigned(low, buckets);
    }

    @Override
    public int compareTo(Hash128 other) {
        int byHigh = Long.compareUnsigned(high, other.high);
        return byHigh != 0 ? byHigh : Long.compareUnsigned(low, other.low);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
