package io.tidemill.query;

import static java.util.Objects.requireNonNull;

import io.r2dbc.spi.Connection;
import io.r2dbc.spi.Readable;
import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/// Reads `analytics.retention_cohorts`.
final class CohortQueries {

    private static final long DAY_MILLIS = Duration.ofDays(1).toMillis();

    /// The users first seen on a day.
    ///
    /// @param users active so many days later, from day 0 on, which counts them all
    record Cohort(LocalDate day, List<Long> users) {

        Cohort {
            users = List.copyOf(users);
        }

        long size() {
            return users.getFirst();
        }
    }

    /// Up to the last day that has begun: a 0 says that nobody came, not that nobody could have.
    private static final String COHORTS =
            """
            SELECT cohort_day, array_agg(coalesce(cells.users, 0) ORDER BY day_number) AS users
              FROM (SELECT cohort_day,
                           greatest(max(day_number), least(90, (now() AT TIME ZONE 'UTC')::date - cohort_day)) AS last_day
                      FROM analytics.retention_cohorts
                     WHERE project_id = $1 AND cohort_day >= $2 AND cohort_day < $3
                     GROUP BY cohort_day) AS cohorts
             CROSS JOIN generate_series(0, last_day) AS day_number
              LEFT JOIN (SELECT * FROM analytics.retention_cohorts WHERE project_id = $1) AS cells
                   USING (cohort_day, day_number)
             GROUP BY cohort_day
             ORDER BY cohort_day
            """;

    /// The cohorts of the days that start in the range, oldest first.
    Mono<List<Cohort>> cohorts(Connection connection, String project, TimeRange range) {
        return Flux.from(
                        connection
                                .createStatement(COHORTS)
                                .bind("$1", project)
                                .bind("$2", firstDayFrom(range.fromMillis()))
                                .bind("$3", firstDayFrom(range.toMillis()))
                                .execute())
                .concatMap(result -> result.map(CohortQueries::cohort))
                .collectList();
    }

    private static LocalDate firstDayFrom(long millis) {
        return LocalDate.ofEpochDay(Math.ceilDiv(millis, DAY_MILLIS));
    }

    private static Cohort cohort(Readable row) {
        return new Cohort(
                requireNonNull(row.get("cohort_day", LocalDate.class)),
                List.of(requireNonNull(row.get("users", Long[].class))));
    }
}
