package io.tidemill.query;

import io.tidemill.storage.PostgresUrl;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/// Stands before Postgres and, when told so, swallows what goes through its connections without
/// closing them: a network that lost its way.
final class StallingProxy implements AutoCloseable {

    private final PostgresUrl target;
    private final ServerSocket server;
    private final Queue<Socket> sockets = new ConcurrentLinkedQueue<>();
    private volatile int stalledBefore;

    StallingProxy(PostgresUrl target) throws IOException {
        this.target = target;
        this.server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::accept);
    }

    PostgresUrl url() {
        return new PostgresUrl(
                "127.0.0.1",
                server.getLocalPort(),
                target.database(),
                target.user(),
                target.password());
    }

    boolean hasConnection() {
        return !sockets.isEmpty();
    }

    /// From now on nothing comes through the connections there are; new ones work.
    void stall() {
        stalledBefore = sockets.size();
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }

    private void accept() {
        try {
            while (true) {
                Socket client = server.accept();
                Socket upstream = new Socket(target.host(), target.port());
                int number = sockets.size();
                sockets.add(client);
                sockets.add(upstream);
                Thread.ofVirtual().start(() -> pump(client, upstream, number));
                Thread.ofVirtual().start(() -> pump(upstream, client, number));
            }
        } catch (IOException e) {
            // Closed: the test is over.
        }
    }

    private void pump(Socket from, Socket to, int number) {
        byte[] buffer = new byte[8192];
        try (InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream()) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                if (number >= stalledBefore) {
                    out.write(buffer, 0, n);
                    out.flush();
                }
            }
        } catch (IOException e) {
            // One side is gone; the other follows.
        }
    }
}
