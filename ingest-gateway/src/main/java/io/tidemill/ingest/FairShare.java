package io.tidemill.ingest;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.tidemill.ingest.parsing.RefusedException;
import io.tidemill.ingest.parsing.Rejection;
import io.tidemill.ingest.throttling.Quota;
import io.tidemill.ingest.throttling.Quota.Kind;
import io.tidemill.ingest.throttling.Throttle;
import io.tidemill.projects.Project;
import io.tidemill.projects.RateLimits;
import reactor.netty.http.server.HttpServerResponse;

/// Holds each project to its own limits, and tells it in the answer's headers where it stands: of
/// events when they are limited, else of bytes; turned away, of what it has too little of.
final class FairShare {

    private final Throttle throttle;
    private final int maxRequestBytes;
    private final IngestMetrics metrics;

    FairShare(Throttle throttle, int maxRequestBytes, IngestMetrics metrics) {
        this.throttle = throttle;
        this.maxRequestBytes = maxRequestBytes;
        this.metrics = metrics;
    }

    /// Before a body is read: whether even the least it can hold is too much. Takes nothing.
    ///
    /// @throws RefusedException when it is
    void foresee(Project project, HttpHeaders headers, HttpServerResponse response) {
        RateLimits limits = project.limits();
        long announced = headers.getInt(HttpHeaderNames.CONTENT_LENGTH, 0);
        long bytes = Math.clamp(announced, 1, maxRequestBytes);
        throttle.look(project.id(), Kind.BYTES, limits.bytesPerSecond(), bytes)
                .ifPresent(quota -> require(quota, response));
        throttle.look(project.id(), Kind.EVENTS, limits.eventsPerSecond(), 1)
                .ifPresent(quota -> require(quota, response));
    }

    /// Counts a body, after decompression, to the project's bytes.
    ///
    /// @throws RefusedException when it is more than is left
    void takeBytes(Project project, int bytes, HttpServerResponse response) {
        throttle.take(project.id(), Kind.BYTES, project.limits().bytesPerSecond(), bytes)
                .ifPresent(quota -> require(quota, response));
    }

    /// Counts a request's events, valid or not, to the project's.
    ///
    /// @throws RefusedException when they are more than are left
    void takeEvents(Project project, int events, HttpServerResponse response) {
        throttle.take(project.id(), Kind.EVENTS, project.limits().eventsPerSecond(), events)
                .ifPresent(quota -> {
                    if (!quota.isGranted()) {
                        metrics.throttledEvents(events);
                    }
                    require(quota, response);
                });
    }

    private void require(Quota quota, HttpServerResponse response) {
        response.header("X-RateLimit-Limit", Long.toString(quota.capacity()))
                .header("X-RateLimit-Remaining", Long.toString(quota.remaining()))
                .header("X-RateLimit-Reset", Long.toString(quota.secondsUntilFull()));
        if (quota.isGranted()) {
            return;
        }
        long seconds = quota.secondsUntilEnough();
        response.header(HttpHeaderNames.RETRY_AFTER, Long.toString(seconds));
        String what =
                switch (quota.kind()) {
                    case EVENTS -> "events";
                    case BYTES -> "bytes";
                };
        metrics.throttled(what);
        throw new RefusedException(
                Rejection.RATE_LIMITED,
                "the project sends more "
                        + what
                        + " than it may; there is room for this request in "
                        + seconds
                        + " s");
    }
}
