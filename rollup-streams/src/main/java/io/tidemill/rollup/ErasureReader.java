package io.tidemill.rollup;

import io.micrometer.core.instrument.MeterRegistry;
import io.tidemill.contract.Erasure;
import io.tidemill.contract.ErasureCodec;
import io.tidemill.contract.Hours;
import io.tidemill.contract.MalformedRecordException;
import io.tidemill.rollup.cohorts.UserNews;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reads a record of `erasures` and passes it on to the shard of its user. One that can't be read
/// is logged, counted and left out.
@SuppressWarnings("NullAway.Init") // Kafka Streams calls init first.
final class ErasureReader implements Processor<byte[], byte[], UserKey, UserNews> {

    private static final Logger log = LoggerFactory.getLogger(ErasureReader.class);

    private final MeterRegistry meters;

    private ProcessorContext<UserKey, UserNews> context;

    ErasureReader(MeterRegistry meters) {
        this.meters = meters;
    }

    @Override
    public void init(ProcessorContext<UserKey, UserNews> context) {
        this.context = context;
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
        try {
            Erasure erasure = read(record);
            context.forward(
                    record.withKey(UserKey.of(erasure.projectId(), erasure.userId()))
                            .withValue(
                                    new UserNews.Erased(
                                            Math.floorDiv(
                                                    erasure.receivedBeforeMillis(),
                                                    Hours.MILLIS))));
            count("passed");
        } catch (MalformedRecordException e) {
            count("unreadable");
            context.recordMetadata()
                    .ifPresent(from ->
                            log.warn(
                                    "erasure unreadable partition={} offset={} reason={}",
                                    from.partition(),
                                    from.offset(),
                                    e.getMessage()));
        }
    }

    private static Erasure read(Record<byte[], byte[]> record) {
        byte[] key = record.key();
        byte[] value = record.value();
        if (key == null || value == null) {
            throw new MalformedRecordException("record has no " + (key == null ? "key" : "value"));
        }
        return ErasureCodec.decode(key, value);
    }

    private void count(String result) {
        meters.counter("tidemill_cohort_erasures", "result", result).increment();
    }
}
