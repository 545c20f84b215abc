package io.tidemill.rollup;

import io.micrometer.core.instrument.MeterRegistry;
import io.tidemill.contract.Event;
import io.tidemill.contract.EventCodec;
import io.tidemill.contract.Hours;
import io.tidemill.contract.MalformedRecordException;
import io.tidemill.rollup.cohorts.CohortWindow;
import io.tidemill.rollup.cohorts.RecentActivity;
import io.tidemill.rollup.cohorts.UserNews;
import java.time.Duration;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;

/// Reads a record of `events` and passes on that its user was active, unless it has just done so.
/// Records that can't be read are logged where events are counted.
@SuppressWarnings("NullAway.Init") // Kafka Streams calls init first.
final class ActivityReader implements Processor<byte[], byte[], UserKey, UserNews> {

    static final long DAY_MILLIS = Duration.ofDays(1).toMillis();

    private final MeterRegistry meters;

    private ProcessorContext<UserKey, UserNews> context;
    private RecentActivity recent;

    ActivityReader(MeterRegistry meters) {
        this.meters = meters;
    }

    /// Also called when a transaction was aborted, and what it had passed on with it.
    @Override
    public void init(ProcessorContext<UserKey, UserNews> context) {
        this.context = context;
        recent = new RecentActivity();
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
        byte[] value = record.value();
        if (value == null) {
            count("unreadable");
            return;
        }
        try {
            read(EventCodec.decode(value), record);
        } catch (MalformedRecordException _) {
            count("unreadable");
        }
    }

    private void read(Event event, Record<byte[], byte[]> record) {
        String userId = event.userId();
        if (userId == null) {
            count("no_user");
            return;
        }
        long day = day(event.timestampMillis());
        if (!CohortWindow.counts(day, day(record.timestamp()))) {
            count("outside");
            return;
        }
        UserKey user = UserKey.of(event.projectId(), userId);
        UserNews.Active active =
                new UserNews.Active(day, Math.floorDiv(event.receivedAtMillis(), Hours.MILLIS));
        if (!recent.isNews(user.user(), active)) {
            count("known");
            return;
        }
        count("passed");
        context.forward(record.withKey(user).withValue(active));
    }

    static long day(long millis) {
        return Math.floorDiv(millis, DAY_MILLIS);
    }

    private void count(String result) {
        meters.counter("tidemill_cohort_events", "result", result).increment();
    }
}
