package io.tidemill.rollup;

import io.micrometer.core.instrument.MeterRegistry;
import io.tidemill.contract.CohortCell;
import io.tidemill.rollup.cohorts.CohortWindow;
import io.tidemill.rollup.cohorts.UserActivity;
import io.tidemill.rollup.cohorts.UserNews;
import java.time.Duration;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;

/// Adds what is said of a user to what is known, and passes on the cells that change by it, by 1 or
/// -1. Forgets users that can't change any more.
@SuppressWarnings("NullAway.Init") // Kafka Streams calls init first.
final class UserActivityProcessor implements Processor<UserKey, UserNews, CohortCell, Integer> {

    private static final Duration FORGET_EVERY = Duration.ofSeconds(1);
    private static final int FORGET_AT_A_TIME = 5_000;

    private final String usersStore;
    private final String clockStore;
    private final MeterRegistry meters;

    private ProcessorContext<CohortCell, Integer> context;
    private UserStore users;
    private AppendClock clock;

    UserActivityProcessor(String usersStore, String clockStore, MeterRegistry meters) {
        this.usersStore = usersStore;
        this.clockStore = clockStore;
        this.meters = meters;
    }

    @Override
    public void init(ProcessorContext<CohortCell, Integer> context) {
        this.context = context;
        KeyValueStore<Bytes, byte[]> store = context.getStateStore(usersStore);
        users = new UserStore(store);
        clock = AppendClock.in(context.getStateStore(clockStore));
        // Stream time: a task without records has nothing to do, and commits nothing.
        context.schedule(FORGET_EVERY, PunctuationType.STREAM_TIME, _ -> forget());
    }

    @Override
    public void process(Record<UserKey, UserNews> record) {
        if (record.value() instanceof UserNews.Active) {
            // Erasures are read anew by whoever starts anew: how old they are says nothing.
            clock.saw(record.timestamp());
        }
        UserKey user = record.key();
        UserActivity stored = users.get(user);
        UserActivity before = stored == null ? UserActivity.NONE : stored;
        UserActivity after = before.after(record.value());
        if (after.equals(before)) {
            count("known");
            return;
        }
        count(record.value() instanceof UserNews.Active ? "counted" : "erased");
        users.put(user, after);
        if (stored == null) {
            users.lookAgainOn(CohortWindow.lookAgainOn(today(), after.lastDay()), user);
        }
        before.changesTo(after)
                .forEach((cell, change) ->
                        context.forward(
                                record.withKey(
                                                new CohortCell(
                                                        user.projectId(),
                                                        cell.cohortDay(),
                                                        cell.dayNumber()))
                                        .withValue(change)));
    }

    private void forget() {
        long today = today();
        users.takeDue(
                today,
                FORGET_AT_A_TIME,
                (user, activity) -> {
                    UserActivity kept =
                            activity.withoutStaysBefore(CohortWindow.forgottenBefore(today));
                    long again = CohortWindow.lookAgainOn(kept.lastDay(), kept.lastDay());
                    if (again <= today) {
                        users.delete(user);
                        count("forgotten");
                        return;
                    }
                    users.put(user, kept);
                    users.lookAgainOn(again, user);
                });
    }

    /// As of what outlives a crash: what was forgotten stays forgotten.
    private long today() {
        return ActivityReader.day(clock.stored());
    }

    private void count(String result) {
        meters.counter("tidemill_cohort_activities", "result", result).increment();
    }
}
