package io.tidemill.query;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;

/// Where a page of events ended, newest first, and the range it was asked over: a range up to now
/// must not move while somebody reads through it.
///
/// Its text is opaque and carries a check over itself and the question it belongs to, so that a
/// damaged cursor, or one of another question, is noticed. It grants nothing: the project comes
/// from the request alone.
///
/// @param timestampMillis of the last event of the page
/// @param eventId of the last event of the page
record EventCursor(TimeRange range, long timestampMillis, String eventId) {

    private static final byte VERSION = 1;
    private static final int CHECK_BYTES = 8;
    private static final int FIXED_BYTES = 1 + 3 * Long.BYTES + CHECK_BYTES;

    /// Before the first event of a range.
    static EventCursor startOf(TimeRange range) {
        return new EventCursor(range, range.toMillis(), "");
    }

    /// @param question the parameters that the cursor is valid for, in one canonical form
    String encode(String question) {
        byte[] id = eventId.getBytes(UTF_8);
        ByteBuffer bytes = ByteBuffer.allocate(FIXED_BYTES + id.length);
        bytes.put(VERSION)
                .putLong(range.fromMillis())
                .putLong(range.toMillis())
                .putLong(timestampMillis)
                .put(id);
        bytes.put(check(Arrays.copyOf(bytes.array(), bytes.position()), question));
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes.array());
    }

    /// @throws BadParameterException when the text is no cursor of this question
    static EventCursor decode(String text, String question) {
        try {
            byte[] bytes = Base64.getUrlDecoder().decode(text);
            if (bytes.length < FIXED_BYTES || bytes[0] != VERSION) {
                throw invalid();
            }
            byte[] content = Arrays.copyOf(bytes, bytes.length - CHECK_BYTES);
            byte[] check = Arrays.copyOfRange(bytes, content.length, bytes.length);
            if (!Arrays.equals(check, check(content, question))) {
                throw invalid();
            }
            ByteBuffer in = ByteBuffer.wrap(content, 1, content.length - 1);
            TimeRange range = new TimeRange(in.getLong(), in.getLong());
            return new EventCursor(range, in.getLong(), UTF_8.newDecoder().decode(in).toString());
        } catch (IllegalArgumentException | CharacterCodingException e) {
            throw invalid();
        }
    }

    private static BadParameterException invalid() {
        return new BadParameterException(
                "cursor",
                "is not one that this question gave: repeat the other parameters as they were, or"
                        + " start without it");
    }

    private static byte[] check(byte[] content, String question) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(content);
            return Arrays.copyOf(digest.digest(question.getBytes(UTF_8)), CHECK_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
