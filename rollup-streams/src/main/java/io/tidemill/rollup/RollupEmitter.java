package io.tidemill.rollup;

import io.micrometer.core.instrument.Counter;
import io.tidemill.contract.DirtyHour;
import io.tidemill.contract.HourlyRollup;
import io.tidemill.contract.RollupCodec;
import java.util.function.LongSupplier;
import org.apache.kafka.streams.processor.api.FixedKeyProcessor;
import org.apache.kafka.streams.processor.api.FixedKeyProcessorContext;
import org.apache.kafka.streams.processor.api.FixedKeyRecord;
import org.apache.kafka.streams.state.KeyValueStore;

/// Adds new counts to what is kept of their hour, and emits the absolute numbers of the hour, and
/// of each part of it that changed, under the next revision. An hour that has expired, or has too
/// many values, is left to the raw table.
@SuppressWarnings("NullAway.Init") // Kafka Streams calls init first.
final class RollupEmitter implements FixedKeyProcessor<HourKey, HourDelta, Emission> {

    private static final Emission EXPIRED = new Emission.Announcement(DirtyHour.EXPIRED);
    private static final Emission SETTINGS = new Emission.Announcement(DirtyHour.SETTINGS);
    private static final Emission WIDE = new Emission.Announcement(DirtyHour.WIDE);

    private final String hoursStore;
    private final String partsStore;
    private final String clockStore;
    private final int generation;
    private final Horizon horizon;
    private final Counter emitted;

    private FixedKeyProcessorContext<HourKey, Emission> context;
    private KeyValueStore<HourKey, HourState> hours;
    private HourParts parts;
    private AppendClock clock;

    RollupEmitter(
            String hoursStore,
            String partsStore,
            String clockStore,
            int generation,
            Horizon horizon,
            Counter emitted) {
        this.hoursStore = hoursStore;
        this.partsStore = partsStore;
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
        KeyValueStore<PartKey, byte[]> kept = context.getStateStore(partsStore);
        parts = HourParts.in(kept);
        LongSupplier keptFrom = () -> horizon.keptFrom(clock.stored());
        Expiry.schedule(context, hours, HourKey::beginningOf, keptFrom);
        Expiry.schedule(context, kept, PartKey::beginningOf, keptFrom);
    }

    @Override
    public void process(FixedKeyRecord<HourKey, HourDelta> record) {
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
        long revision = now.revision(generation);
        HourParts.Added added = parts.add(hour, record.value(), now.sizes(), revision);
        now = now.with(added.sizes());
        if (now.agreement().isBroken() || now.isWide()) {
            hours.put(hour, now.left());
            context.forward(record.withValue(now.agreement().isBroken() ? SETTINGS : WIDE));
            return;
        }
        hours.put(hour, now);
        HourlyRollup rollup = now.counts().toRollup(hour, revision, now.agreement().version());
        emit(record, new Emission.Part(hour.rollupKey(), RollupCodec.encode(rollup)));
        added.changed().forEach(part -> emit(record, part));
    }

    private void emit(FixedKeyRecord<HourKey, HourDelta> record, Emission.Part part) {
        context.forward(record.withValue(part));
        emitted.increment();
    }
}
