package io.tidemill.benchmarks.load;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;

/// One connection of HTTP/1.1 that sends the same request again and again: as little work as a
/// client can do, so that the server's is measured. Used by one thread.
final class LoadConnection implements AutoCloseable {

    private static final byte[] LENGTH = "content-length:".getBytes(US_ASCII);
    private static final int STATUS_AT = "HTTP/1.1 ".length();

    private final Socket socket;
    private final OutputStream out;
    private final InputStream in;
    private final byte[] buffer = new byte[16 << 10];
    private int filled;

    LoadConnection(int port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setTcpNoDelay(true);
        out = socket.getOutputStream();
        in = socket.getInputStream();
    }

    /// A whole request for a path.
    static byte[] request(String path, byte[] json) {
        byte[] head =
                ("POST "
                                + path
                                + " HTTP/1.1\r\nHost: load\r\nContent-Type: application/json\r\n"
                                + "Content-Length: "
                                + json.length
                                + "\r\n\r\n")
                        .getBytes(US_ASCII);
        byte[] request = new byte[head.length + json.length];
        System.arraycopy(head, 0, request, 0, head.length);
        System.arraycopy(json, 0, request, head.length, json.length);
        return request;
    }

    /// Sends a request and reads its answer to the end.
    ///
    /// @return the answer's status
    int exchange(byte[] request) throws IOException {
        out.write(request);
        int headEnd = fillUntilHeadEnds();
        int status = number(STATUS_AT);
        int end = headEnd + contentLength(headEnd);
        int have = filled;
        while (have < end) {
            have += some(Math.min(have, buffer.length - 1));
        }
        filled = 0;
        return status;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    private int fillUntilHeadEnds() throws IOException {
        filled = 0;
        int from = 0;
        while (true) {
            filled += some(filled);
            for (; from + 3 < filled; from++) {
                if (buffer[from] == '\r' && buffer[from + 2] == '\r') {
                    return from + 4;
                }
            }
        }
    }

    private int some(int at) throws IOException {
        int read = in.read(buffer, at, buffer.length - at);
        if (read < 0) {
            throw new EOFException("the server closed the connection");
        }
        return read;
    }

    private int contentLength(int headEnd) throws IOException {
        for (int i = STATUS_AT; i < headEnd; i++) {
            if (buffer[i] == '\n' && startsWithLength(i + 1)) {
                return number(i + 1 + LENGTH.length + 1);
            }
        }
        throw new IOException("an answer without Content-Length");
    }

    private boolean startsWithLength(int at) {
        for (int i = 0; i < LENGTH.length; i++) {
            if ((buffer[at + i] | 0x20) != (LENGTH[i] | 0x20)) {
                return false;
            }
        }
        return true;
    }

    private int number(int at) {
        int number = 0;
        for (int i = at; buffer[i] >= '0' && buffer[i] <= '9'; i++) {
            number = number * 10 + buffer[i] - '0';
        }
        return number;
    }
}
