package io.tidemill.rollup;

import io.micrometer.core.instrument.Counter;
import io.tidemill.contract.DirtyHour;
import io.tidemill.contract.HourlyRollup;
import org.apache.kafka.streams.processor.api.FixedKeyProcessor;
import org.apache.kafka.streams.processor.api.FixedKeyProcessorContext;
import org.apache.kafka.streams.processor.api.FixedKeyRecord;
import org.apache.kafka.streams.state.KeyValueStore;

/// Adds new counts to what is kept of their hour, and emits the hour's absolute numbers under the
/// next revision. An hour that has expired, or has too many values, is left to the raw table.
@SuppressWarnings("NullAway.Init") // Kafka Streams calls init first.
final class RollupEmitter implements FixedKeyProcessor<HourKey, HourCounts, Emission> {

    private static final Emission EXPIRED = new Emission.Announcement(DirtyHour.EXPIRED);
    private static final Emission WIDE = new Emission.Announcement(DirtyHour.WIDE);

    private final String hoursStore;
    private final String clockStore;
    private final int generation;
    private final Horizon horizon;
    private final Counter emitted;

    private FixedKeyProcessorContext<HourKey, Emission> context;
    private KeyValueStore<HourKey, HourState> hours;
    private AppendClock clock;

    RollupEmitter(
            String hoursStore,
            String clockStore,
            int generation,
            Horizon horizon,
            Counter emitted) {
        this.hoursStore = hoursStore;
        this.clockStore = clockStore;
        this.generation = generation;
        this.horizon = horizon;
        this.emitted = emitted;
    }

    @Override
    public void init(FixedKeyProcessorContext<HourKey, Emission> context) {
        this.context = context;
        hours = context.getStateStore(hoursStore);
        clock = AppendClock.in(context.getStateStore(clockStore));
        Expiry.schedule(
                context, hours, HourKey::beginningOf, () -> horizon.keptFrom(clock.stored()));
    }

    @Override
    public void process(FixedKeyRecord<HourKey, HourCounts> record) {
        HourKey hour = record.key();
        if (horizon.hasExpired(hour.hourMillis(), clock.saw(record.timestamp()))) {
            context.forward(record.withValue(EXPIRED));
            return;
        }
        HourState stored = hours.get(hour);
        HourState before = stored == null ? HourState.empty() : stored;
        if (before.isLeft()) {
            return;
        }
        HourState now = before.plus(record.value());
        hours.put(hour, now);
        if (now.isLeft()) {
            context.forward(record.withValue(WIDE));
            return;
        }
        HourlyRollup rollup = now.counts().toRollup(hour, now.revision(generation));
        context.forward(record.withValue(new Emission.Rollup(rollup)));
        emitted.increment();
    }
}
