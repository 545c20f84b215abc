package io.tidemill.ingest;

import io.tidemill.runtime.CloseStack;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Senders on connections of their own that post events as fast as they are answered, each event
/// once, and note what they are told.
final class SenderCrowd implements AutoCloseable {

    static final int EVENTS_A_REQUEST = 10;
    private static final String ID_PREFIX = "load-";
    private static final String PADDING = "x".repeat(1_500);

    /// The answers of one kind so far.
    final AtomicInteger fullyAcknowledged = new AtomicInteger();

    final AtomicInteger unavailable = new AtomicInteger();
    final AtomicInteger cutOff = new AtomicInteger();

    /// Senders that were told that the gateway is about to stop, and went.
    final AtomicInteger sentAway = new AtomicInteger();

    /// Ids of the events that were acknowledged.
    final Set<String> acknowledged = ConcurrentHashMap.newKeySet();

    /// Answers that no sender should ever get.
    final Set<String> unexpected = ConcurrentHashMap.newKeySet();

    private final CloseStack started = new CloseStack();
    private final URI target;
    private final AtomicInteger nextId = new AtomicInteger();
    private volatile boolean stopped;

    private SenderCrowd(int port) {
        target = URI.create("http://127.0.0.1:" + port + "/api/events");
    }

    static SenderCrowd start(int port, int senders) {
        SenderCrowd crowd = new SenderCrowd(port);
        HttpClient client =
                crowd.started.push(
                        HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build());
        ExecutorService threads = crowd.started.push(Executors.newVirtualThreadPerTaskExecutor());
        for (int i = 0; i < senders; i++) {
            threads.execute(() -> crowd.sendOn(client));
        }
        return crowd;
    }

    /// Whether an event of this id was sent.
    boolean hasSent(String id) {
        return id.startsWith(ID_PREFIX)
                && Integer.parseInt(id.substring(ID_PREFIX.length())) < nextId.get();
    }

    /// Waits until every sender has its last answer.
    @Override
    public void close() {
        stopped = true;
        started.close();
    }

    private void sendOn(HttpClient client) {
        while (!stopped) {
            try {
                HttpResponse<String> response = client.send(request(), BodyHandlers.ofString());
                note(response);
                if (response.body().contains("\"code\":\"draining\"")) {
                    sentAway.incrementAndGet();
                    return;
                }
            } catch (IOException _) {
                cutOff.incrementAndGet();
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private HttpRequest request() {
        StringBuilder body = new StringBuilder();
        for (int i = 0; i < EVENTS_A_REQUEST; i++) {
            String id = ID_PREFIX + nextId.getAndIncrement();
            body.append(
                    """
                    {"event_type":"t","event_id":"%s","session_id":"%s","timestamp":"%s",\
                    "properties":{"padding":"%s"}}
                    """
                            .formatted(id, id, Instant.now(), PADDING));
        }
        return HttpRequest.newBuilder(target)
                .timeout(Duration.ofSeconds(60))
                .header("Content-Type", "application/x-ndjson")
                .POST(BodyPublishers.ofString(body.toString()))
                .build();
    }

    private void note(HttpResponse<String> response) {
        switch (response.statusCode()) {
            case 200, 207 -> acknowledge(JsonMapper.shared().readTree(response.body()));
            case 503 -> {
                unavailable.incrementAndGet();
                if (response.headers().firstValue("Retry-After").isEmpty()) {
                    unexpected.add("503 without Retry-After: " + response.body());
                }
            }
            default -> unexpected.add(response.statusCode() + " " + response.body());
        }
    }

    private void acknowledge(JsonNode answer) {
        Set<Integer> doubtful = new HashSet<>();
        for (JsonNode error : answer.path("errors")) {
            doubtful.add(error.get("event_index").asInt());
            if (!error.get("code").asString().equals("not_durable")) {
                unexpected.add(error.toString());
            }
        }
        JsonNode ids = answer.get("event_ids");
        for (int i = 0; i < ids.size(); i++) {
            if (!doubtful.contains(i)) {
                acknowledged.add(ids.get(i).asString());
            }
        }
        if (doubtful.isEmpty()) {
            fullyAcknowledged.incrementAndGet();
        }
    }
}
