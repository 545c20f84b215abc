package io.tidemill.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Mono;

/// Frames of HTTP/2 that cost a client nothing, and would cost the server much.
class Http2FloodsIT {

    private static final Duration SHORT = Duration.ofMillis(300);
    private static final Duration LONG = Duration.ofMinutes(5);

    private static final int DATA = 0;
    private static final int HEADERS = 1;
    private static final int RST_STREAM = 3;
    private static final int SETTINGS = 4;
    private static final int PING = 6;
    private static final int GOAWAY = 7;
    private static final int WINDOW_UPDATE = 8;
    private static final int CONTINUATION = 9;

    private static final int END_STREAM = 1;
    private static final int END_HEADERS = 4;
    private static final int FRAME_SIZE_ERROR = 6;
    private static final int ENHANCE_YOUR_CALM = 11;
    private static final int NO_ERROR = 0;

    /// GET https://h/, in HPACK.
    private static final byte[] GET = {(byte) 0x82, (byte) 0x87, (byte) 0x84, 0x41, 1, 'h'};

    private static final AtomicInteger served = new AtomicInteger();

    /// POST https://h/echo, in HPACK.
    private static final byte[] POST_ECHO = {
        (byte) 0x83, (byte) 0x87, 0x44, 5, '/', 'e', 'c', 'h', 'o', 0x41, 1, 'h'
    };

    @TempDir private static Path folder;
    private static TestFronts fronts;
    private static TestCertificate certificate;
    private static int port;

    @BeforeAll
    static void start() throws Exception {
        fronts = new TestFronts();
        certificate = TestCertificate.create(folder, "server");
        port = start(LONG, LONG);
    }

    @AfterAll
    static void stop() {
        fronts.close();
    }

    private static int start(Duration idleTimeout, Duration bodyTimeout) {
        HttpSettings settings =
                new HttpSettings(
                        "127.0.0.1",
                        0,
                        0,
                        new FrontLimits(LONG, bodyTimeout, LONG, idleTimeout, 100),
                        certificate.files(),
                        true);
        Route counting =
                Route.get(
                        "/",
                        (_, response) -> {
                            served.incrementAndGet();
                            return Responses.text(response, 200, "served");
                        });
        Route echo =
                Route.post(
                        "/echo",
                        (request, response) ->
                                request.receive()
                                        .aggregate()
                                        .asString()
                                        .flatMap(body ->
                                                Mono.from(Responses.text(response, 200, body))));
        return fronts.start(settings, StubPart.serving(counting, echo)).port();
    }

    @Test
    void streamsThatAreResetAsSoonAsTheyAreOpenedEndTheConnection() throws Exception {
        // given
        ByteArrayOutputStream frames = new ByteArrayOutputStream();
        for (int i = 0; i < 1_000; i++) {
            frames.writeBytes(frame(HEADERS, END_HEADERS | END_STREAM, 2 * i + 1, GET));
            frames.writeBytes(frame(RST_STREAM, 0, 2 * i + 1, new byte[] {0, 0, 0, 8}));
        }

        // then
        assertThat(lastWords(port, frames)).contains(ENHANCE_YOUR_CALM);
    }

    @Test
    void streamsThatTheServerIsMadeToResetEndTheConnection() throws Exception {
        // given
        ByteArrayOutputStream frames = new ByteArrayOutputStream();
        for (int i = 0; i < 1_000; i++) {
            frames.writeBytes(frame(HEADERS, END_HEADERS, 2 * i + 1, POST_ECHO));
            frames.writeBytes(frame(WINDOW_UPDATE, 0, 2 * i + 1, new byte[4]));
        }

        // then
        assertThat(lastWords(port, frames)).contains(ENHANCE_YOUR_CALM);
    }

    @Test
    void headersThatGoOnWithoutEndEndTheConnection() throws Exception {
        // given
        ByteArrayOutputStream empty = new ByteArrayOutputStream();
        empty.writeBytes(frame(HEADERS, 0, 1, GET));
        ByteArrayOutputStream large = new ByteArrayOutputStream();
        large.writeBytes(frame(HEADERS, 0, 1, GET));
        for (int i = 0; i < 10_000; i++) {
            empty.writeBytes(frame(CONTINUATION, 0, 1, new byte[0]));
            large.writeBytes(frame(CONTINUATION, 0, 1, new byte[1_000]));
        }

        // then
        assertThat(lastWords(port, empty)).contains(ENHANCE_YOUR_CALM);
        assertThat(lastWords(port, large)).isNotEmpty().doesNotContain(NO_ERROR);
    }

    @Test
    void pingsEndTheConnection() throws Exception {
        // given
        ByteArrayOutputStream frames = new ByteArrayOutputStream();
        for (int i = 0; i < 1_000; i++) {
            frames.writeBytes(frame(PING, 0, 0, new byte[8]));
        }

        // then
        assertThat(lastWords(port, frames)).contains(ENHANCE_YOUR_CALM);
    }

    @Test
    void settingsEndTheConnection() throws Exception {
        // given
        ByteArrayOutputStream frames = new ByteArrayOutputStream();
        for (int i = 0; i < 1_000; i++) {
            frames.writeBytes(frame(SETTINGS, 0, 0, new byte[0]));
        }

        // then
        assertThat(lastWords(port, frames)).contains(ENHANCE_YOUR_CALM);
    }

    @Test
    void emptyDataEndsTheConnection() throws Exception {
        // given
        ByteArrayOutputStream frames = new ByteArrayOutputStream();
        frames.writeBytes(frame(HEADERS, END_HEADERS, 1, POST_ECHO));
        for (int i = 0; i < 1_000; i++) {
            frames.writeBytes(frame(DATA, 0, 1, new byte[0]));
        }

        // then
        assertThat(lastWords(port, frames)).contains(ENHANCE_YOUR_CALM);
    }

    @Test
    void headersThatUnpackToMoreThanTheLimitAreNotServed() throws Exception {
        // given
        served.set(0);
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        block.writeBytes(GET);
        block.writeBytes(new byte[] {0x40, 1, 'x', 120});
        block.writeBytes("v".repeat(120).getBytes(StandardCharsets.US_ASCII));
        for (int i = 0; i < 10_000; i++) {
            // The header above again, by its place in the table.
            block.write(0xbe);
        }
        ByteArrayOutputStream frames = new ByteArrayOutputStream();
        frames.writeBytes(frame(HEADERS, END_HEADERS | END_STREAM, 1, block.toByteArray()));
        // Longer than frames may be, which ends the connection.
        frames.writeBytes(frame(DATA, 0, 1, new byte[1 << 15]));

        // then
        assertThat(lastWords(port, frames)).contains(FRAME_SIZE_ERROR);
        assertThat(served).hasValue(0);
    }

    @Test
    void aConnectionWithoutStreamsIsEndedHoweverManyPingsItSends() throws Exception {
        // given
        int impatient = start(SHORT, LONG);
        ByteArrayOutputStream frames = new ByteArrayOutputStream();
        frames.writeBytes(frame(PING, 0, 0, new byte[8]));

        // then
        assertThat(lastWords(impatient, frames)).containsOnly(NO_ERROR);
    }

    @Test
    void aBodyThatNeverEndsIsAnswered408AndItsStreamEnded() throws Exception {
        // given
        int impatient = start(LONG, SHORT);
        ByteArrayOutputStream frames = new ByteArrayOutputStream();
        frames.writeBytes(frame(HEADERS, END_HEADERS, 1, POST_ECHO));
        frames.writeBytes(frame(DATA, 0, 1, new byte[] {'a'}));

        // when
        List<Frame> answer = exchange(impatient, frames, it -> it.type == RST_STREAM);

        // then
        assertThat(answer)
                .filteredOn(it -> it.type == DATA)
                .extracting(it -> new String(it.payload, StandardCharsets.US_ASCII))
                .singleElement()
                .asString()
                .contains("\"code\":\"request_timeout\"");
        assertThat(answer.getLast().payload).isEqualTo(new byte[4]);
    }

    /// The errors that the server says goodbye with, none if it just closes.
    private static List<Integer> lastWords(int port, ByteArrayOutputStream frames)
            throws Exception {
        return exchange(port, frames, it -> it.type == GOAWAY).stream()
                .filter(it -> it.type == GOAWAY)
                .map(it -> it.payload[7] & 0xff)
                .toList();
    }

    @SuppressWarnings("ArrayRecordComponent") // Read once.
    private record Frame(int type, byte[] payload) {}

    /// What the server sends until that, or until it closes.
    private static List<Frame> exchange(
            int port, ByteArrayOutputStream frames, Predicate<Frame> until) throws Exception {
        try (SSLSocket socket =
                (SSLSocket)
                        certificate
                                .trust()
                                .getSocketFactory()
                                .createSocket(InetAddress.getLoopbackAddress(), port)) {
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setApplicationProtocols(new String[] {"h2"});
            socket.setSSLParameters(parameters);
            socket.startHandshake();
            Thread writer = Thread.ofVirtual().start(() -> write(socket, frames.toByteArray()));
            List<Frame> answer = read(new DataInputStream(socket.getInputStream()), until);
            writer.interrupt();
            return answer;
        }
    }

    private static void write(SSLSocket socket, byte[] frames) {
        try {
            socket.getOutputStream()
                    .write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            socket.getOutputStream().write(frame(SETTINGS, 0, 0, new byte[0]));
            socket.getOutputStream().write(frames);
        } catch (IOException e) {
            // The server had enough before all was sent.
        }
    }

    private static List<Frame> read(DataInputStream in, Predicate<Frame> until) throws IOException {
        List<Frame> frames = new ArrayList<>();
        try {
            do {
                int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
                int type = in.readUnsignedByte();
                in.skipNBytes(5);
                frames.add(new Frame(type, in.readNBytes(length)));
            } while (!until.test(frames.getLast()));
        } catch (EOFException | SSLException | SocketException e) {
            // The server closed.
        }
        return frames;
    }

    private static byte[] frame(int type, int flags, int stream, byte[] payload) {
        byte[] frame = new byte[9 + payload.length];
        frame[0] = (byte) (payload.length >> 16);
        frame[1] = (byte) (payload.length >> 8);
        frame[2] = (byte) payload.length;
        frame[3] = (byte) type;
        frame[4] = (byte) flags;
        for (int i = 0; i < 4; i++) {
            frame[5 + i] = (byte) (stream >> (24 - 8 * i));
        }
        System.arraycopy(payload, 0, frame, 9, payload.length);
        return frame;
    }
}
