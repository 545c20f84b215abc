package io.tidemill.sink;

import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.r2dbc.postgresql.api.PostgresqlResult;
import io.r2dbc.postgresql.api.PostgresqlStatement;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import reactor.core.publisher.Mono;

/// The steps by which raw rows go, each a transaction of its own that checks everything again:
/// their hours become final, are compared once more, and are removed when nothing of them waits.
/// `pipeline.raw_bounds`.
///
/// One step at a time, wherever it runs. A step that meets others at work, or a long question, does
/// nothing; the next round tries again.
final class RawRetention {

    /// A day (UTC) that has a partition.
    record Day(LocalDate date, Instant start, Instant end) {}

    /// The name that stands for all projects.
    static final String ALL = "";

    private static final int LOCK_OF_RETENTION = 0x7469_0006;

    /// Writers and readers must not wait for a step that waits.
    private static final String WAIT_SHORTLY = "SET LOCAL lock_timeout = '3s'";

    private static final String ENTER = "SELECT pg_try_advisory_xact_lock($1, 0) AS entered";

    private static final String DAYS =
            "SELECT day::text AS day, starts, ends FROM pipeline.events_days ORDER BY day";

    private static final String PROJECTS =
            """
            SELECT project_id
              FROM pipeline.projects_between($1::timestamptz, $2::timestamptz) AS project_id
             ORDER BY 1
            """;

    private static final String MAKE_FINAL =
            """
            SELECT CASE WHEN pipeline.is_past_windows($1, $2::timestamptz)
                        THEN pipeline.make_final($1, $2::timestamptz) ELSE 0 END AS requested
            """;

    private static final String HOLD_DAY = "SELECT pg_try_advisory_xact_lock($1, $2) AS entered";

    private static final String MAY_GO =
            """
            SELECT EXISTS (SELECT FROM pipeline.events_days WHERE starts = $2::timestamptz)
                   AND pipeline.is_settled($1, $2::timestamptz, $3::timestamptz)
                   AND pipeline.is_past_windows($1, $3::timestamptz) AS may_go
            """;

    private static final String NOTE_REMOVED =
            "SELECT pipeline.note_removed($1, $2::timestamptz)::text AS noted";

    private static final String DROP =
            "SELECT pipeline.drop_events_partition($1::text::date)::text AS dropped";

    private static final String DELETE =
            "SELECT pipeline.delete_raw_rows($1, $2::text::date, $3) AS deleted";

    private static final int ROWS_TOGETHER = 10_000;

    private final HourOwners owners;

    RawRetention(HourOwners owners) {
        this.owners = owners;
    }

    /// The days that there are, the oldest first.
    Mono<List<Day>> days(PostgresqlConnection connection) {
        return connection
                .createStatement(DAYS)
                .execute()
                .flatMap(result ->
                        result.map((row, _) ->
                                new Day(
                                        LocalDate.parse(Columns.text(row, "day")),
                                        Columns.instant(row, "starts"),
                                        Columns.instant(row, "ends"))))
                .collectList();
    }

    /// The projects that have raw rows or rollups of a day.
    Mono<List<String>> projects(PostgresqlConnection connection, Day day) {
        return connection
                .createStatement(PROJECTS)
                .bind("$1", day.start())
                .bind("$2", day.end())
                .execute()
                .flatMap(result -> result.map((row, _) -> Columns.text(row, "project_id")))
                .collectList();
    }

    /// Makes the hours of a project, or of {@link #ALL}, before an instant final.
    ///
    /// @return how many comparisons that asked for
    Mono<Long> makeFinal(PostgresqlConnection connection, String project, Instant before) {
        return entered(connection)
                .flatMap(_ -> owners.holdAllAlone(connection).thenReturn(true))
                .flatMap(_ ->
                        connection
                                .createStatement(MAKE_FINAL)
                                .bind("$1", project)
                                .bind("$2", before)
                                .execute()
                                .flatMap(result ->
                                        result.map((row, _) -> Columns.number(row, "requested")))
                                .next())
                .defaultIfEmpty(0L);
    }

    /// Removes a day of all projects, unless something of it waits.
    ///
    /// @return whether it did
    Mono<Boolean> drop(PostgresqlConnection connection, Day day) {
        return settled(connection, ALL, day)
                .flatMap(_ -> noteRemoved(connection, ALL, day))
                .flatMap(_ -> done(connection.createStatement(DROP).bind("$1", text(day))))
                .defaultIfEmpty(false);
    }

    /// From now on a project has no raw rows of a day, unless something of it waits: {@link
    /// #delete} may begin.
    ///
    /// @return whether it is so
    Mono<Boolean> giveUp(PostgresqlConnection connection, String project, Day day) {
        return settled(connection, project, day)
                .flatMap(_ -> noteRemoved(connection, project, day))
                .defaultIfEmpty(false);
    }

    /// Deletes some raw rows of a project's day that was given up.
    ///
    /// @return how many; 0 when none is left
    Mono<Long> delete(PostgresqlConnection connection, String project, Day day) {
        return connection
                .createStatement(DELETE)
                .bind("$1", project)
                .bind("$2", text(day))
                .bind("$3", ROWS_TOGETHER)
                .execute()
                .flatMap(result -> result.map((row, _) -> Columns.number(row, "deleted")))
                .next();
    }

    /// Empty unless the day may go, with all locks held that keep it so.
    private Mono<Boolean> settled(PostgresqlConnection connection, String project, Day day) {
        return entered(connection)
                .flatMap(_ -> hold(connection, day))
                .flatMap(_ -> owners.holdAllAlone(connection).thenReturn(true))
                .flatMap(_ -> mayGo(connection, project, day));
    }

    private static Mono<Boolean> entered(PostgresqlConnection connection) {
        return connection
                .createStatement(WAIT_SHORTLY)
                .execute()
                .flatMap(PostgresqlResult::getRowsUpdated)
                .then(
                        connection
                                .createStatement(ENTER)
                                .bind("$1", LOCK_OF_RETENTION)
                                .execute()
                                .flatMap(result ->
                                        result.map((row, _) -> Columns.flag(row, "entered")))
                                .next())
                .filter(entered -> entered);
    }

    /// Alone: nobody looks at the day's raw rows in order to recompute or compare.
    private static Mono<Boolean> hold(PostgresqlConnection connection, Day day) {
        return connection
                .createStatement(HOLD_DAY)
                .bind("$1", Recomputation.LOCK_OF_DAYS)
                .bind("$2", (int) day.date().toEpochDay())
                .execute()
                .flatMap(result -> result.map((row, _) -> Columns.flag(row, "entered")))
                .next()
                .filter(entered -> entered);
    }

    private static Mono<Boolean> mayGo(PostgresqlConnection connection, String project, Day day) {
        return connection
                .createStatement(MAY_GO)
                .bind("$1", project)
                .bind("$2", day.start())
                .bind("$3", day.end())
                .execute()
                .flatMap(result -> result.map((row, _) -> Columns.flag(row, "may_go")))
                .next()
                .filter(mayGo -> mayGo);
    }

    private static Mono<Boolean> noteRemoved(
            PostgresqlConnection connection, String project, Day day) {
        return done(
                connection.createStatement(NOTE_REMOVED).bind("$1", project).bind("$2", day.end()));
    }

    private static Mono<Boolean> done(PostgresqlStatement statement) {
        return statement.execute().flatMap(PostgresqlResult::getRowsUpdated).then(Mono.just(true));
    }

    private static String text(Day day) {
        return day.date().toString();
    }
}
