package io.tidemill.contract;

import static java.util.Objects.requireNonNull;

/// Names one number of the retention table: of the users of a project first seen on one day, those
/// active so many days later. The key of a record on `retention.cohorts`.
///
/// @param cohortDay the first active day, in days since 1970-01-01 (UTC)
/// @param dayNumber days after it, 0 to {@link #LAST_DAY_NUMBER}
public record CohortCell(String projectId, long cohortDay, int dayNumber) {

    /// Later days of a cohort aren't counted, and a user who stays away longer starts anew.
    public static final int LAST_DAY_NUMBER = 90;

    /// @throws IllegalArgumentException when the day number is not within its bounds
    public CohortCell {
        requireNonNull(projectId, "projectId");
        if (dayNumber < 0 || dayNumber > LAST_DAY_NUMBER) {
            throw new IllegalArgumentException("day number " + dayNumber);
        }
    }

    /// The partition of `retention.cohorts`: all cells of a cohort share one.
    public int partition(int partitions) {
        return Hash128.of(projectId, Long.toString(cohortDay)).bucket(partitions);
    }
}
