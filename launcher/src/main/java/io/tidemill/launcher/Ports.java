package io.tidemill.launcher;

import io.tidemill.runtime.Setting;
import io.tidemill.runtime.StartupException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;

/// Looks at ports before anything is started, so that a taken one costs nothing.
final class Ports {

    private Ports() {}

    /// @param port 0 is always free
    /// @param setting the one that moves the port
    /// @throws StartupException when something listens there already
    static void requireFree(String host, int port, Setting<Integer> setting) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(host, port));
        } catch (IOException e) {
            throw new StartupException(
                    "port "
                            + port
                            + " on "
                            + host
                            + " can't be used ("
                            + e.getMessage()
                            + "): is Tidemill running already? "
                            + setting.name()
                            + " chooses another",
                    e);
        }
    }
}
