package io.tidemill.sink;

import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.r2dbc.postgresql.api.PostgresqlResult;
import io.r2dbc.postgresql.api.PostgresqlStatement;
import io.tidemill.contract.RollupKey;
import java.util.List;
import reactor.core.publisher.Mono;

/// Makes the rollup of an hour of the raw table: a GROUP BY over its raw rows, in place of whatever
/// was there.
///
/// One at a time per hour, and two at a time in all, wherever they run. The marks go first: what
/// the statements after that see includes the rows of every mark that went, and a mark that comes
/// later stays for the next time.
final class Recomputation {

    private static final int LOCK_OF_PERMITS = 0x7469_0002;

    /// Held by whoever looks at an hour and its rollup.
    static final int LOCK_OF_HOURS = 0x7469_0003;

    private static final String DUE =
            """
            SELECT project_id, (extract(epoch FROM hour) * 1000)::bigint AS hour_ms
              FROM pipeline.due_hours
             ORDER BY first_mark
             LIMIT $1
            """;

    /// Held by those who look at raw rows of a day, and alone by whoever removes them.
    static final int LOCK_OF_DAYS = 0x7469_0005;

    /// Not obtained when two recomputations are under way, or one of this hour, or when raw rows of
    /// its day are being removed.
    private static final String ENTER =
            """
            SELECT (pg_try_advisory_xact_lock($1, 0) OR pg_try_advisory_xact_lock($1, 1))
                   AND pg_try_advisory_xact_lock($2, $3)
                   AND pg_try_advisory_xact_lock_shared($4, $5) AS entered
            """;

    /// Only if it still is due: another sink may just have done it.
    private static final String TAKE_MARKS =
            """
            DELETE FROM pipeline.hour_marks AS mark
             USING pipeline.due_hours AS due
             WHERE mark.project_id = due.project_id AND mark.hour = due.hour
               AND due.project_id = $1 AND due.hour = timestamptz 'epoch' + $2 * interval '1 ms'
            """;

    /// Raw rows of a day that has gone are not known to be none: its rollups stay.
    private static final String HAS_RAW_ROWS =
            """
            SELECT pipeline.has_raw_rows($1, timestamptz 'epoch' + $2 * interval '1 ms') AS kept
            """;

    private static final String BRING_FORWARD =
            """
            INSERT INTO pipeline.rollup_parts AS known (project_id, hour, part, revision)
            VALUES ($1, timestamptz 'epoch' + $2 * interval '1 ms', $3, 1)
            ON CONFLICT (project_id, hour, part) DO UPDATE SET revision = known.revision + 1
            RETURNING revision
            """;

    /// An hour without raw rows counts zero of everything, until {@link #FORGET_EMPTY}.
    private static final String RECOMPUTE =
            """
            WITH incoming AS MATERIALIZED (
                SELECT hour.project_id, hour.hour, $3::bigint AS revision,
                       coalesce(total_events, 0) AS total_events,
                       coalesce(unique_sessions, 0) AS unique_sessions,
                       coalesce(unique_users, 0) AS unique_users,
                       coalesce(event_counts, '{}') AS event_counts,
                       coalesce(tool_usage, '{}') AS tool_usage,
                       coalesce(risk_distribution, '{}') AS risk_distribution
                  FROM (SELECT $1::text AS project_id, timestamptz 'epoch' + $2 * interval '1 ms' AS hour) AS hour
                  LEFT JOIN analytics.raw_rollups($1, timestamptz 'epoch' + $2 * interval '1 ms',
                                                  timestamptz 'epoch' + ($2 + 3600000) * interval '1 ms') AS raw
                         USING (project_id, hour)),
            """
                    + HourTable.PUT_INCOMING;

    private static final String RECOMPUTE_SKETCHES =
            """
            WITH incoming AS MATERIALIZED (
                SELECT hour.project_id, hour.hour AS start, kind, coalesce(raw.sketch, '\\x0100') AS sketch
                  FROM (SELECT $1::text AS project_id, timestamptz 'epoch' + $2 * interval '1 ms' AS hour) AS hour
                 CROSS JOIN (VALUES ('sessions'), ('users')) AS each (kind)
                  LEFT JOIN analytics.raw_unique_sketches($1, timestamptz 'epoch' + $2 * interval '1 ms',
                                                          timestamptz 'epoch' + ($2 + 3600000) * interval '1 ms') AS raw
                         USING (project_id, hour, kind)),
            """
                    + SketchTable.PUT_INCOMING;

    private static final String FORGET_EMPTY =
            """
            DELETE FROM analytics.hourly_rollups
             WHERE project_id = $1 AND hour = timestamptz 'epoch' + $2 * interval '1 ms' AND total_events = 0
            """;

    private static final String NOTE =
            """
            UPDATE pipeline.raw_hours
               SET recomputed_at = clock_timestamp(), took = clock_timestamp() - now()
             WHERE project_id = $1 AND hour = timestamptz 'epoch' + $2 * interval '1 ms'
            """;

    /// Hours whose recomputation is due, those that wait longest first.
    Mono<List<Hour>> due(PostgresqlConnection connection, int most) {
        return connection
                .createStatement(DUE)
                .bind("$1", most)
                .execute()
                .flatMap(result -> result.map((row, _) -> Hour.of(row)))
                .collectList();
    }

    /// Recomputes the hour in this transaction.
    ///
    /// @return whether it did: not when nothing is due any more, when there is no partition, or
    ///   when others are at it
    Mono<Boolean> run(PostgresqlConnection connection, Hour hour) {
        return enter(connection, hour)
                .filter(entered -> entered)
                .flatMap(_ -> rows(statement(connection, TAKE_MARKS, hour)))
                .filter(marks -> marks > 0)
                .flatMap(_ -> hasRawRows(connection, hour))
                .filter(kept -> kept)
                .flatMap(_ -> replace(connection, hour))
                .map(_ -> true)
                .defaultIfEmpty(false);
    }

    private static Mono<Boolean> enter(PostgresqlConnection connection, Hour hour) {
        return connection
                .createStatement(ENTER)
                .bind("$1", LOCK_OF_PERMITS)
                .bind("$2", LOCK_OF_HOURS)
                .bind("$3", hour.ownLock())
                .bind("$4", LOCK_OF_DAYS)
                .bind("$5", hour.dayLock())
                .execute()
                .flatMap(result -> result.map((row, _) -> Columns.flag(row, "entered")))
                .next();
    }

    private static Mono<Boolean> hasRawRows(PostgresqlConnection connection, Hour hour) {
        return statement(connection, HAS_RAW_ROWS, hour)
                .execute()
                .flatMap(result -> result.map((row, _) -> Columns.flag(row, "kept")))
                .next();
    }

    private static Mono<Long> replace(PostgresqlConnection connection, Hour hour) {
        return statement(connection, BRING_FORWARD, hour)
                .bind("$3", RollupKey.HOUR)
                .execute()
                .flatMap(result -> result.map((row, _) -> Columns.number(row, "revision")))
                .next()
                .flatMap(revision ->
                        rows(statement(connection, RECOMPUTE, hour).bind("$3", revision)))
                .then(Mono.defer(() -> rows(statement(connection, RECOMPUTE_SKETCHES, hour))))
                .then(Mono.defer(() -> rows(statement(connection, DimensionTable.RECOMPUTE, hour))))
                .then(Mono.defer(() -> rows(statement(connection, MeasureTable.RECOMPUTE, hour))))
                .then(Mono.defer(() -> rows(statement(connection, FORGET_EMPTY, hour))))
                .then(Mono.defer(() -> rows(statement(connection, NOTE, hour))));
    }

    private static PostgresqlStatement statement(
            PostgresqlConnection connection, String sql, Hour hour) {
        return connection
                .createStatement(sql)
                .bind("$1", hour.projectId())
                .bind("$2", hour.millis());
    }

    private static Mono<Long> rows(PostgresqlStatement statement) {
        return statement.execute().flatMap(PostgresqlResult::getRowsUpdated).reduce(0L, Long::sum);
    }
}
