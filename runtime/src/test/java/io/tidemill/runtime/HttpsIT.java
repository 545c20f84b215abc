package io.tidemill.runtime;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.Certificate;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;

/// HTTP over TLS, in the versions that client and server agree on.
class HttpsIT {

    private static final Duration LONG = Duration.ofMinutes(5);

    @TempDir private static Path folder;
    private static TestCertificate certificate;

    private final TestFronts fronts = new TestFronts();

    @BeforeAll
    static void createCertificate() throws Exception {
        certificate = TestCertificate.create(folder, "first");
    }

    @AfterEach
    void close() {
        fronts.close();
    }

    @ParameterizedTest
    @EnumSource(Version.class)
    void clientsSpeakTheNewestVersionThatBothHave(Version newest) throws Exception {
        // given
        int port = start(true);
        HttpClient client = client(newest);

        // when
        HttpResponse<String> response = client.send(echo(port, "abc"), BodyHandlers.ofString());

        // then
        assertThat(response.version()).isEqualTo(newest);
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).isEqualTo("abc");
    }

    @Test
    void withoutTheSettingHttp2IsNotOffered() throws Exception {
        // given
        int port = start(false);

        // when
        HttpResponse<String> response =
                client(Version.HTTP_2).send(echo(port, "abc"), BodyHandlers.ofString());

        // then
        assertThat(response.version()).isEqualTo(Version.HTTP_1_1);
        assertThat(response.body()).isEqualTo("abc");
    }

    @Test
    void streamsOfOneConnectionAreServedTogether() throws Exception {
        // given
        int port = start(true);
        HttpClient client = client(Version.HTTP_2);
        client.send(echo(port, "first"), BodyHandlers.ofString());

        // when
        List<CompletableFuture<HttpResponse<String>>> responses =
                IntStream.range(0, 50)
                        .mapToObj(i ->
                                client.sendAsync(echo(port, "body " + i), BodyHandlers.ofString()))
                        .toList();

        // then
        for (int i = 0; i < responses.size(); i++) {
            assertThat(responses.get(i).get().body()).isEqualTo("body " + i);
        }
    }

    @ParameterizedTest
    @EnumSource(Version.class)
    void aRouteThatIsNotThereIsAProblemInEveryVersion(Version version) throws Exception {
        // given
        int port = start(true);

        // when
        HttpResponse<String> response =
                client(version)
                        .send(
                                HttpRequest.newBuilder(
                                                URI.create("https://127.0.0.1:" + port + "/no"))
                                        .build(),
                                BodyHandlers.ofString());

        // then
        assertThat(response.statusCode()).isEqualTo(404);
        assertThat(response.body()).contains("\"code\":\"not_found\"");
        assertThat(response.headers().map()).doesNotContainKeys("server", "x-powered-by");
    }

    @ParameterizedTest
    @EnumSource(names = {"OFF", "OFFERED"})
    void framingIsAsStrictAsInClearText(ReloadingTls.Http2 http2) throws Exception {
        // given
        int port = start(http2 == ReloadingTls.Http2.OFFERED);

        // when
        String answer;
        try (SSLSocket socket = connect(port, certificate.trust())) {
            socket.getOutputStream()
                    .write(
                            """
                            POST /echo HTTP/1.1\r
                            Host: h\r
                            Content-Length: 3\r
                            Transfer-Encoding: chunked\r
                            \r
                            0\r
                            \r
                            """
                                    .getBytes(US_ASCII));
            answer = new String(socket.getInputStream().readAllBytes(), US_ASCII);
        }

        // then
        assertThat(answer).startsWith("HTTP/1.1 400 ").contains("malformed_request");
    }

    @ParameterizedTest
    @EnumSource(names = {"OFF", "OFFERED"})
    void whoSpeaksNoTlsIsDisconnectedAndCounted(ReloadingTls.Http2 http2) throws Exception {
        // given
        int port = start(http2 == ReloadingTls.Http2.OFFERED);

        // when
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.getOutputStream().write("GET /hello HTTP/1.1\r\n\r\n".getBytes(US_ASCII));
            assertThat(new String(socket.getInputStream().readAllBytes(), US_ASCII))
                    .doesNotContain("HTTP/");
        }

        // then
        await().untilAsserted(() ->
                assertThat(fronts.metrics().scrape())
                        .contains("tidemill_http_connections_ended_total{reason=\"tls\"}")
                        .contains("tidemill_http_connections 0.0"));
    }

    @Test
    void aCertificateThatIsReplacedIsShownToNewClients() throws Exception {
        // given
        TestCertificate old = TestCertificate.create(folder, "old");
        TestCertificate renewed = TestCertificate.create(folder, "renewed");
        ReloadingTls tls =
                ReloadingTls.start(old.files(), ReloadingTls.Http2.OFF, Duration.ofMillis(20));
        fronts.onClose(tls);
        int port = bind(tls);
        assertThat(certificateOf(port, old.trust())).isEqualTo(old.certificate());

        // when
        Files.writeString(old.files().certificate(), "not a certificate");
        assertThat(certificateOf(port, old.trust())).isEqualTo(old.certificate());
        replace(renewed.files().key(), old.files().key());
        assertThat(certificateOf(port, old.trust())).isEqualTo(old.certificate());
        replace(renewed.files().certificate(), old.files().certificate());

        // then
        await().ignoreExceptions()
                .until(() -> certificateOf(port, renewed.trust()).equals(renewed.certificate()));
    }

    @Test
    void filesThatCannotBeUsedAreOneLine() throws Exception {
        // given
        Path good = certificate.files().certificate();
        Path keyOfAnother = TestCertificate.create(folder, "another").files().key();
        Path none = folder.resolve("none");

        // then
        for (TlsFiles files :
                List.of(
                        new TlsFiles(good, good),
                        new TlsFiles(certificate.files().key(), certificate.files().key()),
                        new TlsFiles(good, keyOfAnother),
                        new TlsFiles(none, certificate.files().key()),
                        new TlsFiles(good, none))) {
            assertThatThrownBy(() -> fronts.start(settings(files, false), StubPart.serving()))
                    .isInstanceOf(StartupException.class)
                    .hasMessageStartingWith("can't use the certificate " + files.certificate())
                    .hasMessageNotContainingAny("\n");
        }
    }

    private int start(boolean http2) {
        Route echo =
                Route.post(
                        "/echo",
                        (request, response) ->
                                request.receive()
                                        .aggregate()
                                        .asString()
                                        .flatMap(body ->
                                                Mono.from(Responses.text(response, 200, body))));
        return fronts.start(settings(certificate.files(), http2), StubPart.serving(echo)).port();
    }

    private int bind(ReloadingTls tls) {
        DisposableServer server =
                new FrontServer(
                                new FrontLimits(LONG, LONG, LONG, LONG, 10),
                                new FrontMetrics(fronts.metrics().registry()),
                                new Router(List.of()))
                        .https(tls)
                        .host("127.0.0.1")
                        .port(0)
                        .bindNow();
        fronts.onClose(server::disposeNow);
        return server.port();
    }

    private static HttpSettings settings(TlsFiles files, boolean http2) {
        return new HttpSettings(
                "127.0.0.1", 0, 0, new FrontLimits(LONG, LONG, LONG, LONG, 100), files, http2);
    }

    private HttpClient client(Version version) throws Exception {
        HttpClient client =
                HttpClient.newBuilder().sslContext(certificate.trust()).version(version).build();
        fronts.onClose(client::shutdownNow);
        return client;
    }

    private static HttpRequest echo(int port, String body) {
        return HttpRequest.newBuilder(uri(port)).POST(BodyPublishers.ofString(body)).build();
    }

    private static URI uri(int port) {
        return URI.create("https://127.0.0.1:" + port + "/echo");
    }

    private static Certificate certificateOf(int port, SSLContext trust) throws IOException {
        try (SSLSocket socket = connect(port, trust)) {
            return socket.getSession().getPeerCertificates()[0];
        }
    }

    private static SSLSocket connect(int port, SSLContext trust) throws IOException {
        SSLSocket socket =
                (SSLSocket)
                        trust.getSocketFactory()
                                .createSocket(InetAddress.getLoopbackAddress(), port);
        socket.startHandshake();
        return socket;
    }

    private static void replace(Path from, Path to) throws IOException {
        Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
    }
}
