package io.tidemill.ingest;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.charset.Charset;
import java.util.Arrays;
import java.util.List;

/// Bodies that are not what their headers say.
final class HostileEncodings {

    private HostileEncodings() {}

    static void addTo(HostileInputs to) {
        byte[] good = HostileInputs.event("").getBytes(UTF_8);
        to.encoded(
                "gzip bomb", "gzip", Compressed.gzip(new byte[32 << 20]), 413, "request_too_large");
        to.encoded(
                "zstd bomb", "zstd", Compressed.zstd(new byte[32 << 20]), 413, "request_too_large");
        to.encoded(
                "zlib bomb",
                "deflate",
                Compressed.zlib(new byte[32 << 20]),
                413,
                "request_too_large");
        byte[] gzip = Compressed.gzip(good);
        byte[] cut = Arrays.copyOf(gzip, gzip.length - 1);
        to.encoded("gzip cut short", "gzip", cut, 400, "content_encoding_broken");
        byte[] wrong = gzip.clone();
        wrong[wrong.length - 5] ^= 1;
        to.encoded("gzip of a wrong checksum", "gzip", wrong, 400, "content_encoding_broken");
        byte[] trailed = Arrays.copyOf(gzip, gzip.length + 3);
        to.encoded("bytes behind gzip", "gzip", trailed, 400, "content_encoding_broken");
        to.encoded(
                "two gzip members",
                "gzip",
                HostileInputs.joined(gzip, gzip),
                400,
                "malformed_json");
        to.encoded("gzip twice", "gzip, gzip", gzip, 415, "unsupported_content_encoding");
        to.encoded("brotli", "br", good, 415, "unsupported_content_encoding");
        to.encoded("said to be gzip", "gzip", good, 400, "content_encoding_broken");
        to.encoded("said to be nothing", "", gzip, 400, "invalid_utf8");
        to.encoded(
                "a zstd window of 2 GiB",
                "zstd",
                HostileInputs.hex("28b52ffd00a8"),
                400,
                "content_encoding_broken");
        for (String type :
                List.of("", ";", "text/html", "application/json;charset=utf-16", "*/*")) {
            to.add("type " + type, type, "", good, 415, "unsupported_media_type");
        }
        to.add("UTF-16LE", "application/json", "", in(UTF_16LE), 400, "malformed_json");
        to.add("UTF-16BE", "application/json", "", in(UTF_16BE), 400, "malformed_json");
        to.add(
                "UTF-16 mark",
                "application/json",
                "",
                HostileInputs.joined(HostileInputs.hex("fffe"), in(UTF_16LE)),
                400,
                "invalid_utf8");
        to.add(
                "a byte order mark",
                "application/json",
                "",
                HostileInputs.joined(HostileInputs.hex("efbbbf"), good),
                200,
                null);
        to.add(
                "Latin-1",
                "application/json",
                "",
                HostileInputs.event("\"action\":\"é\"").getBytes(ISO_8859_1),
                400,
                "invalid_utf8");
        to.json("nothing", "", 400, "no_events");
        to.json("white space", " \t\r\n", 400, "no_events");
        to.json("no event", "[]", 400, "no_events");
        to.encoded(
                "one byte too long",
                "gzip",
                Compressed.gzip(" ".repeat((1 << 20) + 1).getBytes(UTF_8)),
                413,
                "request_too_large");
        to.json("one event too many", "[" + "1,".repeat(5_000) + "1]", 413, "too_many_events");
    }

    private static byte[] in(Charset charset) {
        return HostileInputs.event("").getBytes(charset);
    }
}
