package io.tidemill.query;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.tidemill.contract.JsonText;
import io.tidemill.runtime.Responses;
import io.tidemill.runtime.Route;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Mono;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;

/// The routes of the read side: a request in, an answer or a refusal out, and how long that took.
final class QueryRoutes {

    private static final String RETRY_AFTER_SECONDS = "2";

    private final ReadAccess access;
    private final Questions questions;
    private final MeterRegistry meters;

    QueryRoutes(ReadAccess access, Questions questions, MeterRegistry meters) {
        this.access = access;
        this.questions = questions;
        this.meters = meters;
    }

    List<Route> routes() {
        return List.of(
                route(
                        "/api/analytics/track",
                        (project, request) -> questions.track(project, request.uri())),
                route(
                        "/api/analytics/rollups",
                        (project, request) -> questions.rollups(project, request.uri())),
                route(
                        "/api/analytics/retention",
                        (project, request) -> questions.retention(project, request.uri())),
                route(
                        "/api/events",
                        (project, request) -> questions.events(project, request.uri())),
                route("/api/events/{event_id}", this::event));
    }

    /// Asks for JSON; empty when what is asked for does not exist.
    @FunctionalInterface
    private interface Question {
        Mono<JsonText> ask(String project, HttpServerRequest request);
    }

    private sealed interface Outcome {
        int status();

        record Answer(JsonText json) implements Outcome {
            @Override
            public int status() {
                return 200;
            }
        }

        record Refused(Refusal refusal, String detail) implements Outcome {
            @Override
            public int status() {
                return refusal.status();
            }
        }
    }

    /// No event of the project has the id asked for.
    static final class NoSuchEventException extends RuntimeException {}

    private Mono<JsonText> event(String project, HttpServerRequest request) {
        String eventId = Objects.requireNonNull(request.param("event_id"), "in the path");
        return questions.event(project, eventId, request.uri());
    }

    private Route route(String path, Question question) {
        return Route.get(
                path,
                (request, response) ->
                        outcome(path, question, request)
                                .flatMap(outcome -> Mono.from(send(response, outcome))));
    }

    private Mono<Outcome> outcome(String path, Question question, HttpServerRequest request) {
        long started = System.nanoTime();
        return Mono.defer(() -> question.ask(access.projectOf(request), request))
                .<Outcome>map(Outcome.Answer::new)
                .switchIfEmpty(Mono.error(NoSuchEventException::new))
                .onErrorResume(QueryRoutes::refusedOrUnforeseen)
                .doOnNext(outcome -> record(path, outcome.status(), started))
                .doOnError(_ -> record(path, 500, started));
    }

    private static Mono<Outcome> refusedOrUnforeseen(Throwable error) {
        Refusal refusal = Refusal.of(error);
        return refusal == null
                ? Mono.error(error)
                : Mono.just(new Outcome.Refused(refusal, refusal.detail(error)));
    }

    private static Publisher<Void> send(HttpServerResponse response, Outcome outcome) {
        response.header(HttpHeaderNames.CACHE_CONTROL, "no-store");
        return switch (outcome) {
            case Outcome.Answer(JsonText json) -> Responses.json(response, 200, json.utf8());
            case Outcome.Refused(Refusal refusal, String detail) -> {
                if (refusal.status() == 503) {
                    response.header(HttpHeaderNames.RETRY_AFTER, RETRY_AFTER_SECONDS);
                }
                if (refusal == Refusal.UNAUTHORIZED) {
                    response.header(HttpHeaderNames.WWW_AUTHENTICATE, "Bearer");
                }
                yield Responses.problem(response, refusal, detail);
            }
        };
    }

    private void record(String path, int status, long startedNanos) {
        Timer.builder("tidemill.query.requests")
                .description("Questions answered or refused, until their answer is known")
                .tag("route", path)
                .tag("status", Integer.toString(status))
                .serviceLevelObjectives(
                        Duration.ofMillis(5),
                        Duration.ofMillis(10),
                        Duration.ofMillis(50),
                        Duration.ofMillis(250),
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(5))
                .register(meters)
                .record(System.nanoTime() - startedNanos, NANOSECONDS);
    }
}
