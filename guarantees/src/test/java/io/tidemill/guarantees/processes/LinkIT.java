package io.tidemill.guarantees.processes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.guarantees.processes.Link.State;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A link before a server that sends back what it gets.
class LinkIT {

    private static final int PATIENCE_MILLIS = 10_000;

    private final FreePorts free = new FreePorts();
    private final int port = free.next();
    private ServerSocket server;
    private Link link;

    @BeforeEach
    void open() throws IOException {
        server = new ServerSocket(0, 50, InetAddress.ofLiteral("127.0.0.1"));
        Thread.ofVirtual().start(this::echo);
        link = Link.open("test", port, server.getLocalPort());
    }

    @AfterEach
    void close() throws IOException {
        link.close();
        server.close();
    }

    @ParameterizedTest
    @EnumSource(names = {"SOUND", "DELAYED", "SLOW"})
    void whatIsSentComesBack(State state) throws IOException {
        link.turn(state);
        try (Socket socket = connect()) {
            assertThat(echoOf(socket, 5_000)).isEqualTo(5_000);
        }
    }

    @Test
    void aCutEndsConnectionsAndRefusesNewOnes() throws IOException {
        try (Socket socket = connect()) {
            assertThat(echoOf(socket, 1)).isEqualTo(1);

            link.turn(State.CUT);

            assertThatThrownBy(() -> echoOf(socket, 1)).isInstanceOf(IOException.class);
            assertThatThrownBy(
                            () -> {
                                try (Socket other = connect()) {
                                    echoOf(other, 1);
                                }
                            })
                    .isInstanceOf(IOException.class);
        }
        link.turn(State.SOUND);
        try (Socket socket = connect()) {
            assertThat(echoOf(socket, 1)).isEqualTo(1);
        }
    }

    @Test
    void silenceKeepsConnectionsAndHandsOnLater() throws IOException {
        try (Socket socket = connect()) {
            link.turn(State.SILENT);
            socket.setSoTimeout(200);
            assertThatThrownBy(() -> echoOf(socket, 3)).isInstanceOf(SocketTimeoutException.class);

            link.turn(State.SOUND);

            socket.setSoTimeout(PATIENCE_MILLIS);
            assertThat(socket.getInputStream().readNBytes(3)).hasSize(3);
        }
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket(InetAddress.ofLiteral("127.0.0.1"), port);
        socket.setSoTimeout(PATIENCE_MILLIS);
        return socket;
    }

    /// @return how many bytes came back
    private static int echoOf(Socket socket, int bytes) throws IOException {
        socket.getOutputStream().write(new byte[bytes]);
        byte[] back = socket.getInputStream().readNBytes(bytes);
        if (back.length < bytes) {
            throw new IOException("ended");
        }
        return back.length;
    }

    private void echo() {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                Thread.ofVirtual()
                        .start(() -> {
                            try (socket) {
                                socket.getInputStream().transferTo(socket.getOutputStream());
                            } catch (IOException _) {
                                // The link was cut.
                            }
                        });
            } catch (IOException _) {
                // Closed.
            }
        }
    }
}
