package io.tidemill.rollup.cohorts;

import static java.util.Comparator.comparingLong;

import java.util.Comparator;

/// One number of the retention table: the users of a cohort that were active so many days later.
///
/// @param cohortDay the cohort's first active day, in days since 1970-01-01 (UTC)
/// @param dayNumber days after it, 0 to {@link #LAST_DAY_NUMBER}
record Cell(long cohortDay, int dayNumber) implements Comparable<Cell> {

    /// Later days of a cohort aren't counted, and a user who stays away longer starts anew.
    static final int LAST_DAY_NUMBER = 90;

    private static final Comparator<Cell> ORDER =
            comparingLong(Cell::cohortDay).thenComparingInt(Cell::dayNumber);

    @Override
    public int compareTo(Cell other) {
        return ORDER.compare(this, other);
    }
}
