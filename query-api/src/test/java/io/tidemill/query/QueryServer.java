package io.tidemill.query;

import io.tidemill.projects.LiveProjects;
import io.tidemill.projects.ProjectsFile;
import io.tidemill.runtime.CloseStack;
import io.tidemill.runtime.HttpFront;
import io.tidemill.runtime.HttpSettings;
import io.tidemill.runtime.Metrics;
import io.tidemill.storage.PostgresUrl;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The read side behind real HTTP, and somebody who asks it.
final class QueryServer implements AutoCloseable {

    static final QueryConfig CONFIG = new QueryConfig(4, 64, Duration.ofSeconds(10));

    private final CloseStack started = new CloseStack();
    private final HttpClient client = started.push(HttpClient.newHttpClient());
    private final Metrics metrics = started.push(Metrics.ofProcess());
    private final int port;

    QueryServer(QueryConfig config, PostgresUrl postgres) {
        this(config, postgres, new ProjectsFile(Path.of("no-projects.json")));
    }

    QueryServer(QueryConfig config, PostgresUrl postgres, ProjectsFile file) {
        LiveProjects projects = started.push(LiveProjects.open(file, metrics.registry()));
        QueryApi api = started.push(QueryApi.start(config, postgres, projects, metrics));
        port =
                started.push(
                                HttpFront.start(
                                        new HttpSettings("127.0.0.1", 0, 0), List.of(api), metrics))
                        .port();
    }

    static QueryServer on(PostgresUrl postgres) {
        return new QueryServer(CONFIG, postgres);
    }

    int port() {
        return port;
    }

    HttpResponse<String> get(String target) throws IOException, InterruptedException {
        return client.send(request(target), BodyHandlers.ofString());
    }

    CompletableFuture<HttpResponse<String>> getAsync(String target) {
        return client.sendAsync(request(target), BodyHandlers.ofString());
    }

    int status(String target) throws IOException, InterruptedException {
        return get(target).statusCode();
    }

    /// The answer to a question that is expected to have one.
    JsonNode json(String target) throws IOException, InterruptedException {
        HttpResponse<String> response = get(target);
        if (response.statusCode() != 200) {
            throw new AssertionError(target + ": " + response.statusCode() + response.body());
        }
        return JsonMapper.shared().readTree(response.body());
    }

    /// The ids of the events of an answer, in its order.
    static List<String> ids(JsonNode answer) {
        List<String> ids = new ArrayList<>();
        answer.get("events").forEach(event -> ids.add(event.get("id").stringValue()));
        return ids;
    }

    static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    @Override
    public void close() {
        started.close();
    }

    private HttpRequest request(String target) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + target)).build();
    }
}
