package io.tidemill.ingest;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.tidemill.contract.Event;
import io.tidemill.contract.EventIdentity;
import io.tidemill.ingest.Replies.Reply;
import io.tidemill.ingest.parsing.EventParser;
import io.tidemill.ingest.parsing.RefusedException;
import io.tidemill.ingest.parsing.Rejection;
import io.tidemill.ingest.parsing.Verdict;
import io.tidemill.projects.Project;
import io.tidemill.runtime.Responses;
import io.tidemill.runtime.Route;
import java.time.Clock;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;

/// Answers requests with events: read, parse, publish, reply. An event is called accepted only once
/// it is durable.
final class EventsHandler {

    private static final String TRACK = "/api/analytics/track";
    private static final String EVENTS = "/api/events";

    /// A person switched it off, and a person will switch it on.
    private static final String SWITCHED_OFF_SECONDS = "60";

    private final Intake intake;
    private final FairShare share;
    private final ProjectParser parser;
    private final EventPublisher publisher;
    private final Admission admission;
    private final RetryAfter retryAfter;
    private final IngestMetrics metrics;
    private final Scheduler workers;
    private final Clock clock;

    /// @param workers where bodies are parsed: too long a job for an event loop
    EventsHandler(
            Intake intake,
            FairShare share,
            ProjectParser parser,
            EventPublisher publisher,
            Admission admission,
            RetryAfter retryAfter,
            IngestMetrics metrics,
            Scheduler workers,
            Clock clock) {
        this.intake = intake;
        this.share = share;
        this.parser = parser;
        this.publisher = publisher;
        this.admission = admission;
        this.retryAfter = retryAfter;
        this.metrics = metrics;
        this.workers = workers;
        this.clock = clock;
    }

    List<Route> routes() {
        return List.of(
                Route.post(TRACK, this::track).forPagesOfAnyOrigin(),
                Route.post(EVENTS, this::events).forPagesOfAnyOrigin());
    }

    /// What a route makes of a body.
    private interface Parsing {
        List<Verdict> parse(EventParser parser, Intake.Delivery delivery, long receivedAtMillis);
    }

    private Publisher<Void> track(HttpServerRequest request, HttpServerResponse response) {
        Mono<Reply> reply =
                admitted(request, response, EventsHandler::parseTrack)
                        .map(verdicts -> Replies.track(verdicts.getFirst()))
                        .onErrorResume(RefusedException.class, this::trackRefusal);
        return answer(TRACK, reply, response);
    }

    private Publisher<Void> events(HttpServerRequest request, HttpServerResponse response) {
        Mono<Reply> reply =
                admitted(request, response, EventsHandler::parseEvents).map(Replies::events);
        return answer(EVENTS, reply, response);
    }

    private Mono<List<Verdict>> admitted(
            HttpServerRequest request, HttpServerResponse response, Parsing parsing) {
        return Mono.using(
                admission::admit,
                ticket ->
                        receive(request, response, ticket, parsing)
                                .flatMap(verdicts -> publish(verdicts, ticket)));
    }

    private Mono<List<Verdict>> receive(
            HttpServerRequest request,
            HttpServerResponse response,
            Admission.Ticket ticket,
            Parsing parsing) {
        long receivedAtMillis = clock.millis();
        Optional<Project> sender = intake.sender(request.requestHeaders());
        if (!publisher.isReachable()) {
            throw new RefusedException(Rejection.KAFKA_UNAVAILABLE, "Kafka can't be reached");
        }
        return foresee(sender, request, response)
                .then(Mono.defer(() -> intake.receive(request, sender, ticket)))
                .map(delivery -> parse(delivery, parsing, receivedAtMillis, response));
    }

    /// Whose request can't be taken is told so once it has sent it: a body that nobody reads would
    /// break the connection under the answer.
    private Mono<Void> foresee(
            Optional<Project> sender, HttpServerRequest request, HttpServerResponse response) {
        return Mono.<Void>fromRunnable(() ->
                        sender.ifPresent(project ->
                                share.foresee(project, request.requestHeaders(), response)))
                .onErrorResume(
                        RefusedException.class,
                        refusal -> request.receive().then(Mono.error(refusal)));
    }

    private List<Verdict> parse(
            Intake.Delivery delivery,
            Parsing parsing,
            long receivedAtMillis,
            HttpServerResponse response) {
        Project project = delivery.project();
        share.takeBytes(project, delivery.bytes().length, response);
        List<Verdict> verdicts = parsing.parse(parser.of(project), delivery, receivedAtMillis);
        share.takeEvents(project, verdicts.size(), response);
        return verdicts;
    }

    /// One event is JSON, on one line or on many.
    private static List<Verdict> parseTrack(
            EventParser parser, Intake.Delivery delivery, long receivedAtMillis) {
        String projectId = delivery.project().id();
        return List.of(parser.parseTrack(delivery.bytes(), projectId, receivedAtMillis));
    }

    private static List<Verdict> parseEvents(
            EventParser parser, Intake.Delivery delivery, long receivedAtMillis) {
        String projectId = delivery.project().id();
        return switch (delivery.format()) {
            case JSON -> parser.parseEvents(delivery.bytes(), projectId, receivedAtMillis);
            case LINES -> parser.parseLines(delivery.bytes(), projectId, receivedAtMillis);
        };
    }

    private Mono<List<Verdict>> publish(List<Verdict> verdicts, Admission.Ticket ticket) {
        List<Event> events = new ArrayList<>();
        for (Verdict verdict : verdicts) {
            if (verdict instanceof Verdict.Accepted(Event event)) {
                events.add(event);
            }
        }
        Mono<List<Verdict>> settled =
                events.isEmpty()
                        ? Mono.just(verdicts)
                        : metrics.timed(publisher.publish(events))
                                // The producer's thread serves all requests: off it at once.
                                .publishOn(workers)
                                .doOnNext(durable -> noteDrained(durable, ticket))
                                .map(durable -> settle(verdicts, events, durable));
        // Counted also when the client is gone by then: the events are not.
        return settled.doOnNext(metrics::count).cache();
    }

    private void noteDrained(BitSet durable, Admission.Ticket ticket) {
        if (!durable.isEmpty()) {
            retryAfter.acknowledged(ticket.bytes());
        }
    }

    /// What is true of each event after the broker's answer. One that is the same as another shares
    /// its fate.
    private static List<Verdict> settle(
            List<Verdict> verdicts, List<Event> published, BitSet durable) {
        Set<EventIdentity> unknown = new HashSet<>();
        for (int i = 0; i < published.size(); i++) {
            if (!durable.get(i)) {
                unknown.add(published.get(i).identity());
            }
        }
        return unknown.isEmpty()
                ? verdicts
                : verdicts.stream().map(verdict -> settle(verdict, unknown)).toList();
    }

    private static Verdict settle(Verdict verdict, Set<EventIdentity> unknown) {
        return switch (verdict) {
            case Verdict.Accepted(Event event) when unknown.contains(event.identity()) ->
                    new Verdict.NotDurable(event);
            case Verdict.Skipped(Event event) when unknown.contains(event.identity()) ->
                    new Verdict.NotDurable(event);
            case Verdict.Accepted _, Verdict.Skipped _, Verdict.NotDurable _, Verdict.Rejected _ ->
                    verdict;
        };
    }

    private Mono<Reply> trackRefusal(RefusedException refusal) {
        if (refusal.rejection().status() != 400) {
            return Mono.error(refusal);
        }
        // Clients of this route read their errors in one shape, also about bodies that are no JSON.
        metrics.refused(refusal.rejection());
        return Mono.just(Replies.track(refusal.verdict()));
    }

    private Mono<Void> answer(String route, Mono<Reply> reply, HttpServerResponse response) {
        long began = System.nanoTime();
        return reply.flatMap(it -> send(it, response))
                .onErrorResume(RefusedException.class, refusal -> refuse(refusal, response))
                .doFinally(_ -> metrics.answered(route, response.status().code(), began));
    }

    private Mono<Void> send(Reply reply, HttpServerResponse response) {
        tellWhenToRetry(reply.status(), response);
        if (admission.isDraining()) {
            // The connection is about to go: the sender is not to send anything more on it.
            response.keepAlive(false);
        }
        return Mono.from(Responses.json(response, reply.status(), reply.json()));
    }

    private Mono<Void> refuse(RefusedException refusal, HttpServerResponse response) {
        Rejection rejection = refusal.rejection();
        metrics.refused(rejection);
        if (rejection == Rejection.UNAUTHORIZED) {
            response.header(HttpHeaderNames.WWW_AUTHENTICATE, "Bearer");
        }
        if (rejection == Rejection.INGEST_DISABLED) {
            response.header(HttpHeaderNames.RETRY_AFTER, SWITCHED_OFF_SECONDS);
        } else {
            tellWhenToRetry(rejection.status(), response);
        }
        // The rest of the body may still be on its way; nobody is going to read it.
        response.keepAlive(false);
        return Mono.from(Responses.problem(response, rejection, refusal.detail()));
    }

    private void tellWhenToRetry(int status, HttpServerResponse response) {
        if (status == 503) {
            int seconds = retryAfter.seconds(admission.bytes());
            response.header(HttpHeaderNames.RETRY_AFTER, Integer.toString(seconds));
        }
    }
}
