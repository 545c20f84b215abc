package io.tidemill.sink;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.tidemill.contract.Event;
import io.tidemill.contract.JsonText;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Writes an event as one line of Postgres' COPY text format, in the order of {@link #COLUMNS}.
///
/// Works on UTF-8 bytes: no byte of a longer character equals one that has to be escaped. Not
/// thread-safe.
final class CopyText {

    static final String COLUMNS =
            "project_id, event_id, event_type, user_id, session_id, tool_name, action, demo_mode,"
                    + " properties, metadata, prompt_text, ai_response, timestamp, received_at,"
                    + " clock_offset_ms";

    private static final DateTimeFormatter MILLIS =
            new DateTimeFormatterBuilder().appendInstant(3).toFormatter();
    private static final byte[] NULL = {'\\', 'N'};

    private byte[] line = new byte[1024];
    private int length;

    /// One line, its end included.
    byte[] line(Event event) {
        length = 0;
        field(event.projectId());
        field(event.eventId());
        field(event.eventType());
        field(event.userId());
        field(event.sessionId());
        field(event.toolName());
        field(event.action());
        field(event.demoMode() ? "t" : "f");
        field(event.properties());
        field(event.metadata());
        field(event.promptText());
        field(event.aiResponse());
        field(instant(event.timestampMillis()));
        field(instant(event.receivedAtMillis()));
        field(event.clockOffsetMillis() == null ? null : event.clockOffsetMillis().toString());
        line[length - 1] = '\n';
        return Arrays.copyOf(line, length);
    }

    private void field(@Nullable String text) {
        field(text == null ? null : text.getBytes(UTF_8));
    }

    private void field(@Nullable JsonText json) {
        field(json == null ? null : json.utf8());
    }

    /// @param utf8 null stands for NULL
    private void field(byte @Nullable [] utf8) {
        if (utf8 == null) {
            reserve(NULL.length + 1);
            line[length++] = NULL[0];
            line[length++] = NULL[1];
        } else {
            reserve(2 * utf8.length + 1);
            for (byte next : utf8) {
                escaped(next);
            }
        }
        line[length++] = '\t';
    }

    private void escaped(byte next) {
        byte escape =
                switch (next) {
                    case '\\' -> '\\';
                    case '\t' -> 't';
                    case '\n' -> 'n';
                    case '\r' -> 'r';
                    default -> 0;
                };
        if (escape == 0) {
            line[length++] = next;
            return;
        }
        line[length++] = '\\';
        line[length++] = escape;
    }

    private void reserve(int more) {
        if (line.length - length < more) {
            line = Arrays.copyOf(line, Math.max(2 * line.length, length + more));
        }
    }

    private static String instant(long epochMillis) {
        return MILLIS.format(Instant.ofEpochMilli(epochMillis));
    }
}
