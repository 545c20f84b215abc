package io.tidemill.rollup;

import io.tidemill.rollup.OncePerCommit.Gatherer;
import java.util.function.Function;
import org.apache.kafka.streams.processor.api.FixedKeyProcessor;
import org.apache.kafka.streams.processor.api.FixedKeyProcessorContext;
import org.apache.kafka.streams.processor.api.FixedKeyRecord;

/// The first half of {@link OncePerCommit}: gathers, and marks a key when the first thing is
/// gathered for it.
@SuppressWarnings("NullAway.Init") // Kafka Streams calls init first.
final class GatherProcessor<K, V, D> implements FixedKeyProcessor<K, V, byte[]> {

    private static final byte[] MARK = {};

    private final String pendingStore;
    private final Function<FixedKeyProcessorContext<K, byte[]>, Gatherer<K, V, D>> gathererOf;

    private FixedKeyProcessorContext<K, byte[]> context;
    private PendingStore<K, D> pending;
    private Gatherer<K, V, D> gatherer;

    GatherProcessor(
            String pendingStore,
            Function<FixedKeyProcessorContext<K, byte[]>, Gatherer<K, V, D>> gathererOf) {
        this.pendingStore = pendingStore;
        this.gathererOf = gathererOf;
    }

    @Override
    public void init(FixedKeyProcessorContext<K, byte[]> context) {
        this.context = context;
        pending = context.getStateStore(pendingStore);
        gatherer = gathererOf.apply(context);
    }

    @Override
    public void process(FixedKeyRecord<K, V> record) {
        D gathered = pending.get(record.key());
        if (gathered != null) {
            gatherer.add(record.key(), record.value(), record.timestamp(), gathered);
            return;
        }
        D first = gatherer.nothing();
        if (gatherer.add(record.key(), record.value(), record.timestamp(), first)) {
            // Pending before marked: a full cache hands the key on at once.
            pending.put(record.key(), first);
            context.forward(record.withValue(MARK));
        }
    }
}
