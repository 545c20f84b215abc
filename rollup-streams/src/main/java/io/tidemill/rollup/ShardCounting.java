package io.tidemill.rollup;

import io.micrometer.core.instrument.MeterRegistry;
import io.tidemill.contract.DirtyHour;
import io.tidemill.rollup.OncePerCommit.Gatherer;
import io.tidemill.rollup.Seen.Kind;
import org.jspecify.annotations.Nullable;

/// Counts each event once; announces the hours of those that it can't judge. A user's events all
/// come to one shard, so users are distinct here; a session may span users, so sessions are only
/// distinct within the shard.
final class ShardCounting implements Gatherer<HourKey, ShardRecord, HourNews> {

    private final Seen seen;
    private final AppendClock clock;
    private final Horizon horizon;
    private final MeterRegistry meters;

    ShardCounting(Seen seen, AppendClock clock, Horizon horizon, MeterRegistry meters) {
        this.seen = seen;
        this.clock = clock;
        this.horizon = horizon;
        this.meters = meters;
    }

    @Override
    public HourNews nothing() {
        return new HourNews();
    }

    @Override
    public boolean add(HourKey hour, ShardRecord event, long appendedMillis, HourNews news) {
        long now = clock.saw(appendedMillis);
        String refusal = refusal(event, appendedMillis, now);
        if (refusal != null) {
            count(refusal);
            return news.announce(refusal);
        }
        if (!seen.first(Kind.EVENT, hour.hourMillis(), event.identity())) {
            count("duplicate");
            return false;
        }
        count("counted");
        news.delta().addEvent(event);
        if (event.user() != null && seen.first(Kind.USER, hour.hourMillis(), event.user())) {
            news.delta().addUser(event.user());
        }
        if (event.session() != null
                && seen.first(Kind.SESSION_OF_SHARD, hour.hourMillis(), event.session())) {
            news.sessions().add(event.session());
        }
        news.leaveIfUnfit();
        return true;
    }

    private @Nullable String refusal(ShardRecord event, long appendedMillis, long now) {
        return event.isUnreadable()
                ? DirtyHour.UNREADABLE
                : horizon.refusal(event.timestampMillis(), appendedMillis, now);
    }

    private void count(String result) {
        meters.counter("tidemill_rollup_events", "result", result).increment();
    }
}
