/// HTTP to Kafka: checks events one by one and acknowledges each once the broker has it.
///
/// ```
/// request ─▶ EventsHandler ── RequestBody ─▶ EventParser ─▶ EventPublisher ─▶ Replies ─▶ answer
///            one request      read, decode   EventReader    topic `events`    once acknowledged
///                             within limits  a Verdict each
/// ```
@NullMarked
package io.tidemill.ingest;

import org.jspecify.annotations.NullMarked;
