package io.tidemill.rollup;

import io.tidemill.contract.CohortCell;
import io.tidemill.rollup.OncePerCommit.Gatherer;
import java.util.concurrent.atomic.AtomicLong;

/// Adds up by how much a cell changes.
final class CellMerging implements Gatherer<CohortCell, Integer, AtomicLong> {

    @Override
    public AtomicLong nothing() {
        return new AtomicLong();
    }

    @Override
    public boolean add(CohortCell cell, Integer change, long appendedMillis, AtomicLong sum) {
        sum.addAndGet(change);
        return true;
    }
}
