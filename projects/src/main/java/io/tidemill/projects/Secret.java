package io.tidemill.projects;

import java.util.random.RandomGenerator;

/// A key as its holder knows it. Never in a log: `toString` shows nothing of it.
public final class Secret {

    /// Shorter ones could be guessed from their hash.
    static final int MIN_LENGTH = 16;

    static final int MAX_LENGTH = 255;

    private static final String DIGITS =
            "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    /// 62^32 is more than 2^190.
    private static final int MINTED_DIGITS = 32;

    private final String text;

    private Secret(String text) {
        this.text = text;
    }

    /// A new one, which begins with the prefix of its use.
    ///
    /// @param random nobody may foresee it
    public static Secret mint(KeyUse use, RandomGenerator random) {
        StringBuilder text = new StringBuilder(use.prefix());
        for (int i = 0; i < MINTED_DIGITS; i++) {
            text.append(DIGITS.charAt(random.nextInt(DIGITS.length())));
        }
        return new Secret(text.toString());
    }

    /// One that exists already.
    ///
    /// @throws IllegalArgumentException when no header could carry it, or it is too short to be
    ///   safe; the message says nothing of it
    public static Secret of(String text) {
        if (text.length() < MIN_LENGTH || text.length() > MAX_LENGTH) {
            throw new IllegalArgumentException(
                    "a key has " + MIN_LENGTH + " to " + MAX_LENGTH + " characters");
        }
        if (!text.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
            throw new IllegalArgumentException(
                    "a key consists of ASCII letters, digits and signs, without spaces");
        }
        return new Secret(text);
    }

    public KeyHash hash() {
        return KeyHash.of(text);
    }

    /// The text itself, for whoever is to hold it.
    public String reveal() {
        return text;
    }

    @Override
    public String toString() {
        return "Secret[…]";
    }
}
