package io.tidemill.ingest;

import java.time.Duration;
import java.util.BitSet;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/// What Kafka has said about the events of one call. Thread-safe.
final class Acknowledgements {

    private final BitSet durable = new BitSet();
    private final BitSet waiting = new BitSet();
    private final Sinks.One<BitSet> done = Sinks.one();

    Acknowledgements(int events) {
        waiting.set(0, events);
        if (events == 0) {
            done.tryEmitValue(soFar()).orThrow();
        }
    }

    /// Notes the end of one event; only the first one counts.
    void answer(int index, boolean acknowledged) {
        boolean last;
        synchronized (this) {
            if (!waiting.get(index)) {
                return;
            }
            waiting.clear(index);
            durable.set(index, acknowledged);
            last = waiting.isEmpty();
        }
        if (last) {
            done.tryEmitValue(soFar()).orThrow();
        }
    }

    /// The indexes of the events that are durable, once all have ended, or else what is known after
    /// the timeout.
    Mono<BitSet> all(Duration timeout) {
        return done.asMono().timeout(timeout, Mono.fromSupplier(this::soFar));
    }

    private synchronized BitSet soFar() {
        return (BitSet) durable.clone();
    }
}
