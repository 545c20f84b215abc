package io.tidemill.launcher.send;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.tidemill.launcher.send.EventSender.Outgoing;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Against a server whose answers are written down, as a real one gives them only in bad times.
class EventSenderIT {

    private static final String ALL_WELL = "{\"stats\":{\"processed\":2,\"skipped\":0}}";
    private static final List<Outgoing> BATCH =
            List.of(
                    new Outgoing("a line 1", "{\"n\":1}".getBytes(UTF_8)),
                    new Outgoing("a line 2", "{\"n\":2}".getBytes(UTF_8)));

    private final SendTally tally = new SendTally();
    private final Queue<Answer> answers = new ArrayDeque<>();
    private final List<String> requests = Collections.synchronizedList(new ArrayList<>());
    private HttpServer server;
    private HttpClient http;
    private EventSender sender;

    private record Answer(int status, String retryAfter, String body) {}

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 0);
        server.createContext("/api/events", this::answer);
        server.start();
        http = HttpClient.newHttpClient();
        sender = sender(server.getAddress().getPort(), Duration.ofSeconds(30));
    }

    @AfterEach
    void stop() {
        http.close();
        server.stop(0);
    }

    @Test
    void everyEventOfABatchIsALineAndItsVerdictIsCounted() {
        // given
        answers.add(
                new Answer(
                        207,
                        "",
                        """
                        {"stats":{"processed":1,"skipped":0},
                         "errors":[{"event_index":1,"code":"timestamp_too_old","error":"too old"}]}
                        """));

        // when
        sender.deliver(BATCH);

        // then
        assertThat(requests).containsExactly("{\"n\":1}\n{\"n\":2}\n");
        assertThat(tally.acceptedEvents()).isEqualTo(1);
        assertThat(tally.reasons())
                .hasEntrySatisfying(
                        "timestamp_too_old",
                        reason -> {
                            assertThat(reason.events()).isEqualTo(1);
                            assertThat(reason.example()).isEqualTo("a line 2: too old");
                        });
        assertThat(tally.isClean()).isFalse();
    }

    @Test
    void whatTheServerCanNotTakeNowIsSentAgainAsItWas() {
        // given
        answers.add(new Answer(503, "0", "{\"success\":false}"));
        answers.add(new Answer(429, "0", ""));
        answers.add(new Answer(200, "", ALL_WELL));

        // when
        sender.deliver(BATCH);

        // then
        assertThat(requests).hasSize(3);
        assertThat(requests.stream().distinct()).hasSize(1);
        assertThat(tally.acceptedEvents()).isEqualTo(2);
        assertThat(tally.retriedRequests()).isEqualTo(2);
        assertThat(tally.isClean()).isTrue();
    }

    @Test
    void onlyWhatIsNotDurableIsSentAgain() {
        // given
        answers.add(
                new Answer(
                        207,
                        "0",
                        """
                        {"stats":{"processed":1,"skipped":0},
                         "errors":[{"event_index":0,"code":"not_durable","error":"no"}]}
                        """));
        answers.add(new Answer(200, "", "{\"stats\":{\"processed\":1,\"skipped\":0}}"));

        // when
        sender.deliver(BATCH);

        // then
        assertThat(requests).containsExactly("{\"n\":1}\n{\"n\":2}\n", "{\"n\":1}\n");
        assertThat(tally.acceptedEvents()).isEqualTo(2);
        assertThat(tally.isClean()).isTrue();
    }

    @Test
    void aRefusedRequestEndsItAllWithTheReason() {
        // given
        answers.add(new Answer(401, "", "{\"code\":\"key_unknown\",\"detail\":\"No such key.\"}"));

        // when
        sender.deliver(BATCH);
        sender.deliver(BATCH);

        // then
        assertThat(requests).hasSize(1);
        assertThat(sender.failure()).isEqualTo("the server answered 401 key_unknown No such key.");
        assertThat(tally.unsentEvents()).isEqualTo(4);
        assertThat(tally.isClean()).isFalse();
    }

    @Test
    void aServerThatIsAwayForTooLongIsGivenUp() throws IOException {
        // given
        int nobody;
        try (ServerSocket socket = new ServerSocket(0)) {
            nobody = socket.getLocalPort();
        }
        EventSender impatient = sender(nobody, Duration.ZERO);

        // when
        impatient.deliver(BATCH);

        // then
        assertThat(impatient.failure()).contains("no answer from").contains(":" + nobody);
        assertThat(tally.unsentEvents()).isEqualTo(2);
    }

    private EventSender sender(int port, Duration retryFor) {
        URI endpoint = URI.create("http://127.0.0.1:" + port + "/api/events");
        return new EventSender(http, endpoint, Optional.empty(), retryFor, tally);
    }

    private void answer(HttpExchange exchange) throws IOException {
        requests.add(new String(exchange.getRequestBody().readAllBytes(), UTF_8));
        Answer answer = answers.remove();
        if (!answer.retryAfter().isEmpty()) {
            exchange.getResponseHeaders().add("Retry-After", answer.retryAfter());
        }
        byte[] body = answer.body().getBytes(UTF_8);
        exchange.sendResponseHeaders(answer.status(), body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }
}
