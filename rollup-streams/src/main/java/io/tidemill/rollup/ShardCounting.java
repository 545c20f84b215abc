package io.tidemill.rollup;

import io.micrometer.core.instrument.Counter;
import io.tidemill.contract.Hash128;
import io.tidemill.rollup.OncePerCommit.Gatherer;
import io.tidemill.rollup.Seen.Kind;
import java.util.ArrayList;
import java.util.List;

/// Counts each event once. A user's events all come to one shard, so users are distinct here; a
/// session may span users, so sessions are only distinct within the shard.
final class ShardCounting implements Gatherer<HourKey, ShardRecord, ShardCounting.ShardCounts> {

    /// What a shard has to say of an hour.
    ///
    /// @param counts all but the sessions
    /// @param sessions met for the first time in the hour on this shard; others may know them
    record ShardCounts(HourCounts counts, List<Hash128> sessions) {}

    private final Seen seen;
    private final Counter counted;
    private final Counter duplicates;

    ShardCounting(Seen seen, Counter counted, Counter duplicates) {
        this.seen = seen;
        this.counted = counted;
        this.duplicates = duplicates;
    }

    @Override
    public ShardCounts nothing() {
        return new ShardCounts(new HourCounts(), new ArrayList<>());
    }

    @Override
    public boolean add(HourKey hour, ShardRecord event, ShardCounts shard) {
        if (!seen.first(Kind.EVENT, hour.hourMillis(), event.identity())) {
            duplicates.increment();
            return false;
        }
        counted.increment();
        shard.counts().addEvent(event.eventType(), event.toolName(), event.riskMode());
        if (event.user() != null && seen.first(Kind.USER, hour.hourMillis(), event.user())) {
            shard.counts().addUser();
        }
        if (event.session() != null
                && seen.first(Kind.SESSION_OF_SHARD, hour.hourMillis(), event.session())) {
            shard.sessions().add(event.session());
        }
        return true;
    }
}
