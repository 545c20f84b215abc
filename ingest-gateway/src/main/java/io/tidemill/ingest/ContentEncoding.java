package io.tidemill.ingest;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import io.tidemill.ingest.parsing.RefusedException;
import io.tidemill.ingest.parsing.Rejection;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/// How a body was compressed. Decodes it as a stream, so that a small body that would become a huge
/// one is given up at the limit.
enum ContentEncoding {
    IDENTITY {
        @Override
        void decode(byte[] body, Output out) {
            out.write(body, body.length);
        }
    },
    GZIP {
        @Override
        void decode(byte[] body, Output out) throws DataFormatException {
            Inflater inflater = new Inflater(true);
            try {
                int from = 0;
                do {
                    inflater.reset();
                    from = gunzipMember(inflater, body, from, out);
                } while (from < body.length);
            } finally {
                inflater.end();
            }
        }
    },
    /// With the zlib header that the standard asks for, or without, as some clients send it.
    DEFLATE {
        @Override
        void decode(byte[] body, Output out) throws DataFormatException {
            boolean zlib =
                    body.length >= 2
                            && (body[0] & 0x0f) == 8
                            && (((body[0] & 0xff) << 8) | (body[1] & 0xff)) % 31 == 0;
            Inflater inflater = new Inflater(!zlib);
            try {
                if (inflate(inflater, body, 0, out, new CRC32()) != body.length) {
                    throw new DataFormatException("trailing bytes");
                }
            } finally {
                inflater.end();
            }
        }
    },
    ZSTD {
        @Override
        void decode(byte[] body, Output out) throws IOException, DataFormatException {
            if (body.length == 0) {
                throw new DataFormatException("no frame");
            }
            try (ZstdInputStreamNoFinalizer in =
                    new ZstdInputStreamNoFinalizer(new ByteArrayInputStream(body))) {
                in.setLongMax(ZSTD_WINDOW_LOG);
                byte[] chunk = new byte[CHUNK];
                for (int n = in.read(chunk); n >= 0; n = in.read(chunk)) {
                    out.write(chunk, n);
                }
            }
        }
    };

    /// The largest window that RFC 9659 allows, 8 MiB.
    private static final int ZSTD_WINDOW_LOG = 23;

    private static final int CHUNK = 8192;
    private static final int GZIP_HEADER = 10;
    private static final int GZIP_TRAILER = 8;
    private static final int HEADER_CRC = 2;
    private static final int EXTRA = 4;
    private static final int NAME = 8;
    private static final int COMMENT = 16;
    private static final int RESERVED = 0xe0;

    /// The encoding that the `Content-Encoding` headers of a request name.
    ///
    /// @throws RefusedException when it is another one, or several at once
    static ContentEncoding of(List<String> headers) {
        String name = String.join(",", headers).strip().toLowerCase(Locale.ROOT);
        return switch (name) {
            case "", "identity" -> IDENTITY;
            case "gzip", "x-gzip" -> GZIP;
            case "deflate" -> DEFLATE;
            case "zstd" -> ZSTD;
            default ->
                    throw new RefusedException(
                            Rejection.UNSUPPORTED_CONTENT_ENCODING,
                            "Content-Encoding is none of gzip, deflate and zstd");
        };
    }

    /// @throws RefusedException when the body is broken, or decodes to more than `maxBytes`
    byte[] decode(byte[] body, int maxBytes) {
        if (this == IDENTITY) {
            return body;
        }
        Output out = new Output(maxBytes);
        try {
            decode(body, out);
        } catch (DataFormatException | IOException | IndexOutOfBoundsException e) {
            throw new RefusedException(
                    Rejection.CONTENT_ENCODING_BROKEN,
                    "the body is not whole " + name().toLowerCase(Locale.ROOT));
        }
        return out.bytes.toByteArray();
    }

    abstract void decode(byte[] body, Output out) throws IOException, DataFormatException;

    /// @return behind the member's last byte
    private static int gunzipMember(Inflater inflater, byte[] body, int from, Output out)
            throws DataFormatException {
        boolean gzip =
                body[from] == 0x1f
                        && body[from + 1] == (byte) 0x8b
                        && body[from + 2] == 8
                        && (body[from + 3] & RESERVED) == 0;
        if (!gzip) {
            throw new DataFormatException("no gzip header");
        }
        int flags = body[from + 3];
        int at = from + GZIP_HEADER;
        if ((flags & EXTRA) != 0) {
            at += 2 + ((body[at] & 0xff) | ((body[at + 1] & 0xff) << 8));
        }
        if ((flags & NAME) != 0) {
            at = behindZero(body, at);
        }
        if ((flags & COMMENT) != 0) {
            at = behindZero(body, at);
        }
        if ((flags & HEADER_CRC) != 0) {
            at += 2;
        }
        CRC32 crc = new CRC32();
        int trailer = inflate(inflater, body, at, out, crc);
        boolean whole =
                littleEndian(body, trailer) == (int) crc.getValue()
                        && littleEndian(body, trailer + 4) == (int) inflater.getBytesWritten();
        if (!whole) {
            throw new DataFormatException("checksum or length differs");
        }
        return trailer + GZIP_TRAILER;
    }

    /// @return behind the last byte of the deflated data
    private static int inflate(Inflater inflater, byte[] body, int from, Output out, CRC32 crc)
            throws DataFormatException {
        inflater.setInput(body, from, Math.max(0, body.length - from));
        byte[] chunk = new byte[CHUNK];
        while (!inflater.finished()) {
            int n = inflater.inflate(chunk);
            if (n == 0 && !inflater.finished()) {
                throw new DataFormatException("cut short, or needs a dictionary");
            }
            crc.update(chunk, 0, n);
            out.write(chunk, n);
        }
        return body.length - inflater.getRemaining();
    }

    private static int behindZero(byte[] body, int from) {
        int at = from;
        while (body[at] != 0) {
            at++;
        }
        return at + 1;
    }

    private static int littleEndian(byte[] body, int at) {
        return (body[at] & 0xff)
                | ((body[at + 1] & 0xff) << 8)
                | ((body[at + 2] & 0xff) << 16)
                | ((body[at + 3] & 0xff) << 24);
    }

    /// Bytes up to a limit.
    static final class Output {

        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private final int maxBytes;

        Output(int maxBytes) {
            this.maxBytes = maxBytes;
        }

        void write(byte[] chunk, int length) {
            if (length > maxBytes - bytes.size()) {
                throw RequestBody.tooLarge(maxBytes);
            }
            bytes.write(chunk, 0, length);
        }
    }
}
