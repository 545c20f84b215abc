package io.tidemill.launcher;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;

import io.tidemill.ingest.IngestConfig;
import io.tidemill.ingest.IngestGateway;
import io.tidemill.projects.LiveProjects;
import io.tidemill.projects.ProjectsFile;
import io.tidemill.query.QueryApi;
import io.tidemill.query.QueryConfig;
import io.tidemill.runtime.CloseStack;
import io.tidemill.runtime.Env;
import io.tidemill.runtime.HttpFront;
import io.tidemill.runtime.HttpSettings;
import io.tidemill.runtime.KafkaConnection;
import io.tidemill.runtime.Metrics;
import io.tidemill.runtime.Part;
import io.tidemill.storage.PostgresUrl;
import io.tidemill.testkit.TestKafka;
import io.tidemill.testkit.TestPostgres;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.json.JsonMapper;

/// A whole pipeline that holds two events, and a gateway and a read side with nothing behind them.
final class DescribedServers implements AutoCloseable {

    static final String EVENTS = "/api/events";
    static final String TRACK = "/api/analytics/track";
    static final String EVENT_ID = "openapi-1";

    private static final Duration SOON = Duration.ofSeconds(60);

    private final CloseStack started = new CloseStack();
    private final HttpClient http = started.push(HttpClient.newHttpClient());
    private final Provocations whole;
    private final Provocations alone;
    private final List<Part> unreachable;

    DescribedServers(Path folder) throws Exception {
        Plan plan = Plan.read(environment(folder), Set.of(), EnumSet.allOf(PartKind.class));
        Pipeline pipeline = started.push(new Pipeline(plan, new StopSignal(), System.out));
        pipeline.start();
        pipeline.awaitReady(Optional.of(SOON));
        whole = new Provocations(pipeline.httpAddress().orElseThrow());
        Metrics metrics = started.push(Metrics.ofProcess());
        unreachable = startUnreachable(metrics);
        HttpFront front =
                started.push(
                        HttpFront.start(new HttpSettings("127.0.0.1", 0, 0), unreachable, metrics));
        alone = new Provocations("http://127.0.0.1:" + front.port());
        fill();
    }

    /// The pipeline.
    Provocations whole() {
        return whole;
    }

    /// What reaches neither Kafka nor Postgres.
    Provocations alone() {
        return alone;
    }

    /// The parts that have routes.
    List<Part> parts() {
        return unreachable;
    }

    HttpResponse<String> send(HttpRequest request) throws IOException, InterruptedException {
        return http.send(request, BodyHandlers.ofString());
    }

    HttpResponse<String> get(Provocations from, String target)
            throws IOException, InterruptedException {
        return send(from.request(target).build());
    }

    HttpResponse<String> post(Provocations to, String path, String body)
            throws IOException, InterruptedException {
        return send(
                to.request(path)
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofByteArray(body.getBytes(UTF_8)))
                        .build());
    }

    @Override
    public void close() {
        started.close();
    }

    private static Env environment(Path folder) {
        TestKafka kafka = TestKafka.shared();
        PostgresUrl postgres = TestPostgres.shared().freshDatabase();
        return new Env(
                Map.of(
                        "TIDEMILL_KAFKA_BOOTSTRAP",
                        kafka.bootstrap(),
                        "TIDEMILL_TOPIC_PREFIX",
                        kafka.freshPrefix(),
                        "TIDEMILL_POSTGRES_URL",
                        SampleEvents.address(postgres),
                        "TIDEMILL_DATA_DIR",
                        folder.toString(),
                        "TIDEMILL_HTTP_PORT",
                        "0",
                        "TIDEMILL_HTTP_BODY_TIMEOUT",
                        "3s"));
    }

    private List<Part> startUnreachable(Metrics metrics) {
        Env env = new Env(Map.of());
        KafkaConnection kafka = new KafkaConnection("127.0.0.1:1", "nowhere.", Map.of());
        PostgresUrl postgres = PostgresUrl.parse("postgresql://nobody:x@127.0.0.1:1/nothing");
        LiveProjects projects =
                started.push(LiveProjects.open(ProjectsFile.from(env), metrics.registry()));
        return List.of(
                started.push(QueryApi.start(QueryConfig.from(env), postgres, projects, metrics)),
                started.push(
                        IngestGateway.start(IngestConfig.from(env), kafka, projects, metrics)));
    }

    /// Sends two events of the hour before this one, and waits until they can be read.
    private void fill() throws IOException, InterruptedException {
        Instant time = Instant.now().minus(Duration.ofHours(1));
        String event =
                """
                {"event_type":"tool_used","event_id":"%s","user_id":"u","session_id":"s",\
                "tool_name":"editor","timestamp":"%s","sent_at":"%s","properties":{"a":[1.0]}}\
                """;
        String one = event.formatted(EVENT_ID, time, Instant.now());
        String two = event.formatted("openapi-2", time, Instant.now());
        post(whole, EVENTS, "[" + one + "," + two + "]");
        await().atMost(SOON).until(() -> total("/api/analytics/rollups", "total_events") == 2);
        await().atMost(SOON).until(() -> total(TRACK, "total_in_range") == 2);
    }

    private int total(String path, String field) throws IOException, InterruptedException {
        return JsonMapper.shared().readTree(get(whole, path).body()).get(field).asInt();
    }
}
