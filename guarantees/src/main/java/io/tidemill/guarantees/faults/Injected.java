package io.tidemill.guarantees.faults;

import java.time.Instant;

/// A fault that happened.
///
/// @param what in words
/// @param healedAt the same as its beginning when there was nothing to heal
public record Injected(String what, Instant beganAt, Instant healedAt) {}
