package io.tidemill.ingest;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.AppenderBase;
import io.tidemill.contract.Event;
import io.tidemill.testkit.TestKafka;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/// Neither the log nor what is stored tells who sent something from where, what it said, or with
/// which key: our own loggers at DEBUG, those of libraries as in production.
class PrivacyIT {

    private static final String CLIENT = "127.77.66.55";
    private static final String SECRET_KEY = "wk_neverToBeLogged";
    private static final String SECRET_TEXT = "what-nobody-else-may-read";

    private final Logged logged = new Logged();
    private final Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    private final Logger ours = (Logger) LoggerFactory.getLogger("io.tidemill");
    private Level rootLevel;
    private Level oursLevel;
    private RunningGateway gateway;

    @BeforeEach
    void start() {
        rootLevel = root.getLevel();
        oursLevel = ours.getLevel();
        root.setLevel(Level.WARN);
        ours.setLevel(Level.DEBUG);
        logged.setContext((LoggerContext) LoggerFactory.getILoggerFactory());
        logged.start();
        root.addAppender(logged);
        TestKafka kafka = TestKafka.shared();
        String prefix = kafka.freshPrefix();
        kafka.createTopics(prefix, 1, 1);
        gateway = RunningGateway.start(kafka.connection(prefix), Map.of()).awaitUp();
    }

    @AfterEach
    void stop() {
        gateway.close();
        root.detachAppender(logged);
        root.setLevel(rootLevel);
        ours.setLevel(oursLevel);
    }

    @Test
    void neitherAddressesNorBodiesNorKeysAreLoggedOrStored() throws IOException {
        // given
        String good =
                """
                {"event_type":"t","session_id":"s","properties":{"a":"%s"}}\
                """
                        .formatted(SECRET_TEXT);

        // when
        assertThat(exchange(post("/api/events", good))).contains(" 200 ");
        assertThat(exchange(post("/api/events", "[" + good + ",{\"event_type\":\"%s\"}]")))
                .contains(" 207 ");
        for (String request :
                List.of(
                        post("/api/events", SECRET_TEXT),
                        post("/api/events", "{\"" + SECRET_TEXT + "\":1}"),
                        post("/api/events", "{\"event_type\":[\"" + SECRET_TEXT + "\"]}"),
                        post("/api/analytics/track", SECRET_TEXT),
                        post("/api/events?api_key=" + SECRET_KEY, "{"),
                        post("/nothing/" + SECRET_KEY, good),
                        post("/api/events", good).replace("application/json", SECRET_TEXT),
                        post("/api/events", good).replace("Host: h", "Host: " + SECRET_TEXT + "/"),
                        post("/api/events", good).replace("POST", "DELETE"),
                        post("/api/events", good)
                                .replace("Host: h", "Host: h\r\nContent-Encoding: gzip"),
                        SECRET_TEXT + " " + SECRET_KEY + "\r\n\r\n")) {
            assertThat(exchange(request)).contains("HTTP/1.1 4");
        }
        leaveInTheMiddle(post("/api/events", good));

        // then
        List<Event> stored = gateway.published();
        gateway.close();
        assertThat(logged.lines).isNotEmpty();
        assertThat(logged.lines)
                .noneMatch(line -> line.contains(CLIENT))
                .noneMatch(line -> line.contains(SECRET_KEY))
                .noneMatch(line -> line.contains(SECRET_TEXT));
        assertThat(stored).hasSize(2);
        assertThat(stored)
                .noneMatch(event -> event.toString().contains(CLIENT))
                .noneMatch(event -> event.toString().contains(SECRET_KEY));
    }

    private static String post(String path, String body) {
        return """
        POST %s HTTP/1.1\r
        Host: h\r
        Content-Type: application/json\r
        Authorization: Bearer %s\r
        X-Forwarded-For: %s\r
        Connection: close\r
        Content-Length: %d\r
        \r
        %s\
        """
                .formatted(path, SECRET_KEY, CLIENT, body.length(), body);
    }

    private String exchange(String request) throws IOException {
        try (Socket socket = connect()) {
            socket.getOutputStream().write(request.getBytes(US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), US_ASCII);
        }
    }

    private void leaveInTheMiddle(String request) throws IOException {
        try (Socket socket = connect()) {
            socket.setSoLinger(true, 0);
            String half = request.substring(0, request.length() - 10);
            socket.getOutputStream().write(half.getBytes(US_ASCII));
        }
    }

    /// From an address that nothing else here has.
    private Socket connect() throws IOException {
        Socket socket = new Socket();
        socket.bind(new InetSocketAddress(CLIENT, 0));
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), gateway.port()));
        return socket;
    }

    private static final class Logged extends AppenderBase<ILoggingEvent> {

        private final Queue<String> lines = new ConcurrentLinkedQueue<>();

        @Override
        protected void append(ILoggingEvent event) {
            lines.add(
                    event.getFormattedMessage()
                            + ThrowableProxyUtil.asString(event.getThrowableProxy()));
        }
    }
}
