package io.tidemill.ingest.parsing;

import java.util.BitSet;

/// Finds escapes of half a surrogate pair in JSON text that is UTF-8 otherwise.
///
/// The parser gives up on a whole text for one in a key. Here each is made an escaped U+0000, which
/// it does read and events don't hold either, and is remembered to be told from a real one.
final class SurrogateEscapes {

    private static final int ESCAPE_LENGTH = 6;

    private final byte[] json;
    private final BitSet lone;

    private SurrogateEscapes(byte[] json, BitSet lone) {
        this.json = json;
        this.lone = lone;
    }

    /// Looks at the whole of `json`, which is left as it is.
    static SurrogateEscapes in(byte[] json) {
        BitSet lone = new BitSet();
        for (int i = 0; i < json.length; i++) {
            if (json[i] == '\\') {
                int unit = unit(json, i);
                if (isHigh(unit) && isLow(unit(json, i + ESCAPE_LENGTH))) {
                    i += ESCAPE_LENGTH;
                } else if (isHigh(unit) || isLow(unit)) {
                    lone.set(i);
                }
                i++;
            }
        }
        return new SurrogateEscapes(lone.isEmpty() ? json : blanked(json, lone), lone);
    }

    /// The text, without halves of surrogate pairs; not a copy when it had none.
    byte[] json() {
        return json;
    }

    /// Whether there was one between two places of the text.
    boolean anyWithin(int from, int to) {
        int next = lone.nextSetBit(from);
        return next >= 0 && next < to;
    }

    private static byte[] blanked(byte[] json, BitSet lone) {
        byte[] blanked = json.clone();
        for (int i = lone.nextSetBit(0); i >= 0; i = lone.nextSetBit(i + 1)) {
            for (int digit = i + 2; digit < i + ESCAPE_LENGTH; digit++) {
                blanked[digit] = '0';
            }
        }
        return blanked;
    }

    /// The UTF-16 unit that an escape at that place stands for; −1 when there is none.
    private static int unit(byte[] json, int at) {
        if (at + ESCAPE_LENGTH > json.length || json[at] != '\\' || json[at + 1] != 'u') {
            return -1;
        }
        int unit = 0;
        for (int i = at + 2; i < at + ESCAPE_LENGTH; i++) {
            int digit = json[i] < 0 ? -1 : Character.digit(json[i], 16);
            if (digit < 0) {
                return -1;
            }
            unit = (unit << 4) | digit;
        }
        return unit;
    }

    private static boolean isHigh(int unit) {
        return unit >= Character.MIN_HIGH_SURROGATE && unit <= Character.MAX_HIGH_SURROGATE;
    }

    private static boolean isLow(int unit) {
        return unit >= Character.MIN_LOW_SURROGATE && unit <= Character.MAX_LOW_SURROGATE;
    }
}
