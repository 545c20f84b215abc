package io.tidemill.contract;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// The value of a record on `events`, version 1.
///
/// ```
/// u8   version (1)
/// u8   flags: 1 = demo_mode, 2 = clock_offset_ms is set
/// i64  timestamp, ms        i64  received_at, ms        i64  clock_offset, ms (0 when not set)
/// text project_id, event_id, event_type, user_id, session_id, tool_name, action
/// text properties, metadata (JSON as sent), prompt_text, ai_response
/// ```
///
/// Numbers are big-endian. A text is its length in bytes plus 1 as a varint (7 bits a byte, lowest
/// first, high bit = more follow), then UTF-8; 0 stands for absent. `docs/wire-format.md` has an
/// example in hex.
public final class EventCodec {

    static final byte VERSION = 1;
    private static final int DEMO_MODE = 1;
    private static final int HAS_CLOCK_OFFSET = 2;
    private static final int FIXED_BYTES = 2 + 3 * Long.BYTES;
    private static final int MAX_VARINT_BYTES = 5;

    private EventCodec() {}

    public static byte[] encode(Event event) {
        byte @Nullable [][] texts = {
            utf8(event.projectId()),
            utf8(event.eventId()),
            utf8(event.eventType()),
            utf8(event.userId()),
            utf8(event.sessionId()),
            utf8(event.toolName()),
            utf8(event.action()),
            utf8(event.properties()),
            utf8(event.metadata()),
            utf8(event.promptText()),
            utf8(event.aiResponse()),
        };
        int size = FIXED_BYTES;
        for (byte[] text : texts) {
            size += MAX_VARINT_BYTES + (text == null ? 0 : text.length);
        }
        Long clockOffset = event.clockOffsetMillis();
        ByteBuffer out = ByteBuffer.allocate(size);
        out.put(VERSION);
        out.put(
                (byte)
                        ((event.demoMode() ? DEMO_MODE : 0)
                                | (clockOffset != null ? HAS_CLOCK_OFFSET : 0)));
        out.putLong(event.timestampMillis());
        out.putLong(event.receivedAtMillis());
        out.putLong(clockOffset == null ? 0 : clockOffset);
        for (byte[] text : texts) {
            putText(out, text);
        }
        byte[] bytes = new byte[out.position()];
        out.flip().get(bytes);
        return bytes;
    }

    /// @throws MalformedRecordException when the bytes are not an event of a version known here
    public static Event decode(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        try {
            byte version = in.get();
            if (version != VERSION) {
                throw new MalformedRecordException("event envelope version " + version);
            }
            int flags = in.get();
            long timestamp = in.getLong();
            long receivedAt = in.getLong();
            long clockOffset = in.getLong();
            Event event =
                    new Event(
                            required(getString(in), "project_id"),
                            required(getString(in), "event_id"),
                            required(getString(in), "event_type"),
                            getString(in),
                            getString(in),
                            getString(in),
                            getString(in),
                            (flags & DEMO_MODE) != 0,
                            getJson(in),
                            getJson(in),
                            getString(in),
                            getString(in),
                            timestamp,
                            receivedAt,
                            (flags & HAS_CLOCK_OFFSET) != 0 ? (Long) clockOffset : null);
            if (in.hasRemaining()) {
                throw new MalformedRecordException("event envelope has trailing bytes");
            }
            return event;
        } catch (BufferUnderflowException e) {
            throw new MalformedRecordException("event envelope is cut short", e);
        }
    }

    private static byte @Nullable [] utf8(@Nullable String text) {
        return text == null ? null : text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte @Nullable [] utf8(@Nullable JsonText json) {
        return json == null ? null : json.utf8();
    }

    private static void putText(ByteBuffer out, byte @Nullable [] text) {
        int rest = text == null ? 0 : text.length + 1;
        while (rest > 0x7f) {
            out.put((byte) ((rest & 0x7f) | 0x80));
            rest >>>= 7;
        }
        out.put((byte) rest);
        if (text != null) {
            out.put(text);
        }
    }

    private static @Nullable String getString(ByteBuffer in) {
        byte[] text = getText(in);
        if (text == null) {
            return null;
        }
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(text)).toString();
        } catch (CharacterCodingException e) {
            throw new MalformedRecordException("event envelope holds a text that is not UTF-8", e);
        }
    }

    private static @Nullable JsonText getJson(ByteBuffer in) {
        byte[] text = getText(in);
        return text == null ? null : JsonText.ofUtf8(text);
    }

    private static byte @Nullable [] getText(ByteBuffer in) {
        int length = getVarint(in);
        if (length == 0) {
            return null;
        }
        if (length - 1 > in.remaining()) {
            throw new MalformedRecordException("event envelope is cut short");
        }
        byte[] text = new byte[length - 1];
        in.get(text);
        return text;
    }

    private static int getVarint(ByteBuffer in) {
        int value = 0;
        for (int shift = 0; shift < 7 * MAX_VARINT_BYTES; shift += 7) {
            byte next = in.get();
            value |= (next & 0x7f) << shift;
            if (next >= 0) {
                if (value < 0) {
                    break;
                }
                return value;
            }
        }
        throw new MalformedRecordException("event envelope holds a length that is too large");
    }

    private static String required(@Nullable String text, String field) {
        if (text == null) {
            throw new MalformedRecordException("event envelope lacks " + field);
        }
        return text;
    }
}
