package io.tidemill.runtime;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// Fronts that a test starts, and the clients that ask them; all closed together.
final class TestFronts implements AutoCloseable {

    private static final HttpSettings ANY_PORT = new HttpSettings("127.0.0.1", 0, 0);

    private final CloseStack started = new CloseStack();
    private final HttpClient client = started.push(HttpClient.newHttpClient());
    private final Metrics metrics = started.push(Metrics.ofProcess());

    HttpFront start(Part... parts) {
        return start(ANY_PORT, parts);
    }

    HttpFront start(HttpSettings settings, Part... parts) {
        return started.push(HttpFront.start(settings, List.of(parts), metrics));
    }

    HttpResponse<String> get(int port, String path) throws IOException, InterruptedException {
        return client.send(request(port, path).build(), BodyHandlers.ofString());
    }

    static HttpRequest.Builder request(int port, String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path));
    }

    static String exchange(int port, String requests) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            byte[] bytes = requests.replace("\n", "\r\n").getBytes(StandardCharsets.US_ASCII);
            socket.getOutputStream().write(bytes);
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        }
    }

    static boolean isRefused(int port) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return !socket.isConnected();
        } catch (IOException e) {
            return true;
        }
    }

    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    HttpClient client() {
        return client;
    }

    Metrics metrics() {
        return metrics;
    }

    void onClose(AutoCloseable closeable) {
        started.push(closeable);
    }

    @Override
    public void close() {
        started.close();
    }
}
