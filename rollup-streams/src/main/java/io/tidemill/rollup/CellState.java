package io.tidemill.rollup;

import io.tidemill.contract.CohortCell;
import io.tidemill.contract.CohortCount;
import org.apache.kafka.common.serialization.Serde;

/// What is kept of a cell of the retention table, for good: an erasure may change an old one, and a
/// project has at most 91 a day.
///
/// @param users in the cell
/// @param emissions how often the cell was emitted
record CellState(long users, long emissions) {

    static final Serde<CellState> SERDE = BinarySerde.of(CellState::encode, CellState::decode);
    static final CellState EMPTY = new CellState(0, 0);

    CellState plus(long change) {
        return new CellState(users + change, emissions + 1);
    }

    CohortCount count(CohortCell cell) {
        return new CohortCount(cell, users, emissions);
    }

    private byte[] encode() {
        return new BinaryWriter().number(users).number(emissions).bytes();
    }

    private static CellState decode(byte[] bytes) {
        BinaryReader in = new BinaryReader(bytes);
        return new CellState(in.number(), in.number());
    }
}
