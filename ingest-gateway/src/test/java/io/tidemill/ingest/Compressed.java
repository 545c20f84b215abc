package io.tidemill.ingest;

import com.github.luben.zstd.Zstd;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;

/// Compresses bodies as clients do.
final class Compressed {

    private Compressed() {}

    static byte[] gzip(byte[] body) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(body);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    static byte[] zlib(byte[] body) {
        return deflate(body, new Deflater());
    }

    /// Deflate without the zlib header.
    static byte[] rawDeflate(byte[] body) {
        return deflate(body, new Deflater(Deflater.DEFAULT_COMPRESSION, true));
    }

    static byte[] zstd(byte[] body) {
        return Zstd.compress(body);
    }

    private static byte[] deflate(byte[] body, Deflater deflater) {
        deflater.setInput(body);
        deflater.finish();
        byte[] chunk = new byte[4096];
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        while (!deflater.finished()) {
            bytes.write(chunk, 0, deflater.deflate(chunk));
        }
        deflater.end();
        return bytes.toByteArray();
    }
}
