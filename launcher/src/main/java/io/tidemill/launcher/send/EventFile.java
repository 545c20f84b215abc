package io.tidemill.launcher.send;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.GZIPInputStream;

/// The events of a file, one after the other, each as the bytes that stand there: one a line, or
/// the elements of one JSON array; plain or gzip. Holds one event at a time.
final class EventFile implements Closeable {

    private static final int END = -1;
    private static final int BUFFER_BYTES = 64 * 1024;
    private static final int MAX_EVENT_BYTES = 16 * 1024 * 1024;

    private final Path path;
    private final CountingStream file;
    private final InputStream content;
    private final boolean array;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private int buffered;
    private int position;
    private long lines;
    private long events;
    private boolean finished;

    private EventFile(Path path, CountingStream file) throws IOException {
        this.path = path;
        this.file = file;
        this.content = unpacked(file);
        int first = readPastWhitespace();
        this.array = first == '[';
        if (!array) {
            unread(first);
        }
    }

    static EventFile open(Path path) throws IOException {
        InputStream file = Files.newInputStream(path);
        try {
            return new EventFile(path, new CountingStream(file));
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    /// The next event, without line breaks; empty at the end. It may be no valid event at all:
    /// judging is the server's.
    ///
    /// @throws IOException when the file can't be read, or is an array that is cut short
    Optional<byte[]> next() throws IOException {
        if (finished) {
            return Optional.empty();
        }
        Optional<byte[]> event = array ? nextElement() : nextLine();
        if (event.isEmpty()) {
            finished = true;
        } else {
            events++;
        }
        return event;
    }

    /// Where the event that was read last stands, for people.
    String place() {
        return path.getFileName() + (array ? " element " + events : " line " + lines);
    }

    /// How many bytes of the file have been read, before unpacking.
    long bytesRead() {
        return file.count.get();
    }

    @Override
    public void close() throws IOException {
        content.close();
    }

    private Optional<byte[]> nextLine() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream(512);
        boolean blank = true;
        for (int next = read(); next != END; next = read()) {
            if (next == '\n') {
                lines++;
                if (!blank) {
                    return Optional.of(line.toByteArray());
                }
                line.reset();
            } else {
                blank &= isWhitespace(next);
                append(line, next);
            }
        }
        lines++;
        return blank ? Optional.empty() : Optional.of(line.toByteArray());
    }

    /// In UTF-8 no byte of a longer character looks like one of those that count here.
    private Optional<byte[]> nextElement() throws IOException {
        int next = readPastWhitespace();
        if (next == ']') {
            return endOfArray();
        }
        if (events > 0) {
            if (next != ',') {
                throw new IOException(path + " is no JSON array after " + place());
            }
            next = readPastWhitespace();
        }
        ByteArrayOutputStream element = new ByteArrayOutputStream(512);
        int depth = 0;
        boolean inString = false;
        boolean escaped = false;
        while (next != END) {
            if (inString) {
                inString = escaped || next != '"';
                escaped = !escaped && next == '\\';
            } else if (depth == 0 && (next == ',' || next == ']')) {
                unread(next);
                return Optional.of(element.toByteArray());
            } else {
                inString = next == '"';
                depth += next == '{' || next == '[' ? 1 : next == '}' || next == ']' ? -1 : 0;
            }
            append(element, next);
            next = read();
        }
        throw new IOException(path + " is a JSON array that is cut short");
    }

    private Optional<byte[]> endOfArray() throws IOException {
        if (readPastWhitespace() != END) {
            throw new IOException(path + " goes on after its JSON array");
        }
        return Optional.empty();
    }

    private void append(ByteArrayOutputStream event, int next) throws IOException {
        if (event.size() == MAX_EVENT_BYTES) {
            throw new IOException(
                    path + " holds an event of more than 16 MiB: is it NDJSON or a JSON array?");
        }
        event.write(next == '\n' || next == '\r' ? ' ' : next);
    }

    private int readPastWhitespace() throws IOException {
        int next = read();
        while (next != END && isWhitespace(next)) {
            lines += next == '\n' ? 1 : 0;
            next = read();
        }
        return next;
    }

    private int read() throws IOException {
        if (position == buffered) {
            position = 0;
            buffered = Math.max(0, content.read(buffer));
            if (buffered == 0) {
                return END;
            }
        }
        return buffer[position++] & 0xff;
    }

    private void unread(int last) {
        if (last != END) {
            position--;
        }
    }

    private static boolean isWhitespace(int next) {
        return next == ' ' || next == '\n' || next == '\r' || next == '\t';
    }

    private static InputStream unpacked(InputStream file) throws IOException {
        PushbackInputStream in = new PushbackInputStream(file, 2);
        byte[] magic = in.readNBytes(2);
        in.unread(magic);
        boolean gzip = magic.length == 2 && (magic[0] & 0xff) == 0x1f && (magic[1] & 0xff) == 0x8b;
        return gzip ? new GZIPInputStream(in, BUFFER_BYTES) : in;
    }

    private static final class CountingStream extends FilterInputStream {

        /// Written by the reading thread, read by the one that shows progress.
        private final AtomicLong count = new AtomicLong();

        CountingStream(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            int next = in.read();
            count.addAndGet(next == END ? 0 : 1);
            return next;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            int read = in.read(bytes, offset, length);
            count.addAndGet(Math.max(0, read));
            return read;
        }
    }
}
