package io.tidemill.guarantees.load;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.tidemill.guarantees.history.Answer;
import io.tidemill.guarantees.history.HistoryFile;
import io.tidemill.guarantees.history.Outcome;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/// Sends requests, each written into the history before and after. Thread-safe.
final class Sender {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Gateways gateways;
    private final HistoryFile history;
    private final HttpClient client;
    private final Clock clock;

    Sender(Gateways gateways, HistoryFile history, HttpClient client, Clock clock) {
        this.gateways = gateways;
        this.history = history;
        this.client = client;
        this.clock = clock;
    }

    /// Sends events of one project in one request, and waits for the answer.
    Answer send(int port, List<Draft> drafts) throws InterruptedException {
        long number = begin(drafts);
        Answer answer = answer(port, drafts);
        history.ended(number, clock.millis(), answer);
        return answer;
    }

    /// Sends a request, or a part of one, and hangs up without waiting for an answer.
    ///
    /// @param share of the body's bytes, 0 to 1
    void sendAndHangUp(int port, List<Draft> drafts, double share) {
        long number = begin(drafts);
        byte[] body = body(drafts);
        String head =
                "POST /api/events HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
                        + "Authorization: Bearer "
                        + gateways.key(drafts.getFirst().project())
                        + "\r\nContent-Length: "
                        + body.length
                        + "\r\n\r\n";
        try (Socket socket = new Socket(InetAddress.ofLiteral("127.0.0.1"), port)) {
            OutputStream out = socket.getOutputStream();
            out.write(head.getBytes(UTF_8));
            out.write(body, 0, (int) (body.length * share));
            out.flush();
        } catch (IOException _) {
            // Hung up on instead: as unknown as the rest.
        }
        history.ended(number, clock.millis(), unknown(drafts));
    }

    private long begin(List<Draft> drafts) {
        return history.sending(clock.millis(), drafts.stream().map(Draft::sent).toList());
    }

    private Answer answer(int port, List<Draft> drafts) throws InterruptedException {
        boolean one = drafts.size() == 1 && isForTrack(drafts.getFirst());
        String route = one ? "/api/analytics/track" : "/api/events";
        byte[] body =
                one
                        ? JsonMapper.shared().writeValueAsBytes(drafts.getFirst().json())
                        : body(drafts);
        HttpRequest request =
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + route))
                        .timeout(PATIENCE)
                        .header("Content-Type", "application/json")
                        .header(
                                "Authorization",
                                "Bearer " + gateways.key(drafts.getFirst().project()))
                        .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                        .build();
        try {
            HttpResponse<String> response =
                    client.send(request, HttpResponse.BodyHandlers.ofString(UTF_8));
            return Answers.of(
                    response.statusCode(),
                    response.headers().firstValue("Retry-After").isPresent(),
                    response.body(),
                    drafts.size());
        } catch (IOException _) {
            return unknown(drafts);
        }
    }

    /// Where the route of single events presumes nothing that the other doesn't.
    private static boolean isForTrack(Draft draft) {
        return draft.fields().containsKey("session_id") && draft.fields().containsKey("demo_mode");
    }

    private static Answer unknown(List<Draft> drafts) {
        return Answer.same(Answer.NONE, true, Outcome.UNKNOWN, drafts.size());
    }

    private static byte[] body(List<Draft> drafts) {
        return JsonMapper.shared()
                .writeValueAsBytes(Map.of("events", drafts.stream().map(Draft::json).toList()));
    }
}
