package io.tidemill.rollup;

import io.tidemill.rollup.OncePerCommit.Gatherer;

/// Adds up what shards say of an hour.
final class Merging implements Gatherer<HourKey, HourDelta, HourDelta> {

    @Override
    public HourDelta nothing() {
        return new HourDelta();
    }

    @Override
    public boolean add(HourKey hour, HourDelta part, long appendedMillis, HourDelta sum) {
        sum.add(part);
        return true;
    }
}
