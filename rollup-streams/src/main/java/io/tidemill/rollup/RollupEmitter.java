package io.tidemill.rollup;

import io.micrometer.core.instrument.Counter;
import io.tidemill.contract.HourlyRollup;
import org.apache.kafka.streams.processor.api.FixedKeyProcessor;
import org.apache.kafka.streams.processor.api.FixedKeyProcessorContext;
import org.apache.kafka.streams.processor.api.FixedKeyRecord;
import org.apache.kafka.streams.state.KeyValueStore;

/// Adds new counts to what is kept of their hour, and emits the hour's absolute numbers under the
/// next revision.
@SuppressWarnings("NullAway.Init") // Kafka Streams calls init first.
final class RollupEmitter implements FixedKeyProcessor<HourKey, HourCounts, HourlyRollup> {

    private final String hoursStore;
    private final int generation;
    private final Counter emitted;

    private FixedKeyProcessorContext<HourKey, HourlyRollup> context;
    private KeyValueStore<HourKey, HourState> hours;

    RollupEmitter(String hoursStore, int generation, Counter emitted) {
        this.hoursStore = hoursStore;
        this.generation = generation;
        this.emitted = emitted;
    }

    @Override
    public void init(FixedKeyProcessorContext<HourKey, HourlyRollup> context) {
        this.context = context;
        hours = context.getStateStore(hoursStore);
    }

    @Override
    public void process(FixedKeyRecord<HourKey, HourCounts> record) {
        HourKey hour = record.key();
        HourState before = hours.get(hour);
        HourState now = (before == null ? HourState.empty() : before).plus(record.value());
        hours.put(hour, now);
        context.forward(record.withValue(now.counts().toRollup(hour, now.revision(generation))));
        emitted.increment();
    }
}
