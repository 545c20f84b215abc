package io.tidemill.rollup;

import io.micrometer.core.instrument.Counter;
import io.tidemill.contract.CohortCell;
import io.tidemill.contract.CohortCount;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.streams.processor.api.FixedKeyProcessor;
import org.apache.kafka.streams.processor.api.FixedKeyProcessorContext;
import org.apache.kafka.streams.processor.api.FixedKeyRecord;
import org.apache.kafka.streams.state.KeyValueStore;

/// Adds changes to what is kept of their cell, and emits its absolute number of users under the
/// next revision.
@SuppressWarnings("NullAway.Init") // Kafka Streams calls init first.
final class CellEmitter implements FixedKeyProcessor<CohortCell, AtomicLong, CohortCount> {

    private final String cellsStore;
    private final Counter emitted;

    private FixedKeyProcessorContext<CohortCell, CohortCount> context;
    private KeyValueStore<CohortCell, CellState> cells;

    CellEmitter(String cellsStore, Counter emitted) {
        this.cellsStore = cellsStore;
        this.emitted = emitted;
    }

    @Override
    public void init(FixedKeyProcessorContext<CohortCell, CohortCount> context) {
        this.context = context;
        cells = context.getStateStore(cellsStore);
    }

    @Override
    public void process(FixedKeyRecord<CohortCell, AtomicLong> record) {
        long change = record.value().get();
        if (change == 0) {
            return;
        }
        CohortCell cell = record.key();
        CellState stored = cells.get(cell);
        CellState now = (stored == null ? CellState.EMPTY : stored).plus(change);
        cells.put(cell, now);
        context.forward(record.withValue(now.count(cell)));
        emitted.increment();
    }
}
