package io.tidemill.runtime;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

/// Thousands who hold a connection each, and do little or nothing with it.
class ManyConnectionsIT {

    private static final int CONNECTIONS = 2_000;
    private static final Duration LONG = Duration.ofMinutes(5);

    private final TestFronts fronts = new TestFronts();
    private final List<SocketChannel> others = new ArrayList<>();

    @AfterEach
    void close() throws IOException {
        for (SocketChannel other : others) {
            other.close();
        }
        fronts.close();
    }

    @Test
    void twoThousandSlowReadersAndWritersHinderNobody() throws Exception {
        // given
        int port = start();
        for (int i = 0; i < CONNECTIONS; i++) {
            others.add(open(port, i % 20 == 0 ? Kind.READER : Kind.values()[i % 3]));
        }
        await().until(() -> fronts.metrics().scrape().contains("tidemill_http_connections 2000.0"));

        // when
        List<CompletableFuture<HttpResponse<String>>> responses =
                IntStream.range(0, 200)
                        .mapToObj(i ->
                                fronts.client()
                                        .sendAsync(
                                                TestFronts.request(port, "/echo")
                                                        .POST(BodyPublishers.ofString("body " + i))
                                                        .build(),
                                                BodyHandlers.ofString()))
                        .toList();

        // then
        for (int i = 0; i < responses.size(); i++) {
            assertThat(responses.get(i).get().statusCode()).isEqualTo(200);
            assertThat(responses.get(i).get().body()).isEqualTo("body " + i);
        }
        assertThat(fronts.metrics().scrape()).doesNotContain("connections_ended_total");
    }

    private int start() {
        Route echo =
                Route.post(
                        "/echo",
                        (request, response) ->
                                request.receive()
                                        .aggregate()
                                        .asString()
                                        .flatMap(body ->
                                                Mono.from(Responses.text(response, 200, body))));
        byte[] much = "a".repeat(4 << 20).getBytes(US_ASCII);
        Route large =
                Route.get(
                        "/large",
                        (_, response) -> Responses.send(response, 200, "text/plain", much));
        HttpSettings settings =
                new HttpSettings("127.0.0.1", 0, 0, new FrontLimits(LONG, LONG, LONG, LONG, 8192));
        return fronts.start(settings, StubPart.serving(echo, large)).port();
    }

    private enum Kind {
        SILENT,
        WRITER_OF_A_HEAD,
        WRITER_OF_A_BODY,
        READER
    }

    private static SocketChannel open(int port, Kind kind) throws IOException {
        SocketChannel channel =
                SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        String bytes =
                switch (kind) {
                    case SILENT -> "";
                    case WRITER_OF_A_HEAD -> "POST /echo HTTP/1.1\r\nHost: h\r\nX-A: ";
                    case WRITER_OF_A_BODY ->
                            "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nabc";
                    case READER -> "GET /large HTTP/1.1\r\nHost: h\r\n\r\n";
                };
        channel.write(ByteBuffer.wrap(bytes.getBytes(US_ASCII)));
        return channel;
    }
}
