package io.tidemill.projects;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// The SHA-256 of a key: all that is kept of it. Comparing two takes the same time wherever they
/// differ.
public final class KeyHash {

    private static final int LENGTH = 32;
    private static final HexFormat HEX = HexFormat.of();

    private final byte[] digest;

    private KeyHash(byte[] digest) {
        this.digest = digest;
    }

    public static KeyHash of(String key) {
        try {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            return new KeyHash(sha256.digest(key.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /// @throws IllegalArgumentException when it is not 64 hexadecimal digits
    static KeyHash ofHex(String hex) {
        if (hex.length() != 2 * LENGTH) {
            throw new IllegalArgumentException("not 64 hexadecimal digits");
        }
        return new KeyHash(HEX.parseHex(hex));
    }

    /// For the projects file: 64 digits in lower case.
    String hex() {
        return HEX.formatHex(digest);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof KeyHash hash && MessageDigest.isEqual(digest, hash.digest);
    }

    @Override
    public int hashCode() {
        // Any four bytes of it are as good as random.
        return digest[0] << 24
                | (digest[1] & 0xff) << 16
                | (digest[2] & 0xff) << 8
                | (digest[3] & 0xff);
    }

    /// Nothing of it: of a weak key, even the hash would say too much in a log.
    @Override
    public String toString() {
        return "KeyHash[…]";
    }
}
