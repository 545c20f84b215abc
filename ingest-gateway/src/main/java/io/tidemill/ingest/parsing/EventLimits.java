package io.tidemill.ingest.parsing;

import java.time.Duration;

/// How much an event, and a request of events, may hold; and how old or early an event may be.
///
/// @param maxEventBytes of one event, as it was sent
/// @param maxEvents of one request
/// @param maxKeys of `properties` and of `metadata`
/// @param maxDepth how deep objects and arrays are nested in `properties` and in `metadata`, which
///   themselves are 1 deep
/// @param maxAge before the time of receipt
/// @param maxFuture after the time of receipt
public record EventLimits(
        int maxEventBytes,
        int maxEvents,
        int maxKeys,
        int maxDepth,
        Duration maxAge,
        Duration maxFuture) {

    EventLimits withMaxAge(Duration other) {
        return new EventLimits(maxEventBytes, maxEvents, maxKeys, maxDepth, other, maxFuture);
    }
}
