package io.tidemill.launcher;

import io.tidemill.projects.LiveProjects;
import io.tidemill.runtime.CloseStack;
import io.tidemill.runtime.Health;
import io.tidemill.runtime.HttpFront;
import io.tidemill.runtime.KafkaConnection;
import io.tidemill.runtime.Metrics;
import io.tidemill.runtime.Part;
import io.tidemill.runtime.StartupException;
import io.tidemill.storage.PostgresUrl;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Everything that one process runs: servers, parts, and the HTTP front before them. Closed in the
/// reverse order of its start, after all parts were told to take no new work.
final class Pipeline implements AutoCloseable {

    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(200);
    private static final String EMBEDDED_ANALYST_PASSWORD = "analyst";

    private final Plan plan;
    private final StopSignal stop;
    private final Groundwork groundwork;
    private final CloseStack started = new CloseStack();
    private final List<Part> parts = new ArrayList<>();
    private @Nullable EmbeddedServers servers;
    private @Nullable HttpFront front;

    /// @param out takes a line about each wait
    Pipeline(Plan plan, StopSignal stop, PrintStream out) {
        this.plan = plan;
        this.stop = stop;
        this.groundwork = new Groundwork(plan.config(), stop, out);
    }

    /// Returns when every part has started; {@link #awaitReady} tells when they are all ready.
    ///
    /// @throws StartupException when something can't start; close what did
    void start() throws InterruptedException {
        servers = started.push(EmbeddedServers.start(plan.embedded(), plan.config()));
        stop.check();
        prepare();
        if (plan.parts().isEmpty()) {
            return;
        }
        Metrics metrics = started.push(Metrics.ofProcess());
        LiveProjects projects =
                started.push(LiveProjects.open(plan.projects(), metrics.registry()));
        Connections connections =
                new Connections(kafka(), postgres().orElse(null), projects, metrics);
        for (PartKind.Starter starter : plan.parts().values()) {
            stop.check();
            parts.add(started.push(starter.start(connections)));
        }
        front =
                started.push(
                        HttpFront.start(
                                plan.http(), parts, List.of(ApiDescription.route()), metrics));
    }

    /// @param longest empty waits as long as it takes
    /// @throws StartupException when a part has failed, or is not ready in time
    void awaitReady(Optional<Duration> longest) throws InterruptedException {
        long deadline = System.nanoTime() + longest.orElse(Duration.ZERO).toNanos();
        while (!parts.stream().allMatch(part -> part.health().isUp())) {
            failure().ifPresent(Pipeline::fail);
            if (longest.isPresent() && System.nanoTime() - deadline > 0) {
                throw new StartupException("not ready in time: " + notReady());
            }
            stop.await(BETWEEN_LOOKS);
            stop.check();
        }
    }

    /// Returns when the process was asked to stop.
    ///
    /// @throws StartupException when a server or a part has given up
    void awaitStop() throws InterruptedException {
        while (!stop.await(BETWEEN_LOOKS)) {
            failure().ifPresent(Pipeline::fail);
        }
    }

    /// Where HTTP answers, as an address that works on this machine; empty when no part runs.
    Optional<String> httpAddress() {
        if (front == null) {
            return Optional.empty();
        }
        String host = plan.http().host();
        if (host.equals("0.0.0.0") || host.equals("::")) {
            host = "127.0.0.1";
        }
        return Optional.of(
                plan.http().scheme()
                        + "://"
                        + (host.contains(":") ? "[" + host + "]" : host)
                        + ":"
                        + front.port());
    }

    /// The Kafka of this process, or the one it was told of.
    KafkaConnection kafka() {
        Optional<String> bootstrap = servers == null ? Optional.empty() : servers.bootstrap();
        // What the environment tells clients is meant for another Kafka.
        return bootstrap
                .map(own -> new KafkaConnection(own, plan.kafka().topicPrefix(), Map.of()))
                .orElseGet(plan::kafka);
    }

    /// The Postgres of this process, or the one it was told of; empty when no part needs any.
    Optional<PostgresUrl> postgres() {
        Optional<PostgresUrl> own = servers == null ? Optional.empty() : servers.postgres();
        return own.or(() -> Optional.ofNullable(plan.postgresOrNull()));
    }

    /// Of the read-only role; empty when it is not this process that says it.
    String analystPassword() {
        String password = plan.config().analystPassword();
        boolean known = !password.isEmpty() || !plan.embedded().contains(Server.POSTGRES);
        return known ? password : EMBEDDED_ANALYST_PASSWORD;
    }

    Plan plan() {
        return plan;
    }

    @Override
    public void close() {
        parts.forEach(Part::drain);
        if (front != null) {
            lingerFor(plan.config().drainDelay());
        }
        started.close();
    }

    /// Whoever asks now is told to go elsewhere, instead of finding a connection closed.
    private static void lingerFor(Duration delay) {
        try {
            Thread.sleep(delay);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void prepare() throws InterruptedException {
        if (plan.needs(Server.KAFKA)) {
            groundwork.prepare(kafka());
        }
        if (plan.needs(Server.POSTGRES)) {
            groundwork.prepare(postgres().orElseThrow(), analystPassword());
        }
    }

    private Optional<String> failure() {
        Optional<String> server = servers == null ? Optional.empty() : servers.failure();
        return server.or(() ->
                parts.stream()
                        .filter(part -> part.health().status() == Health.Status.FAILED)
                        .map(part -> part.name() + " " + part.health().detail())
                        .findFirst());
    }

    private String notReady() {
        return parts.stream()
                .filter(part -> !part.health().isUp())
                .map(part -> part.name() + " (" + part.health().detail() + ")")
                .collect(Collectors.joining(", "));
    }

    private static void fail(String reason) {
        throw new StartupException(reason);
    }
}
