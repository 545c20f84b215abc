package io.tidemill.ingest;

import io.netty.handler.codec.http.HttpHeaders;
import io.tidemill.ingest.parsing.BodyKey;
import io.tidemill.ingest.parsing.RefusedException;
import io.tidemill.projects.Project;
import java.util.Optional;
import java.util.function.LongConsumer;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.netty.http.server.HttpServerRequest;

/// Takes in the body of a request, for the project whose key it came with. As long as nobody knows
/// whose it is, it gets little: a short body, and, of what all bodies may hold, a small part that
/// it shares with others of its kind; so strangers never push out who has a key.
final class Intake {

    private static final int STRANGERS_PART = 4;

    private final int maxBytes;
    private final int maxStrangerBytes;
    private final WriteAccess access;
    private final Admission strangers;
    private final Scheduler workers;

    /// @param maxBytes of a body, before and after decompression
    /// @param maxStrangerBytes of one whose headers hold no key
    /// @param maxInFlightBytes of all bodies that are not answered yet
    /// @param workers where bodies are decoded: too long a job for an event loop
    Intake(
            int maxBytes,
            int maxStrangerBytes,
            long maxInFlightBytes,
            WriteAccess access,
            Scheduler workers) {
        this.maxBytes = maxBytes;
        this.maxStrangerBytes = Math.min(maxBytes, maxStrangerBytes);
        this.strangers = new Admission(maxInFlightBytes / STRANGERS_PART);
        this.access = access;
        this.workers = workers;
    }

    /// A whole body and whose it is.
    ///
    /// @param bytes after decompression; kept, not copied
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Delivery(Project project, RequestBody.Format format, byte[] bytes) {}

    /// The project of the key in the headers; empty when only the body can say.
    ///
    /// @throws RefusedException when that key is not good for writing
    Optional<Project> sender(HttpHeaders headers) {
        return access.inHeaders(headers);
    }

    /// @param sender as {@link #sender} found
    /// @param ticket where the bytes are counted
    /// @return fails with a {@link RefusedException}
    Mono<Delivery> receive(
            HttpServerRequest request, Optional<Project> sender, Admission.Ticket ticket) {
        return sender.map(project -> receiveFrom(project, request, ticket))
                .orElseGet(() -> receiveFromStranger(request, ticket));
    }

    private Mono<Delivery> receiveFrom(
            Project project, HttpServerRequest request, Admission.Ticket ticket) {
        RequestBody body = RequestBody.of(request.requestHeaders());
        return bytes(body, request, maxBytes, ticket::hold)
                .map(bytes -> new Delivery(project, body.format(), bytes));
    }

    private Mono<Delivery> receiveFromStranger(HttpServerRequest request, Admission.Ticket ticket) {
        RequestBody body = RequestBody.of(request.requestHeaders());
        if (body.format() == RequestBody.Format.LINES) {
            // Many objects, and none that is the body's: there is no place for a key.
            return Mono.error(WriteAccess.unauthorized());
        }
        return Mono.using(
                strangers::admit,
                stranger ->
                        bytes(
                                        body,
                                        request,
                                        maxStrangerBytes,
                                        more -> {
                                            ticket.hold(more);
                                            stranger.hold(more);
                                        })
                                .onErrorMap(Intake::isMistake, _ -> WriteAccess.unauthorized())
                                .map(bytes ->
                                        new Delivery(projectOf(bytes), body.format(), bytes)));
    }

    private Mono<byte[]> bytes(
            RequestBody body, HttpServerRequest request, int limit, LongConsumer held) {
        return RequestBody.receive(request, limit, held)
                .flatMap(sent ->
                        Mono.fromSupplier(() -> body.decode(sent, limit, held))
                                .subscribeOn(workers));
    }

    private Project projectOf(byte[] body) {
        return access.inBody(BodyKey.in(body).orElse(null));
    }

    /// What is wrong with a body is told to those who have a key.
    private static boolean isMistake(Throwable error) {
        return error instanceof RefusedException refusal && refusal.rejection().status() == 400;
    }
}
