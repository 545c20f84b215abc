/// How fast a project may send: pure, with the clock as a parameter.
///
/// ```
/// FairShare ─▶ Throttle ── a TokenBucket for events and one for bytes, per project ─▶ Quota
/// ```
@NullMarked
package io.tidemill.ingest.throttling;

import org.jspecify.annotations.NullMarked;
