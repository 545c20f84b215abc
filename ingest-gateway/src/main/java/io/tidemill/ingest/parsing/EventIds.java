package io.tidemill.ingest.parsing;

import java.util.OptionalLong;
import java.util.UUID;
import java.util.random.RandomGenerator;

/// Ids of events: minting them, and the time that some kinds hold.
final class EventIds {

    static final String PREFIX = "evt_";

    private static final String CROCKFORD_BASE32 = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    private static final int ULID_LENGTH = 26;
    private static final int ULID_TIME_LENGTH = 10;
    private static final int UUID_LENGTH = 36;
    private static final int TIME_SHIFT = 16;

    private EventIds() {}

    /// `evt_` and a UUIDv7 of that time.
    static String mint(long millis, RandomGenerator random) {
        long high = (millis << TIME_SHIFT) | 0x7000 | (random.nextLong() & 0x0fff);
        long low = 0x8000_0000_0000_0000L | (random.nextLong() & 0x3fff_ffff_ffff_ffffL);
        return PREFIX + new UUID(high, low);
    }

    /// The time inside a ULID or a UUIDv7, also one behind `evt_`; empty for any other id.
    static OptionalLong millisOf(String id) {
        String bare = id.startsWith(PREFIX) ? id.substring(PREFIX.length()) : id;
        return switch (bare.length()) {
            case ULID_LENGTH -> millisOfUlid(bare);
            case UUID_LENGTH -> millisOfUuid(bare);
            default -> OptionalLong.empty();
        };
    }

    private static OptionalLong millisOfUlid(String id) {
        long millis = 0;
        for (int i = 0; i < ULID_LENGTH; i++) {
            int digit = CROCKFORD_BASE32.indexOf(upperCase(id.charAt(i)));
            if (digit < 0 || (i == 0 && digit > 7)) {
                return OptionalLong.empty();
            }
            if (i < ULID_TIME_LENGTH) {
                millis = (millis << 5) | digit;
            }
        }
        return OptionalLong.of(millis);
    }

    private static OptionalLong millisOfUuid(String id) {
        for (int i = 0; i < UUID_LENGTH; i++) {
            boolean dash = i == 8 || i == 13 || i == 18 || i == 23;
            char c = id.charAt(i);
            if (dash ? c != '-' : c > 'f' || Character.digit(c, 16) < 0) {
                return OptionalLong.empty();
            }
        }
        UUID uuid = UUID.fromString(id);
        return uuid.version() == 7 && uuid.variant() == 2
                ? OptionalLong.of(uuid.getMostSignificantBits() >>> TIME_SHIFT)
                : OptionalLong.empty();
    }

    private static char upperCase(char c) {
        return c >= 'a' && c <= 'z' ? (char) (c - 'a' + 'A') : c;
    }
}
