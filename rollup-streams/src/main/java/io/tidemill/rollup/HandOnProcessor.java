package io.tidemill.rollup;

import org.apache.kafka.streams.processor.api.FixedKeyProcessor;
import org.apache.kafka.streams.processor.api.FixedKeyProcessorContext;
import org.apache.kafka.streams.processor.api.FixedKeyRecord;

/// The second half of {@link OncePerCommit}: hands on what is pending for a marked key.
@SuppressWarnings("NullAway.Init") // Kafka Streams calls init first.
final class HandOnProcessor<K, M, D> implements FixedKeyProcessor<K, M, D> {

    private final String pendingStore;

    private FixedKeyProcessorContext<K, D> context;
    private PendingStore<K, D> pending;

    HandOnProcessor(String pendingStore) {
        this.pendingStore = pendingStore;
    }

    @Override
    public void init(FixedKeyProcessorContext<K, D> context) {
        this.context = context;
        pending = context.getStateStore(pendingStore);
    }

    @Override
    public void process(FixedKeyRecord<K, M> marked) {
        D gathered = pending.take(marked.key());
        // Nothing is pending when a task that is being thrown away flushes its cache once more.
        if (gathered != null) {
            context.forward(marked.withValue(gathered));
        }
    }
}
