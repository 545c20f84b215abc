package io.tidemill.contract;

import static java.util.Objects.requireNonNull;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// One JSON value as it was sent, in UTF-8. Its bytes are shared, never copied: don't change them.
public final class JsonText {

    private final byte[] utf8;

    private JsonText(byte[] utf8) {
        this.utf8 = requireNonNull(utf8, "utf8");
    }

    /// @param utf8 a valid JSON value; kept, not copied
    public static JsonText ofUtf8(byte[] utf8) {
        return new JsonText(utf8);
    }

    public static JsonText of(String json) {
        return new JsonText(json.getBytes(StandardCharsets.UTF_8));
    }

    /// The bytes themselves, not a copy.
    public byte[] utf8() {
        return utf8;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof JsonText json && Arrays.equals(utf8, json.utf8);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(utf8);
    }

    @Override
    public String toString() {
        return new String(utf8, StandardCharsets.UTF_8);
    }
}
