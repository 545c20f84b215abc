package io.tidemill.rollup;

import io.tidemill.contract.DirtyHour;
import io.tidemill.contract.Hash128;
import io.tidemill.rollup.OncePerCommit.Gatherer;
import io.tidemill.rollup.Seen.Kind;

/// Counts each session once, whichever shards met it: all of them send it here. One that comes from
/// a shard so far behind that its hour has expired here can't be told from others any more.
final class SessionCounting implements Gatherer<HourKey, Hash128, HourNews> {

    private final Seen seen;
    private final AppendClock clock;
    private final Horizon horizon;

    SessionCounting(Seen seen, AppendClock clock, Horizon horizon) {
        this.seen = seen;
        this.clock = clock;
        this.horizon = horizon;
    }

    @Override
    public HourNews nothing() {
        return new HourNews();
    }

    @Override
    public boolean add(HourKey hour, Hash128 session, long appendedMillis, HourNews news) {
        if (horizon.hasExpired(hour.hourMillis(), clock.saw(appendedMillis))) {
            return news.announce(DirtyHour.EXPIRED);
        }
        if (!seen.first(Kind.SESSION, hour.hourMillis(), session)) {
            return false;
        }
        news.delta().addSession(session);
        return true;
    }
}
