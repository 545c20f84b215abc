package io.tidemill.runtime;

import static io.tidemill.runtime.Http2Frames.CONTINUATION;
import static io.tidemill.runtime.Http2Frames.DATA;
import static io.tidemill.runtime.Http2Frames.END_HEADERS;
import static io.tidemill.runtime.Http2Frames.END_STREAM;
import static io.tidemill.runtime.Http2Frames.GOAWAY;
import static io.tidemill.runtime.Http2Frames.HEADERS;
import static io.tidemill.runtime.Http2Frames.PING;
import static io.tidemill.runtime.Http2Frames.RST_STREAM;
import static io.tidemill.runtime.Http2Frames.SETTINGS;
import static io.tidemill.runtime.Http2Frames.WINDOW_UPDATE;
import static io.tidemill.runtime.Http2Frames.withSettings;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;

/// Frames of HTTP/2 that cost a client nothing, and would cost the server much.
@ParameterizedClass
@EnumSource(Http2FloodsIT.Line.class)
class Http2FloodsIT {

    private static final Duration SHORT = Duration.ofMillis(300);
    private static final Duration LONG = Duration.ofMinutes(5);

    private static final int FRAME_SIZE_ERROR = 6;
    private static final int ENHANCE_YOUR_CALM = 11;
    private static final int NO_ERROR = 0;

    /// GET https://h/, in HPACK.
    private static final byte[] GET = {(byte) 0x82, (byte) 0x87, (byte) 0x84, 0x41, 1, 'h'};

    /// POST https://h/echo, in HPACK.
    private static final byte[] POST_ECHO = {
        (byte) 0x83, (byte) 0x87, 0x44, 5, '/', 'e', 'c', 'h', 'o', 0x41, 1, 'h'
    };

    private static final AtomicInteger served = new AtomicInteger();
    private static final List<String> bodies = Collections.synchronizedList(new ArrayList<>());
    private static final Map<Line, Integer> ports = new EnumMap<>(Line.class);

    @TempDir private static Path folder;
    private static TestFronts fronts;
    private static TestCertificate certificate;
    private static SSLContext certified;

    enum Line {
        TLS,
        CLEAR_TEXT
    }

    private final Line line;
    private final int port;

    Http2FloodsIT(Line line) {
        this.line = line;
        this.port = ports.computeIfAbsent(line, it -> start(it, LONG, LONG));
    }

    @BeforeAll
    static void createCertificate() throws Exception {
        fronts = new TestFronts();
        certificate = TestCertificate.create(folder, "server");
        certified = certificate.trust();
    }

    @AfterAll
    static void stop() {
        fronts.close();
    }

    @Test
    void streamsThatAreResetAsSoonAsTheyAreOpenedEndTheConnection() throws IOException {
        // given
        Http2Frames frames = withSettings();
        for (int i = 0; i < 1_000; i++) {
            frames.and(HEADERS, END_HEADERS | END_STREAM, 2 * i + 1, GET)
                    .and(RST_STREAM, 0, 2 * i + 1, new byte[] {0, 0, 0, 8});
        }

        // then
        assertThat(lastWords(port, frames)).contains(ENHANCE_YOUR_CALM);
    }

    @Test
    void streamsThatTheServerIsMadeToResetEndTheConnection() throws IOException {
        // given
        Http2Frames frames = withSettings();
        for (int i = 0; i < 1_000; i++) {
            frames.and(HEADERS, END_HEADERS, 2 * i + 1, POST_ECHO)
                    .and(WINDOW_UPDATE, 0, 2 * i + 1, new byte[4]);
        }

        // then
        assertThat(lastWords(port, frames)).contains(ENHANCE_YOUR_CALM);
    }

    @Test
    void headersThatGoOnWithoutEndEndTheConnection() throws IOException {
        // given
        Http2Frames empty = withSettings().and(HEADERS, 0, 1, GET);
        Http2Frames large = withSettings().and(HEADERS, 0, 1, GET);
        for (int i = 0; i < 10_000; i++) {
            empty.and(CONTINUATION, 0, 1);
            large.and(CONTINUATION, 0, 1, new byte[1_000]);
        }

        // then
        assertThat(lastWords(port, empty)).contains(ENHANCE_YOUR_CALM);
        assertThat(lastWords(port, large)).isNotEmpty().doesNotContain(NO_ERROR);
    }

    @ParameterizedTest
    @ValueSource(ints = {PING, SETTINGS})
    void framesThatCarryNothingEndTheConnection(int type) throws IOException {
        // given
        Http2Frames frames = withSettings();
        for (int i = 0; i < 1_000; i++) {
            frames.and(type, 0, 0, new byte[type == PING ? 8 : 0]);
        }

        // then
        assertThat(lastWords(port, frames)).contains(ENHANCE_YOUR_CALM);
    }

    @Test
    void emptyDataEndsTheConnection() throws IOException {
        // given
        Http2Frames frames = withSettings().and(HEADERS, END_HEADERS, 1, POST_ECHO);
        for (int i = 0; i < 1_000; i++) {
            frames.and(DATA, 0, 1);
        }

        // then
        assertThat(lastWords(port, frames)).contains(ENHANCE_YOUR_CALM);
    }

    @Test
    void headersThatUnpackToMoreThanTheLimitAreNotServed() throws IOException {
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
        Http2Frames frames =
                withSettings()
                        .and(HEADERS, END_HEADERS | END_STREAM, 1, block.toByteArray())
                        // Longer than frames may be, which ends the connection.
                        .and(DATA, 0, 1, new byte[1 << 15]);

        // then
        assertThat(lastWords(port, frames)).contains(FRAME_SIZE_ERROR);
        assertThat(served).hasValue(0);
    }

    @Test
    void aClientThatTakesNoHeadersEndsItsStreamAndTheNextConnectionIsServed() throws IOException {
        // given
        byte[] headersOfOneByte = {0, 6, 0, 0, 0, 1};
        Http2Frames small =
                withSettings(headersOfOneByte).and(HEADERS, END_HEADERS | END_STREAM, 1, GET);
        Http2Frames usual = withSettings().and(HEADERS, END_HEADERS | END_STREAM, 1, GET);

        // when
        List<Http2Frames.Frame> toSmall =
                small.exchange(
                        port, trust(), it -> List.of(RST_STREAM, GOAWAY, DATA).contains(it.type()));
        List<Http2Frames.Frame> toUsual = usual.exchange(port, trust(), it -> it.type() == DATA);

        // then
        assertThat(toSmall).hasSizeLessThan(10);
        assertThat(text(toUsual)).containsExactly("served");
    }

    @Test
    void aConnectionWithoutStreamsIsEndedHoweverManyPingsItSends() throws IOException {
        // given
        int impatient = start(line, SHORT, LONG);
        Http2Frames frames = withSettings().and(PING, 0, 0, new byte[8]);

        // then
        assertThat(lastWords(impatient, frames)).containsOnly(NO_ERROR);
    }

    @Test
    void aBodyThatNeverEndsIsAnswered408AndItsStreamEnded() throws IOException {
        // given
        bodies.clear();
        int impatient = start(line, LONG, SHORT);
        Http2Frames frames =
                withSettings()
                        .and(HEADERS, END_HEADERS, 1, POST_ECHO)
                        .and(DATA, 0, 1, "a".getBytes(StandardCharsets.US_ASCII));

        // when
        List<Http2Frames.Frame> answer =
                frames.exchange(impatient, trust(), it -> it.type() == RST_STREAM);

        // then
        assertThat(text(answer))
                .singleElement()
                .asString()
                .contains("\"code\":\"request_timeout\"");
        assertThat(answer.getLast().payload()).isEqualTo(new byte[4]);
        assertThat(bodies).isEmpty();
    }

    @Test
    void aStreamThatItsClientResetsHasNoBody() throws IOException {
        // given
        bodies.clear();
        Http2Frames frames =
                withSettings()
                        .and(HEADERS, END_HEADERS, 1, POST_ECHO)
                        .and(DATA, 0, 1, "a".getBytes(StandardCharsets.US_ASCII))
                        .and(RST_STREAM, 0, 1, new byte[] {0, 0, 0, 8})
                        .and(HEADERS, END_HEADERS, 3, POST_ECHO)
                        .and(DATA, END_STREAM, 3, "whole".getBytes(StandardCharsets.US_ASCII));

        // when
        frames.exchange(port, trust(), it -> it.type() == DATA);

        // then
        assertThat(bodies).containsExactly("whole");
    }

    private static int start(Line line, Duration idleTimeout, Duration bodyTimeout) {
        HttpSettings settings =
                new HttpSettings(
                        "127.0.0.1",
                        0,
                        0,
                        new FrontLimits(LONG, bodyTimeout, LONG, idleTimeout, 100),
                        line == Line.TLS ? certificate.files() : null,
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
                                        .doOnNext(bodies::add)
                                        .flatMap(body ->
                                                Mono.from(Responses.text(response, 200, body))));
        return fronts.start(settings, StubPart.serving(counting, echo)).port();
    }

    private @Nullable SSLContext trust() {
        return line == Line.TLS ? certified : null;
    }

    /// The errors that the server says goodbye with, none if it just closes.
    private List<Integer> lastWords(int port, Http2Frames frames) throws IOException {
        return frames.exchange(port, trust(), it -> it.type() == GOAWAY).stream()
                .filter(it -> it.type() == GOAWAY)
                .map(it -> it.payload()[7] & 0xff)
                .toList();
    }

    private static List<String> text(List<Http2Frames.Frame> frames) {
        return frames.stream()
                .filter(it -> it.type() == DATA)
                .map(it -> new String(it.payload(), StandardCharsets.US_ASCII))
                .toList();
    }
}
