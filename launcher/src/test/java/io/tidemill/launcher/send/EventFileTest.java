package io.tidemill.launcher.send;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventFileTest {

    @TempDir Path folder;

    @Test
    void linesAreEventsAndBlankOnesAreNot() throws IOException {
        assertThat(read("{\"a\":1}\n\n  \r\n{\"a\": 2}\r\nno json"))
                .containsExactly("line 1 {\"a\":1}", "line 4 {\"a\": 2} ", "line 5 no json");
    }

    @Test
    void elementsOfAnArrayAreEventsOnOneLineEach() throws IOException {
        assertThat(
                        read(
                                """
                                 [ {"a":"],{\\"\\\\"},
                                  {"b":[1,{"c":2}],
                                   "d":3},7
                                 ]
                                """))
                .containsExactly(
                        "element 1 {\"a\":\"],{\\\"\\\\\"}",
                        "element 2 {\"b\":[1,{\"c\":2}],    \"d\":3}",
                        "element 3 7  ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " \n \n", "[]", " [ ] \n"})
    void aFileMayHoldNothing(String content) throws IOException {
        assertThat(read(content)).isEmpty();
    }

    @Test
    void gzipIsUnpackedWhateverTheNameAlsoInSeveralMembers() throws IOException {
        // given
        Path file = folder.resolve("events.ndjson");
        ByteArrayOutputStream members = new ByteArrayOutputStream();
        members.writeBytes(gzip("{\"a\":1}\n"));
        members.writeBytes(gzip("{\"a\":2}\n"));
        Files.write(file, members.toByteArray());

        // when
        List<String> events = read(file);

        // then
        assertThat(events).containsExactly("line 1 {\"a\":1}", "line 2 {\"a\":2}");
    }

    @Test
    void linesLongerThanTheBufferAreWhole() throws IOException {
        String line = "{\"a\":\"" + "é".repeat(200_000) + "\"}";

        assertThat(read(line + "\n" + line)).containsExactly("line 1 " + line, "line 2 " + line);
    }

    @ParameterizedTest
    @ValueSource(strings = {"[{\"a\":1}", "[{\"a\":1},", "[1 2]x", "[1]]", "[\"a"})
    void anArrayThatIsBrokenIsRefused(String content) {
        assertThatThrownBy(() -> read(content)).isInstanceOf(IOException.class);
    }

    @Test
    void bytesAreCountedBeforeUnpacking() throws IOException {
        // given
        Path file = folder.resolve("events.gz");
        Files.write(file, gzip("{\"a\":1}\n".repeat(10_000)));

        try (EventFile events = EventFile.open(file)) {
            // when
            while (events.next().isPresent()) {
                assertThat(events.bytesRead()).isPositive();
            }

            // then
            assertThat(events.bytesRead()).isEqualTo(Files.size(file));
        }
    }

    private List<String> read(String content) throws IOException {
        return read(Files.writeString(folder.resolve("events"), content));
    }

    private static List<String> read(Path file) throws IOException {
        List<String> events = new ArrayList<>();
        try (EventFile open = EventFile.open(file)) {
            for (Optional<byte[]> event = open.next(); event.isPresent(); event = open.next()) {
                String place = open.place().replace(file.getFileName() + " ", "");
                events.add(place + " " + new String(event.get(), UTF_8));
            }
        }
        return events;
    }

    private static byte[] gzip(String text) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (OutputStream gzip = new GZIPOutputStream(packed)) {
            gzip.write(text.getBytes(UTF_8));
        }
        return packed.toByteArray();
    }
}
