package io.tidemill.embedded;

import io.tidemill.runtime.StartupException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;

/// Ports of 127.0.0.1.
final class LocalPort {

    static final String HOST = "127.0.0.1";

    private LocalPort() {}

    /// The port itself when it is free, or any free one when it is 0.
    ///
    /// @param user what wants to listen there, for the message
    /// @throws StartupException when something listens on it already
    static int claim(int port, String user) {
        try {
            return tryBind(port);
        } catch (IOException e) {
            throw new StartupException(
                    user
                            + " can't listen on "
                            + HOST
                            + ":"
                            + port
                            + ": the port is taken; stop what listens there, or choose another port",
                    e);
        }
    }

    static int free() {
        try {
            return tryBind(0);
        } catch (IOException e) {
            throw new UncheckedIOException("no free port", e);
        }
    }

    private static int tryBind(int port) throws IOException {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.ofLiteral(HOST), port));
            return socket.getLocalPort();
        }
    }
}
