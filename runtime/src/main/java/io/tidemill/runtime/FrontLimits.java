package io.tidemill.runtime;

import java.time.Duration;

/// What one connection may take of the server.
///
/// @param headTimeout from the first byte of a request to the end of its head
/// @param bodyTimeout from there to the end of its body
/// @param writeTimeout from when a piece of an answer is written until the client has taken it
/// @param idleTimeout from one answer to the first byte of the next request
/// @param maxConnections connections at once on one port; more are closed as they come
public record FrontLimits(
        Duration headTimeout,
        Duration bodyTimeout,
        Duration writeTimeout,
        Duration idleTimeout,
        int maxConnections) {}
