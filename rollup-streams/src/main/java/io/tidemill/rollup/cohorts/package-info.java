/// User retention: who came back, how many days after their first. The rules, without Kafka.
///
/// `UserActivity` is what is kept of a user; `ActiveDays` makes cells of its days; `RecentActivity`
/// and `CohortWindow` say which events matter at all.
@NullMarked
package io.tidemill.rollup.cohorts;

import org.jspecify.annotations.NullMarked;
