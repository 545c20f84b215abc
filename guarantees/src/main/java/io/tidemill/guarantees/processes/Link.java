package io.tidemill.guarantees.processes;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;

/// A way from one process to another that can be spoilt: a port that passes on to another port.
/// Thread-safe.
public final class Link implements AutoCloseable {

    private static final Duration CONNECTS_WITHIN = Duration.ofSeconds(5);
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(20);
    private static final int CHUNK_BYTES = 16 << 10;
    private static final int TRICKLE_BYTES = 1 << 10;

    private final String name;
    private final int target;
    private final ServerSocket server;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private volatile State state = State.SOUND;

    /// How a link is.
    public enum State {
        SOUND,
        /// Connections are ended, and new ones too, at once.
        CUT,
        /// Nothing comes through and nobody is told: as when a firewall drops what it sees. What
        /// was sent meanwhile arrives later.
        SILENT,
        /// Everything takes a fifth of a second longer.
        DELAYED,
        /// 50 KiB a second, each connection and direction.
        SLOW
    }

    private Link(String name, int target, ServerSocket server) {
        this.name = name;
        this.target = target;
        this.server = server;
    }

    /// @param name such as `sink-1 to postgres`
    /// @param port where it listens, on 127.0.0.1
    static Link open(String name, int port, int target) {
        try {
            ServerSocket server = new ServerSocket();
            server.setReuseAddress(true);
            server.bind(address(port));
            Link link = new Link(name, target, server);
            Thread.ofVirtual().name(name).start(link::accept);
            return link;
        } catch (IOException e) {
            throw new UncheckedIOException("no link " + name, e);
        }
    }

    public String name() {
        return name;
    }

    public void turn(State next) {
        state = next;
        if (next == State.CUT) {
            open.forEach(Link::reset);
        }
    }

    @Override
    public void close() {
        closeQuietly(server);
        open.forEach(Link::closeQuietly);
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket near = server.accept();
                Thread.ofVirtual().name(name).start(() -> join(near));
            } catch (IOException _) {
                // Closed, or a client that has gone already.
            }
        }
    }

    private void join(Socket near) {
        open.add(near);
        if (state == State.CUT) {
            reset(near);
            open.remove(near);
            return;
        }
        Socket far = new Socket();
        open.add(far);
        try {
            far.connect(address(target), (int) CONNECTS_WITHIN.toMillis());
            near.setTcpNoDelay(true);
            far.setTcpNoDelay(true);
            Thread back = Thread.ofVirtual().name(name).start(() -> pass(far, near));
            pass(near, far);
            back.join();
        } catch (IOException _) {
            // Refused, as the target would have.
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } finally {
            reset(near);
            reset(far);
            open.remove(near);
            open.remove(far);
        }
    }

    private void pass(Socket from, Socket to) {
        byte[] chunk = new byte[CHUNK_BYTES];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            int length = in.read(chunk, 0, CHUNK_BYTES);
            while (length >= 0) {
                pass(chunk, length, out);
                length = in.read(chunk, 0, CHUNK_BYTES);
            }
            awaitSound(to);
            to.shutdownOutput();
        } catch (IOException _) {
            // Either side is gone: so is the other.
            reset(from);
            reset(to);
        }
    }

    private void pass(byte[] chunk, int length, OutputStream out) throws IOException {
        int sent = 0;
        while (sent < length) {
            State now = state;
            switch (now) {
                case SOUND -> {
                    out.write(chunk, sent, length - sent);
                    sent = length;
                }
                case DELAYED -> {
                    pause(Duration.ofMillis(200));
                    out.write(chunk, sent, length - sent);
                    sent = length;
                }
                case SLOW -> {
                    int some = Math.min(TRICKLE_BYTES, length - sent);
                    out.write(chunk, sent, some);
                    sent += some;
                    pause(BETWEEN_LOOKS);
                }
                case SILENT -> pause(BETWEEN_LOOKS);
                case CUT -> throw new IOException("cut");
            }
        }
    }

    /// An end of stream doesn't come through either.
    private void awaitSound(Socket to) {
        while (state == State.SILENT && !to.isClosed()) {
            pause(BETWEEN_LOOKS);
        }
    }

    private static void pause(Duration duration) {
        LockSupport.parkNanos(duration.toNanos());
    }

    private static InetSocketAddress address(int port) {
        return new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port);
    }

    private static void reset(Socket socket) {
        try {
            if (!socket.isClosed()) {
                socket.setSoLinger(true, 0);
            }
        } catch (IOException _) {
            // Closed in between.
        }
        closeQuietly(socket);
    }

    private static void closeQuietly(AutoCloseable closeable) {
        try {
            closeable.close();
        } catch (Exception _) {
            // Gone is gone.
        }
    }
}
