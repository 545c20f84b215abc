package io.tidemill.runtime;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.reactivestreams.Publisher;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;

/// The routes for those who operate a process.
final class OperationRoutes {

    private static final DateTimeFormatter MILLIS =
            new DateTimeFormatterBuilder().appendInstant(3).toFormatter();

    private final List<Part> parts;
    private final Metrics metrics;

    OperationRoutes(List<Part> parts, Metrics metrics) {
        this.parts = List.copyOf(parts);
        this.metrics = metrics;
    }

    /// For people and dashboards: which part is how.
    List<Route> health() {
        return List.of(Route.get("/api/health", this::health), Route.get("/health", this::health));
    }

    /// For supervisors, load balancers and Prometheus.
    List<Route> probes() {
        return List.of(
                Route.get("/livez", (request, response) -> Responses.text(response, 200, "ok\n")),
                Route.get("/readyz", this::ready),
                Route.get("/metrics", this::metrics));
    }

    private Publisher<Void> health(HttpServerRequest request, HttpServerResponse response) {
        Map<String, Object> states = new LinkedHashMap<>();
        boolean up = true;
        for (Part part : parts) {
            Health health = part.health();
            up &= health.isUp();
            states.put(part.name(), new PartState(statusName(health), health.detail()));
        }
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("status", up ? "ok" : "unavailable");
        body.put("timestamp", MILLIS.format(Instant.now()));
        body.put("parts", states);
        return Responses.json(response, up ? 200 : 503, body);
    }

    private Publisher<Void> ready(HttpServerRequest request, HttpServerResponse response) {
        StringBuilder waiting = new StringBuilder();
        for (Part part : parts) {
            Health health = part.health();
            if (!health.isUp()) {
                waiting.append(part.name())
                        .append(' ')
                        .append(statusName(health))
                        .append(": ")
                        .append(health.detail())
                        .append('\n');
            }
        }
        return waiting.isEmpty()
                ? Responses.text(response, 200, "ready\n")
                : Responses.text(response, 503, waiting.toString());
    }

    private Publisher<Void> metrics(HttpServerRequest request, HttpServerResponse response) {
        return Responses.send(
                response,
                200,
                "text/plain; version=0.0.4; charset=utf-8",
                metrics.scrape().getBytes(StandardCharsets.UTF_8));
    }

    private record PartState(String status, String detail) {}

    private static String statusName(Health health) {
        return health.status().name().toLowerCase(Locale.ROOT);
    }
}
