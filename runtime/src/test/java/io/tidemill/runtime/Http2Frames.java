package io.tidemill.runtime;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/// A client of HTTP/2 that sends whatever frames it is told to, in one go, and reads those that
/// come back.
final class Http2Frames {

    static final int DATA = 0;
    static final int HEADERS = 1;
    static final int RST_STREAM = 3;
    static final int SETTINGS = 4;
    static final int PING = 6;
    static final int GOAWAY = 7;
    static final int WINDOW_UPDATE = 8;
    static final int CONTINUATION = 9;

    static final int END_STREAM = 1;
    static final int END_HEADERS = 4;

    private static final byte[] PREFACE =
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    /// What came back.
    @SuppressWarnings("ArrayRecordComponent") // Read once.
    record Frame(int type, byte[] payload) {}

    /// Begins with the settings that a client must begin with.
    static Http2Frames withSettings(byte... settings) {
        return new Http2Frames().and(SETTINGS, 0, 0, settings);
    }

    Http2Frames and(int type, int flags, int stream, byte... payload) {
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
        bytes.writeBytes(frame);
        return this;
    }

    /// What the server sends until that, or until it closes.
    ///
    /// @param trust null for clear text
    List<Frame> exchange(int port, @Nullable SSLContext trust, Predicate<Frame> until)
            throws IOException {
        try (Socket socket = connect(port, trust)) {
            Thread writer = Thread.ofVirtual().start(() -> write(socket));
            List<Frame> answer = read(new DataInputStream(socket.getInputStream()), until);
            writer.interrupt();
            return answer;
        }
    }

    private static Socket connect(int port, @Nullable SSLContext trust) throws IOException {
        if (trust == null) {
            return new Socket(InetAddress.getLoopbackAddress(), port);
        }
        SSLSocket socket =
                (SSLSocket)
                        trust.getSocketFactory()
                                .createSocket(InetAddress.getLoopbackAddress(), port);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {"h2"});
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        return socket;
    }

    private void write(Socket socket) {
        try {
            socket.getOutputStream().write(PREFACE);
            socket.getOutputStream().write(bytes.toByteArray());
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
}
