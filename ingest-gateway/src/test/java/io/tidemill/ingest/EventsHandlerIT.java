package io.tidemill.ingest;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.Counter;
import io.tidemill.contract.Event;
import io.tidemill.ingest.parsing.EventParser;
import io.tidemill.ingest.throttling.Throttle;
import io.tidemill.projects.Projects;
import io.tidemill.runtime.CloseStack;
import io.tidemill.runtime.Env;
import io.tidemill.runtime.Health;
import io.tidemill.runtime.HttpFront;
import io.tidemill.runtime.HttpSettings;
import io.tidemill.runtime.Metrics;
import io.tidemill.runtime.Part;
import io.tidemill.runtime.Route;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// What is answered when a publisher makes some events durable and others not, over real HTTP.
class EventsHandlerIT {

    private static final Instant NOW = Instant.parse("2025-10-18T01:00:00Z");

    private final CloseStack started = new CloseStack();
    private final Admission admission = new Admission(1 << 20);
    private final Metrics metrics = started.push(Metrics.ofProcess());
    private HttpClient client;

    @BeforeEach
    void startClient() {
        client = started.push(HttpClient.newHttpClient());
    }

    @AfterEach
    void stop() {
        started.close();
    }

    @Test
    void eventsThatAreNotDurableAreNamedBesideThoseThatAre()
            throws IOException, InterruptedException {
        // given
        int port = start(publishing(event -> event.eventId().equals("a")));
        String body = "[%s,%s,%s,%s]".formatted(event("a"), event("b"), event("b"), event("a"));

        // when
        HttpResponse<String> response = post(port, "/api/events", body);

        // then
        assertThat(response.statusCode()).isEqualTo(207);
        assertThat(response.body())
                .isEqualTo(
                        """
                        {"success":false,"events_processed":1,"event_ids":["a","b","b","a"],\
                        "errors":[{"event_index":1,"code":"not_durable",\
                        "error":"the event is not known to be durable; send it again with its event_id"},\
                        {"event_index":2,"code":"not_durable",\
                        "error":"the event is not known to be durable; send it again with its event_id"}],\
                        "stats":{"processed":1,"skipped":1,"errors":2,"total":4}}\
                        """);
    }

    @Test
    void noDurableEventIsUnavailable() throws IOException, InterruptedException {
        // given
        int port = start(publishing(_ -> false));

        // when
        HttpResponse<String> response = post(port, "/api/events", "[" + event("a") + ",{}]");

        // then
        assertThat(response.statusCode()).isEqualTo(503);
        assertThat(response.headers().firstValue("Retry-After")).isPresent();
        assertThat(response.body())
                .startsWith("{\"success\":false,\"events_processed\":0,\"event_ids\":[\"a\",null]");
    }

    @Test
    void aSingleEventThatIsNotDurableIsUnavailableAndNamed()
            throws IOException, InterruptedException {
        // given
        int port = start(publishing(_ -> false));

        // when
        HttpResponse<String> response =
                post(port, "/api/analytics/track", "{\"event_type\":\"t\",\"session_id\":\"s\"}");

        // then
        assertThat(response.statusCode()).isEqualTo(503);
        assertThat(response.headers().firstValue("Retry-After")).isPresent();
        assertThat(response.body())
                .startsWith("{\"ok\":false,\"event_id\":\"evt_0199f4d4-a280-7")
                .contains("\"code\":\"not_durable\"");
    }

    @Test
    void nothingIsAnsweredBeforeTheAcknowledgement() {
        // given
        CompletableFuture<BitSet> acknowledgement = new CompletableFuture<>();
        int port = start(new StubPublisher(_ -> Mono.fromFuture(acknowledgement)));

        // when
        CompletableFuture<HttpResponse<String>> response =
                client.sendAsync(request(port, "/api/events", event("a")), BodyHandlers.ofString());

        // then
        await().until(() -> admission.bytes() > 0);
        assertThat(response).isNotDone();
        acknowledgement.complete(BitSet.valueOf(new long[] {1}));
        assertThat(response.join().statusCode()).isEqualTo(200);
        await().until(() -> admission.bytes() == 0 && admission.requests() == 0);
    }

    @Test
    void aClientThatGoesAwayGivesBackWhatItHeld() throws IOException {
        // given
        int port = start(new StubPublisher(_ -> Mono.never()));

        // when
        sendAndVanish(port, event("a"));

        // then
        await().until(() -> admission.bytes() == 0 && admission.requests() == 0);
    }

    @Test
    void eventsOfAClientThatWentAwayAreCounted() throws IOException {
        // given
        CompletableFuture<BitSet> acknowledgement = new CompletableFuture<>();
        int port = start(new StubPublisher(_ -> Mono.fromFuture(acknowledgement, true)));
        sendAndVanish(port, event("a"));
        await().until(() -> admission.requests() == 0);

        // when
        acknowledgement.complete(BitSet.valueOf(new long[] {1}));

        // then
        await().until(() -> counted("events", "result", "accepted") == 1);
    }

    @Test
    void theCountersAddUpToWhatWasSentWhateverBecameOfIt()
            throws IOException, InterruptedException {
        // given
        long seed = System.nanoTime();
        Random random = new Random(seed);
        int port = start(publishing(event -> event.eventId().hashCode() % 5 != 0));
        int sent = 0;
        int unreadable = 0;
        Map<String, Integer> answered = new HashMap<>();

        // when
        for (int i = 0; i < 100; i++) {
            List<String> events = new ArrayList<>();
            for (int j = random.nextInt(1, 20); j > 0; j--) {
                events.add(anyEvent(random));
            }
            boolean readable = random.nextInt(10) > 0;
            HttpResponse<String> response =
                    post(port, "/api/events", events + (readable ? "" : "]"));
            if (readable) {
                sent += events.size();
                tally(response, answered);
            } else {
                unreadable++;
            }
        }

        // then
        assertThat(counted("events")).as("seed %d", seed).isEqualTo(sent);
        assertThat(counted("requests.refused", "code", "malformed_json")).isEqualTo(unreadable);
        assertThat(answered.keySet())
                .contains("accepted", "skipped", "not_durable", "event_type_missing");
        answered.forEach((result, count) -> {
            String label = List.of("accepted", "skipped").contains(result) ? "result" : "code";
            assertThat(counted("events", label, result))
                    .as("seed %d %s", seed, result)
                    .isEqualTo((double) count);
        });
    }

    private static String anyEvent(Random random) {
        return switch (random.nextInt(5)) {
            case 0 -> "{\"session_id\":\"s\"}";
            case 1 -> "7";
            default -> event("event-" + random.nextInt(50));
        };
    }

    private static void tally(HttpResponse<String> response, Map<String, Integer> answered) {
        JsonNode answer = JsonMapper.shared().readTree(response.body());
        answered.merge("accepted", answer.at("/stats/processed").asInt(), Integer::sum);
        answered.merge("skipped", answer.at("/stats/skipped").asInt(), Integer::sum);
        for (JsonNode error : answer.path("errors")) {
            answered.merge(error.get("code").asString(), 1, Integer::sum);
        }
    }

    private double counted(String what, String... tags) {
        return metrics.registry().find("tidemill.ingest." + what).tags(tags).counters().stream()
                .mapToDouble(Counter::count)
                .sum();
    }

    private int start(EventPublisher publisher) {
        IngestConfig config = IngestConfig.from(new Env(Map.of()));
        IngestMetrics ingestMetrics = new IngestMetrics(metrics.registry());
        EventsHandler handler =
                new EventsHandler(
                        new Intake(
                                config.maxRequestBytes(),
                                config.maxKeylessRequestBytes(),
                                config.maxInFlightBytes(),
                                new WriteAccess(Projects::open),
                                Schedulers.immediate()),
                        new FairShare(
                                new Throttle(
                                        config.eventLimits().maxEvents(),
                                        config.maxRequestBytes(),
                                        System::nanoTime),
                                config.maxRequestBytes(),
                                ingestMetrics),
                        new ProjectParser(
                                new EventParser(config.eventLimits(), new SplittableRandom(1)),
                                config.rawRetention()),
                        publisher,
                        admission,
                        new RetryAfter(System::nanoTime, new SplittableRandom(1)),
                        ingestMetrics,
                        Schedulers.immediate(),
                        Clock.fixed(NOW, ZoneOffset.UTC));
        return started.push(
                        HttpFront.start(
                                new HttpSettings("127.0.0.1", 0, 0),
                                List.of(new StubPart(handler.routes())),
                                metrics))
                .port();
    }

    private HttpResponse<String> post(int port, String path, String body)
            throws IOException, InterruptedException {
        return client.send(request(port, path, body), BodyHandlers.ofString());
    }

    private static HttpRequest request(int port, String path, String body) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body))
                .build();
    }

    /// The connection breaks once the event has come: one that only said that no more comes would
    /// still get its answer.
    private void sendAndVanish(int port, String event) throws IOException {
        String request =
                "POST /api/events HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n"
                        + "Content-Length: "
                        + event.length()
                        + "\r\n\r\n"
                        + event;
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoLinger(true, 0);
            socket.getOutputStream().write(request.getBytes(US_ASCII));
            await().until(() -> admission.bytes() > 0);
        }
    }

    private static String event(String id) {
        return """
        {"event_type":"t","session_id":"s","event_id":"%s","timestamp":"%s"}\
        """
                .formatted(id, NOW);
    }

    private static EventPublisher publishing(Predicate<Event> durable) {
        return new StubPublisher(events -> {
            BitSet indexes = new BitSet();
            for (int i = 0; i < events.size(); i++) {
                indexes.set(i, durable.test(events.get(i)));
            }
            return Mono.just(indexes);
        });
    }

    private record StubPublisher(Function<List<Event>, Mono<BitSet>> publish)
            implements EventPublisher {

        @Override
        public Mono<BitSet> publish(List<Event> events) {
            return publish.apply(events);
        }

        @Override
        public boolean isReachable() {
            return true;
        }

        @Override
        public Health health() {
            return Health.UP;
        }

        @Override
        public void close() {}
    }

    private record StubPart(List<Route> routes) implements Part {

        @Override
        public String name() {
            return "stub";
        }

        @Override
        public Health health() {
            return Health.UP;
        }

        @Override
        public void close() {}
    }
}
