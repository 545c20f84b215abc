package io.tidemill.ingest;

import io.tidemill.contract.Event;
import io.tidemill.runtime.Health;
import java.util.BitSet;
import java.util.List;
import reactor.core.publisher.Mono;

/// Makes events durable.
interface EventPublisher extends AutoCloseable {

    /// Publishes the events, and completes within a bounded time.
    ///
    /// @return the indexes of those that are known to be durable; of the others nothing is known
    Mono<BitSet> publish(List<Event> events);

    /// Whether publishing is worth a try. Never blocks.
    boolean isReachable();

    /// How publishing is doing. Never blocks.
    Health health();

    /// Waits, for a bounded time, until everything published is acknowledged or given up.
    @Override
    void close();
}
