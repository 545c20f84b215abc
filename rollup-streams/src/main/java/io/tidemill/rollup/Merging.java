package io.tidemill.rollup;

import io.tidemill.rollup.OncePerCommit.Gatherer;

/// Adds up what shards say of an hour.
final class Merging implements Gatherer<HourKey, HourCounts, HourCounts> {

    @Override
    public HourCounts nothing() {
        return new HourCounts();
    }

    @Override
    public boolean add(HourKey hour, HourCounts part, long appendedMillis, HourCounts sum) {
        sum.add(part);
        return true;
    }
}
