package io.tidemill.guarantees.processes;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/// Ports of 127.0.0.1 that stay free while their process is down: below those that the system gives
/// to outgoing connections. Not thread-safe.
final class FreePorts {

    private static final int FIRST = 20_000;
    private static final int LAST = 31_999;

    private int next = ThreadLocalRandom.current().nextInt(FIRST, LAST);

    int next() {
        for (int tries = 0; tries <= LAST - FIRST; tries++) {
            int port = next;
            next = port == LAST ? FIRST : port + 1;
            if (isFree(port)) {
                return port;
            }
        }
        throw new IllegalStateException("no free port");
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port));
            return true;
        } catch (IOException _) {
            return false;
        }
    }
}
