/// The gateway under load, beside a handler that does nothing but hand bodies to Kafka.
///
/// ```
/// GatewayLoad ── LoadTarget: gateway, bare handler      on one Kafka
///            └── Senders over LoadConnections ─▶ LoadResult
/// ```
@NullMarked
package io.tidemill.benchmarks.load;

import org.jspecify.annotations.NullMarked;
