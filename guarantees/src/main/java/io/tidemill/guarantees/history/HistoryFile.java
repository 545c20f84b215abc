package io.tidemill.guarantees.history;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/// The history as it is written: a line before a request is sent, and one when it has ended. Each
/// is with the operating system before this returns, so that a killed sender leaves no event behind
/// that nobody knows of. Thread-safe.
public final class HistoryFile implements AutoCloseable {

    private final FileChannel file;
    private final AtomicLong numbers = new AtomicLong();

    private HistoryFile(FileChannel file) {
        this.file = file;
    }

    /// @param path must not exist
    public static HistoryFile create(Path path) throws IOException {
        return new HistoryFile(
                FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.APPEND));
    }

    /// Comes before the first byte of a request.
    ///
    /// @return the number of the request, for {@link #ended}
    public long sending(long atMillis, List<SentEvent> events) {
        long number = numbers.incrementAndGet();
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("send", number);
        line.put("at", atMillis);
        line.put("events", events.stream().map(HistoryFile::fields).toList());
        append(line);
        return number;
    }

    public void ended(long request, long atMillis, Answer answer) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("end", request);
        line.put("at", atMillis);
        line.put("status", answer.status());
        line.put("retry_after", answer.retryAfter());
        line.put(
                "outcomes",
                answer.outcomes().stream()
                        .map(outcome -> String.valueOf(outcome.code()))
                        .collect(Collectors.joining()));
        line.put("ids", answer.eventIds());
        append(line);
    }

    @Override
    public void close() throws IOException {
        file.close();
    }

    private static Map<String, @Nullable Object> fields(SentEvent event) {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        fields.put("project", event.project());
        fields.put("id", event.eventId());
        fields.put("timestamp", event.timestampMillis());
        fields.put("content", event.contentHash());
        return fields;
    }

    private synchronized void append(Map<String, ?> line) {
        ByteBuffer bytes = UTF_8.encode(JsonMapper.shared().writeValueAsString(line) + "\n");
        try {
            while (bytes.hasRemaining()) {
                file.write(bytes);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
