package io.tidemill.rollup;

import io.tidemill.contract.Hash128;
import io.tidemill.rollup.OncePerCommit.Gatherer;
import io.tidemill.rollup.Seen.Kind;

/// Counts each session once, whichever shards met it: all of them send it here.
final class SessionCounting implements Gatherer<HourKey, Hash128, HourCounts> {

    private final Seen seen;

    SessionCounting(Seen seen) {
        this.seen = seen;
    }

    @Override
    public HourCounts nothing() {
        return new HourCounts();
    }

    @Override
    public boolean add(HourKey hour, Hash128 session, HourCounts counts) {
        if (!seen.first(Kind.SESSION, hour.hourMillis(), session)) {
            return false;
        }
        counts.addSession();
        return true;
    }
}
