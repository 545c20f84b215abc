package io.tidemill.benchmarks.load;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/// Connections that are held by clients who are slow: those that say nothing, those that send a
/// head or a body byte by byte, and those that do not read their answers.
final class SlowCrowd implements AutoCloseable {

    private static final String HEAD = "POST /api/events HTTP/1.1\r\nHost: slow\r\nX-A: ";
    private static final String BODY =
            "POST /api/events HTTP/1.1\r\nHost: slow\r\nContent-Type: application/json\r\n"
                    + "Content-Length: 900000\r\n\r\n[";
    private static final String ASKING = "GET /metrics HTTP/1.1\r\nHost: slow\r\n\r\n";

    private final List<SocketChannel> all = new ArrayList<>();
    private final List<SocketChannel> writers = new ArrayList<>();
    private final ScheduledExecutorService drip =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("drip").factory());

    private SlowCrowd() {}

    static SlowCrowd of(int connections, int port) throws IOException {
        SlowCrowd crowd = new SlowCrowd();
        for (int i = 0; i < connections; i++) {
            crowd.open(port, i % 4);
        }
        ScheduledFuture<?> _ =
                crowd.drip.scheduleWithFixedDelay(crowd::writeAByte, 1, 1, TimeUnit.SECONDS);
        return crowd;
    }

    @Override
    public void close() throws IOException {
        drip.shutdownNow();
        for (SocketChannel channel : all) {
            channel.close();
        }
    }

    private void open(int port, int kind) throws IOException {
        SocketChannel channel =
                SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        all.add(channel);
        String bytes =
                switch (kind) {
                    case 0 -> "";
                    case 1 -> HEAD;
                    case 2 -> BODY;
                    default -> ASKING.repeat(50);
                };
        channel.write(ByteBuffer.wrap(bytes.getBytes(US_ASCII)));
        channel.configureBlocking(false);
        if (kind == 1 || kind == 2) {
            writers.add(channel);
        }
    }

    private void writeAByte() {
        for (SocketChannel channel : writers) {
            try {
                channel.write(ByteBuffer.wrap(new byte[] {'a'}));
            } catch (IOException e) {
                // The server has had enough of this one.
            }
        }
    }
}
