package io.tidemill.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.tidemill.ingest.parsing.RefusedException;
import io.tidemill.ingest.parsing.Rejection;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What a body is by its headers, and what its bytes are without their compression.
class RequestBodyTest {

    private static final int MAX_BYTES = 1 << 20;
    private static final byte[] BODY = "{\"event_type\":\"t\"} ".repeat(1_000).getBytes(UTF_8);

    static Stream<Arguments> compressions() {
        return Stream.of(
                Arguments.of("gzip", (UnaryOperator<byte[]>) Compressed::gzip),
                Arguments.of("X-GZIP", (UnaryOperator<byte[]>) Compressed::gzip),
                Arguments.of("deflate", (UnaryOperator<byte[]>) Compressed::zlib),
                Arguments.of("deflate", (UnaryOperator<byte[]>) Compressed::rawDeflate),
                Arguments.of("zstd", (UnaryOperator<byte[]>) Compressed::zstd));
    }

    @ParameterizedTest
    @MethodSource("compressions")
    void aCompressedBodyIsDecompressed(String encoding, UnaryOperator<byte[]> compression) {
        assertThat(decode(encoding, compression.apply(BODY))).isEqualTo(BODY);
        assertThat(decode(encoding, compression.apply(new byte[0]))).isEmpty();
        assertThat(decode(encoding, compression.apply(new byte[MAX_BYTES]))).hasSize(MAX_BYTES);
    }

    @ParameterizedTest
    @MethodSource("compressions")
    void aBodyThatGrowsTooLargeIsGivenUp(String encoding, UnaryOperator<byte[]> compression) {
        // given
        byte[] bomb = compression.apply(new byte[50 * MAX_BYTES]);

        // then
        assertThatRefused(() -> decode(encoding, bomb), Rejection.REQUEST_TOO_LARGE);
        assertThatRefused(
                () -> decode(encoding, compression.apply(new byte[MAX_BYTES + 1])),
                Rejection.REQUEST_TOO_LARGE);
    }

    @ParameterizedTest
    @MethodSource("compressions")
    void aBodyCutShortAnywhereIsBroken(String encoding, UnaryOperator<byte[]> compression) {
        // given
        byte[] whole = compression.apply("{\"event_type\":\"t\"}".getBytes(UTF_8));

        // then
        for (int length = 0; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThatRefused(() -> decode(encoding, cut), Rejection.CONTENT_ENCODING_BROKEN);
        }
    }

    @ParameterizedTest
    @MethodSource("compressions")
    void bytesBehindTheEndBreakABody(String encoding, UnaryOperator<byte[]> compression) {
        // given
        byte[] whole = compression.apply(BODY);
        byte[] trailed = Arrays.copyOf(whole, whole.length + 7);

        // then
        assertThatRefused(() -> decode(encoding, trailed), Rejection.CONTENT_ENCODING_BROKEN);
    }

    @ParameterizedTest
    @MethodSource("compressions")
    void aBodyThatIsNotCompressedIsBroken(String encoding, UnaryOperator<byte[]> compression) {
        assertThatRefused(() -> decode(encoding, BODY), Rejection.CONTENT_ENCODING_BROKEN);
    }

    @Test
    void aGzipChecksumThatDiffersBreaksABody() {
        // given
        byte[] whole = Compressed.gzip(BODY);
        whole[whole.length - 6] ^= 1;

        // then
        assertThatRefused(() -> decode("gzip", whole), Rejection.CONTENT_ENCODING_BROKEN);
    }

    @Test
    void gzipMembersAreOneBodyTogether() {
        // given
        ByteArrayOutputStream members = new ByteArrayOutputStream();
        members.writeBytes(Compressed.gzip("{\"a\":".getBytes(UTF_8)));
        members.writeBytes(Compressed.gzip("1}".getBytes(UTF_8)));

        // then
        assertThat(decode("gzip", members.toByteArray())).asString(UTF_8).isEqualTo("{\"a\":1}");
    }

    @Test
    void aGzipHeaderMayCarryExtrasNameAndComment() {
        // given
        byte[] plain = Compressed.gzip(BODY);
        ByteArrayOutputStream full = new ByteArrayOutputStream();
        full.writeBytes(HexFormat.of().parseHex("1f8b081e00000000" + "0000"));
        full.writeBytes(HexFormat.of().parseHex("0300" + "aabbcc" + "6e00" + "6300" + "dddd"));
        full.write(plain, 10, plain.length - 10);

        // then
        assertThat(decode("gzip", full.toByteArray())).isEqualTo(BODY);
    }

    @Test
    void aZstdWindowBeyondWhatHttpAllowsIsRefused() throws IOException {
        // given
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZstdOutputStreamNoFinalizer zstd = new ZstdOutputStreamNoFinalizer(bytes)) {
            zstd.setLong(27);
            zstd.write(BODY);
        }

        // then
        assertThatRefused(
                () -> decode("zstd", bytes.toByteArray()), Rejection.CONTENT_ENCODING_BROKEN);
    }

    @ParameterizedTest
    @ValueSource(strings = {"br", "gzip, gzip", "compress", "gzip;q=1", "*"})
    void anotherEncodingIsNotSupported(String encoding) {
        assertThatRefused(() -> decode(encoding, BODY), Rejection.UNSUPPORTED_CONTENT_ENCODING);
    }

    @Test
    void twoEncodingHeadersAreNotSupported() {
        // given
        HttpHeaders headers = headers("application/json");
        headers.add("Content-Encoding", "gzip").add("Content-Encoding", "gzip");

        // then
        assertThatRefused(() -> RequestBody.of(headers), Rejection.UNSUPPORTED_CONTENT_ENCODING);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "application/json|JSON", "Application/JSON; charset=UTF-8|JSON",
                "text/plain;charset=UTF-8|JSON", "text/plain|JSON",
                "application/json; charset=\"utf-8\"|JSON", "application/x-ndjson|LINES",
                "application/x-ndjson ; profile=x|LINES"
            })
    void theContentTypeSaysHowEventsAreWritten(String contentType, RequestBody.Format format) {
        assertThat(RequestBody.of(headers(contentType)).format()).isEqualTo(format);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "application/x-www-form-urlencoded",
                "application/json; charset=utf-16",
                "text/html",
                "application/jsonx",
                "application/json, text/plain",
                ";",
                ";charset=utf-8",
                "application/json;charset=utf-8;charset=utf-16"
            })
    void anotherContentTypeIsNotSupported(String contentType) {
        assertThatRefused(
                () -> RequestBody.of(headers(contentType)), Rejection.UNSUPPORTED_MEDIA_TYPE);
    }

    @Test
    void aBodyWithoutContentTypeIsNotSupported() {
        assertThatRefused(
                () -> RequestBody.of(new DefaultHttpHeaders()), Rejection.UNSUPPORTED_MEDIA_TYPE);
    }

    @Test
    void twoContentTypesAreNoKnownOne() {
        // given
        HttpHeaders headers = headers("application/json").add("Content-Type", "application/json");

        // then
        assertThatRefused(() -> RequestBody.of(headers), Rejection.UNSUPPORTED_MEDIA_TYPE);
    }

    private static byte[] decode(String encoding, byte[] body) {
        HttpHeaders headers = headers("application/json").add("Content-Encoding", encoding);
        try (Admission.Ticket ticket = new Admission(Long.MAX_VALUE).admit()) {
            return RequestBody.of(headers).decode(body, MAX_BYTES, ticket::hold);
        }
    }

    private static HttpHeaders headers(String contentType) {
        return new DefaultHttpHeaders().add("Content-Type", contentType);
    }

    private static void assertThatRefused(ThrowingCallable call, Rejection rejection) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        RefusedException.class,
                        refused -> assertThat(refused.rejection()).isEqualTo(rejection));
    }
}
