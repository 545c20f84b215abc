package io.tidemill.rollup.cohorts;

import static java.util.Comparator.comparingLong;

import io.tidemill.contract.CohortCell;
import java.util.Comparator;

/// A {@link CohortCell} of some project.
///
/// @param cohortDay the cohort's first active day, in days since 1970-01-01 (UTC)
/// @param dayNumber days after it, 0 to {@link CohortCell#LAST_DAY_NUMBER}
public record Cell(long cohortDay, int dayNumber) implements Comparable<Cell> {

    static final int LAST_DAY_NUMBER = CohortCell.LAST_DAY_NUMBER;

    private static final Comparator<Cell> ORDER =
            comparingLong(Cell::cohortDay).thenComparingInt(Cell::dayNumber);

    @Override
    public int compareTo(Cell other) {
        return ORDER.compare(this, other);
    }
}
