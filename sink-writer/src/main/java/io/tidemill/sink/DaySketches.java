package io.tidemill.sink;

import io.r2dbc.postgresql.api.PostgresqlConnection;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import reactor.core.publisher.Mono;

/// Merges the sketches of the hours of a closed day, so that a range is added up from days. A
/// change of an hour undoes it, by a trigger: none may change while it is merged.
final class DaySketches {

    private static final int TOGETHER = 500;
    private static final int HOURS_A_DAY = 24;
    private static final long HOUR_MILLIS = 3_600_000;

    private static final String WAITING = "SELECT project_id, day FROM pipeline.days_to_merge($1)";

    /// Nobody recomputes an hour of the day meanwhile.
    private static final String HOLD_DAY = "SELECT pg_try_advisory_xact_lock($1, $2) AS held";

    private static final String MERGE = "SELECT pipeline.merge_day($1, $2::timestamptz) AS merged";

    private final HourOwners owners;

    /// A day (UTC) of a project.
    record ProjectDay(String projectId, Instant start) {

        private List<Hour> hours() {
            return IntStream.range(0, HOURS_A_DAY)
                    .mapToObj(h -> new Hour(projectId, start.toEpochMilli() + h * HOUR_MILLIS))
                    .toList();
        }
    }

    DaySketches(HourOwners owners) {
        this.owners = owners;
    }

    /// Closed days that are not merged yet, the newest first.
    Mono<List<ProjectDay>> waiting(PostgresqlConnection connection) {
        return connection
                .createStatement(WAITING)
                .bind("$1", TOGETHER)
                .execute()
                .flatMap(result ->
                        result.map((row, _) ->
                                new ProjectDay(
                                        Columns.text(row, "project_id"),
                                        Columns.instant(row, "day"))))
                .collectList();
    }

    /// @return how many sketches that gave; 0 when others are at work on the day
    Mono<Long> merge(PostgresqlConnection connection, ProjectDay day) {
        List<Hour> hours = day.hours();
        return connection
                .createStatement(HOLD_DAY)
                .bind("$1", Recomputation.LOCK_OF_DAYS)
                .bind("$2", hours.getFirst().dayLock())
                .execute()
                .flatMap(result -> result.map((row, _) -> Columns.flag(row, "held")))
                .next()
                .filter(held -> held)
                .flatMap(_ -> owners.holdAlone(connection, hours).thenReturn(true))
                .flatMap(_ ->
                        connection
                                .createStatement(MERGE)
                                .bind("$1", day.projectId())
                                .bind("$2", day.start())
                                .execute()
                                .flatMap(result ->
                                        result.map((row, _) -> Columns.number(row, "merged")))
                                .next())
                .defaultIfEmpty(0L);
    }
}
