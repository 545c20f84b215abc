package io.tidemill.ingest;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.tidemill.ingest.parsing.RefusedException;
import io.tidemill.ingest.parsing.Rejection;
import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.Locale;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.netty.channel.AbortedException;
import reactor.netty.http.server.HttpServerRequest;

/// The body of one request: what its headers say it is, and its bytes within the limits.
///
/// @param format how its events are written
/// @param encoding how it is compressed
record RequestBody(Format format, ContentEncoding encoding) {

    /// How events are written in a body.
    enum Format {
        JSON,
        /// NDJSON: one event a line.
        LINES
    }

    /// @throws RefusedException when it is not of a kind that is read here
    static RequestBody of(HttpHeaders headers) {
        return new RequestBody(
                format(headers.getAll(HttpHeaderNames.CONTENT_TYPE)),
                ContentEncoding.of(headers.getAll(HttpHeaderNames.CONTENT_ENCODING)));
    }

    /// The bytes as they were sent, all of them counted by `held` as they come.
    ///
    /// @return fails with a {@link RefusedException} when there are too many
    static Mono<byte[]> receive(HttpServerRequest request, int maxBytes, LongConsumer held) {
        String length = request.requestHeaders().get(HttpHeaderNames.CONTENT_LENGTH);
        if (length != null && Long.parseLong(length) > maxBytes) {
            return Mono.error(tooLarge(maxBytes));
        }
        return request.receive()
                .collect(
                        ByteArrayOutputStream::new,
                        (bytes, chunk) -> add(bytes, chunk, maxBytes, held))
                .doOnNext(bytes -> requireWhole(bytes.size(), length))
                .map(ByteArrayOutputStream::toByteArray);
    }

    /// Decompresses what was received, and has `held` count what it grew by.
    byte[] decode(byte[] sent, int maxBytes, LongConsumer held) {
        byte[] body = encoding.decode(sent, maxBytes);
        held.accept(Math.max(0, body.length - sent.length));
        return body;
    }

    static RefusedException tooLarge(int maxBytes) {
        return new RefusedException(
                Rejection.REQUEST_TOO_LARGE,
                "a body is at most " + maxBytes + " bytes, before and after decompression");
    }

    /// A connection that the server gives up ends the body of its request like any other.
    private static void requireWhole(int bytes, @Nullable String length) {
        if (length != null && Long.parseLong(length) != bytes) {
            throw new AbortedException("the body is cut short");
        }
    }

    private static void add(
            ByteArrayOutputStream bytes, ByteBuf chunk, int maxBytes, LongConsumer held) {
        int length = chunk.readableBytes();
        if (length > maxBytes - bytes.size()) {
            throw tooLarge(maxBytes);
        }
        held.accept(length);
        byte[] copy = new byte[length];
        chunk.getBytes(chunk.readerIndex(), copy);
        bytes.writeBytes(copy);
    }

    private static Format format(List<String> contentTypes) {
        // Two of them are no known one: nobody knows which the sender meant.
        String contentType = String.join(",", contentTypes).toLowerCase(Locale.ROOT);
        List<String> parts = List.of(contentType.split(";", -1));
        boolean utf8 =
                parts.stream()
                        .skip(1)
                        .map(String::strip)
                        .filter(parameter -> parameter.startsWith("charset="))
                        .allMatch(parameter ->
                                parameter.equals("charset=utf-8")
                                        || parameter.equals("charset=\"utf-8\""));
        if (utf8) {
            switch (parts.getFirst().strip()) {
                // Browsers send beacons as plain text, since JSON would take a preflight.
                case "application/json", "text/plain" -> {
                    return Format.JSON;
                }
                case "application/x-ndjson" -> {
                    return Format.LINES;
                }
                default -> {}
            }
        }
        throw new RefusedException(
                Rejection.UNSUPPORTED_MEDIA_TYPE,
                "Content-Type is none of application/json, application/x-ndjson and text/plain, in"
                        + " UTF-8");
    }
}
