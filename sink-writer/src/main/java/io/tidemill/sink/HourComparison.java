package io.tidemill.sink;

import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.r2dbc.postgresql.api.PostgresqlResult;
import io.r2dbc.postgresql.api.PostgresqlStatement;
import io.tidemill.contract.DirtyHour;
import java.time.Instant;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/// Compares an hour that waits for it with its raw rows, once: `pipeline.hour_comparisons`. Equal
/// releases it; for the rest a recomputation is asked for, which hands on what the hour is held at.
///
/// One hour at a time, wherever it runs, and never one that is being recomputed. The request goes
/// first: one that comes later stays for the next time.
final class HourComparison {

    /// What became of one that waited.
    enum Result {
        EQUAL,
        DIFFERENT,
        /// Others are at it, or were.
        NOT_DONE
    }

    private static final int LOCK_OF_COMPARISONS = 0x7469_0004;

    private static final String WAITING =
            """
            SELECT project_id, (extract(epoch FROM hour) * 1000)::bigint AS hour_ms
              FROM pipeline.hour_comparisons
             ORDER BY hour_comparisons.hour DESC, project_id
             LIMIT $1
            """;

    private static final String ENTER =
            """
            SELECT pg_try_advisory_xact_lock($1, 0)
                   AND pg_try_advisory_xact_lock($2, $3)
                   AND pg_try_advisory_xact_lock_shared($4, $5) AS entered
            """;

    private static final String TAKE =
            """
            DELETE FROM pipeline.hour_comparisons
             WHERE project_id = $1 AND hour = timestamptz 'epoch' + $2 * interval '1 ms'
            RETURNING complete_through
            """;

    /// One statement, so one snapshot. An hour that is recomputed anyway needs no look, and one
    /// whose raw rows have gone can't get any.
    private static final String COMPARE =
            """
            SELECT CASE
                   WHEN EXISTS (SELECT FROM pipeline.held_hours WHERE project_id = $1 AND hour = asked.hour) THEN true
                   WHEN NOT pipeline.has_raw_rows($1, asked.hour) THEN false
                   ELSE EXISTS (SELECT FROM analytics.rollup_differences($1, timestamptz 'epoch' + $2 * interval '1 ms',
                                                                         timestamptz 'epoch' + ($2 + 3600000) * interval '1 ms')
                                 WHERE difference IS NOT NULL)
                   END AS different
              FROM (SELECT timestamptz 'epoch' + $2 * interval '1 ms' AS hour) AS asked
            """;

    private static final String RECOMPUTE =
            """
            WITH different AS (
                SELECT $1::text AS project_id, timestamptz 'epoch' + $2 * interval '1 ms' AS hour,
                       EXISTS (SELECT FROM pipeline.raw_hours
                                WHERE project_id = $1 AND hour = timestamptz 'epoch' + $2 * interval '1 ms') AS from_raw),
            marked AS (
                INSERT INTO pipeline.hour_marks (project_id, hour, complete_through)
                SELECT project_id, hour, $3 FROM different WHERE from_raw)
            INSERT INTO pipeline.pending_hours (project_id, hour, reason, complete_through)
            SELECT project_id, hour, $4, $3 FROM different WHERE NOT from_raw
            """;

    /// Hours that wait, the newest first.
    Flux<Hour> waiting(PostgresqlConnection connection, int most) {
        return connection
                .createStatement(WAITING)
                .bind("$1", most)
                .execute()
                .flatMap(result -> result.map((row, _) -> Hour.of(row)));
    }

    /// Compares the hour in this transaction.
    Mono<Result> run(PostgresqlConnection connection, Hour hour) {
        return enter(connection, hour)
                .filter(entered -> entered)
                .flatMap(_ -> take(connection, hour))
                .flatMap(completeThrough -> compare(connection, hour, completeThrough))
                .defaultIfEmpty(Result.NOT_DONE);
    }

    private static Mono<Boolean> enter(PostgresqlConnection connection, Hour hour) {
        return connection
                .createStatement(ENTER)
                .bind("$1", LOCK_OF_COMPARISONS)
                .bind("$2", Recomputation.LOCK_OF_HOURS)
                .bind("$3", hour.ownLock())
                .bind("$4", Recomputation.LOCK_OF_DAYS)
                .bind("$5", hour.dayLock())
                .execute()
                .flatMap(result -> result.map((row, _) -> Columns.flag(row, "entered")))
                .next();
    }

    private static Mono<Instant> take(PostgresqlConnection connection, Hour hour) {
        return statement(connection, TAKE, hour)
                .execute()
                .flatMap(result -> result.map((row, _) -> Columns.instant(row, "complete_through")))
                .next();
    }

    private static Mono<Result> compare(
            PostgresqlConnection connection, Hour hour, Instant completeThrough) {
        return statement(connection, COMPARE, hour)
                .execute()
                .flatMap(result -> result.map((row, _) -> Columns.flag(row, "different")))
                .next()
                .flatMap(different ->
                        different
                                ? recompute(connection, hour, completeThrough)
                                : Mono.just(Result.EQUAL));
    }

    private static Mono<Result> recompute(
            PostgresqlConnection connection, Hour hour, Instant completeThrough) {
        return statement(connection, RECOMPUTE, hour)
                .bind("$3", completeThrough)
                .bind("$4", DirtyHour.DIFFERENT)
                .execute()
                .flatMap(PostgresqlResult::getRowsUpdated)
                .then(Mono.just(Result.DIFFERENT));
    }

    private static PostgresqlStatement statement(
            PostgresqlConnection connection, String sql, Hour hour) {
        return connection
                .createStatement(sql)
                .bind("$1", hour.projectId())
                .bind("$2", hour.millis());
    }
}
