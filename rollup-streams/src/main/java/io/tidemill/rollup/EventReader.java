package io.tidemill.rollup;

import io.micrometer.core.instrument.Counter;
import io.tidemill.contract.Event;
import io.tidemill.contract.EventCodec;
import io.tidemill.contract.MalformedRecordException;
import io.tidemill.contract.settings.SettingsHistory;
import java.util.function.Supplier;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reads a record of `events` and passes on what a shard needs. One that can't be read is logged,
/// counted and left out; one of which just the properties can't be read is marked, so that its hour
/// is announced.
@SuppressWarnings("NullAway.Init") // Kafka Streams calls init first.
final class EventReader implements Processor<byte[], byte[], HourKey, ShardRecord> {

    private static final Logger log = LoggerFactory.getLogger(EventReader.class);

    private final Supplier<SettingsHistory> settings;
    private final Counter unreadable;
    private final Counter unmeasured;

    private ProcessorContext<HourKey, ShardRecord> context;

    /// @param settings all that is known of them by now
    EventReader(Supplier<SettingsHistory> settings, Counter unreadable, Counter unmeasured) {
        this.settings = settings;
        this.unreadable = unreadable;
        this.unmeasured = unmeasured;
    }

    @Override
    public void init(ProcessorContext<HourKey, ShardRecord> context) {
        this.context = context;
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
        Record<HourKey, ShardRecord> read;
        try {
            read = read(record);
        } catch (MalformedRecordException e) {
            note(String.valueOf(e.getMessage()));
            return;
        }
        if (read.value().isUnreadable()) {
            note("properties can't be read");
        }
        if (read.value().further().unmeasured() > 0) {
            unmeasured.increment(read.value().further().unmeasured());
        }
        context.forward(read);
    }

    private void note(String reason) {
        unreadable.increment();
        context.recordMetadata()
                .ifPresent(from ->
                        log.warn(
                                "event unreadable topic={} partition={} offset={} reason={}",
                                from.topic(),
                                from.partition(),
                                from.offset(),
                                reason));
    }

    private Record<HourKey, ShardRecord> read(Record<byte[], byte[]> record) {
        byte[] value = record.value();
        if (value == null) {
            throw new MalformedRecordException("event without a value");
        }
        Event event = EventCodec.decode(value);
        return record.withKey(new HourKey(event.projectId(), event.hourMillis()))
                .withValue(ShardRecord.of(event, settings.get().at(event.hourMillis())));
    }
}
