package io.tidemill.sink;

import static java.util.Objects.requireNonNull;

import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.r2dbc.postgresql.api.PostgresqlResult;
import io.r2dbc.spi.Row;
import io.tidemill.sink.ErasedRows.Found;
import java.util.List;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/// `pipeline.erasures`, of those under way: how far each has come, day by day of the user's events.
///
/// An erasure that is recorded anew meanwhile starts over: a step of the one before deletes what it
/// found, but doesn't move the new one on.
final class ErasureProgress {

    /// A part of the user's rows that is still to be searched.
    ///
    /// @param record which recording of the erasure it belongs to
    /// @param fromMillis the earliest timestamp, ms since 1970-01-01T00:00:00Z
    /// @param untilMillisOrNull the end of its day; null when all days were searched
    record Step(
            User user,
            String record,
            long receivedBeforeMillis,
            long fromMillis,
            @Nullable Long untilMillisOrNull) {

        boolean isLast() {
            return untilMillisOrNull == null;
        }

        long untilMillis() {
            return requireNonNull(untilMillisOrNull, "the last step has no rows");
        }
    }

    private static final String UNDER_WAY =
            """
            SELECT project_id, user_id
              FROM pipeline.erasures
             WHERE done_at IS NULL
             ORDER BY recorded_at
             LIMIT 100
            """;

    private static final String NEXT =
            """
            SELECT recorded_at::text AS record,
                   (extract(epoch FROM received_before) * 1000)::bigint AS received_before_ms,
                   CASE WHEN isfinite(erased_through) THEN (extract(epoch FROM erased_through) * 1000)::bigint ELSE $3 END AS from_ms,
                   (SELECT min((extract(epoch FROM (day + 1)::timestamp AT TIME ZONE 'UTC') * 1000)::bigint)
                      FROM (SELECT to_date(right(relname, 8), 'YYYYMMDD') AS day
                              FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
                             WHERE inhparent = 'analytics.events'::regclass) AS days
                     WHERE (day + 1)::timestamp AT TIME ZONE 'UTC' > erased_through) AS until_ms
              FROM pipeline.erasures
             WHERE project_id = $1 AND user_id = $2 AND done_at IS NULL
            """;

    private static final String ADVANCE =
            """
            UPDATE pipeline.erasures
               SET events = events + $4, hours = hours + $5,
                   erased_through = CASE WHEN recorded_at::text = $3 THEN timestamptz 'epoch' + $6 * interval '1 ms' ELSE erased_through END
             WHERE project_id = $1 AND user_id = $2
            """;

    private static final String FINISH =
            """
            UPDATE pipeline.erasures
               SET rejected = rejected + $4, done_at = CASE WHEN recorded_at::text = $3 THEN clock_timestamp() END
             WHERE project_id = $1 AND user_id = $2
            """;

    /// Before every day that raw rows can be of.
    private static final long BEGINNING = -1L << 45;

    Mono<List<User>> underWay(PostgresqlConnection connection) {
        return connection
                .createStatement(UNDER_WAY)
                .execute()
                .flatMap(result ->
                        result.map((row, _) ->
                                new User(
                                        Columns.text(row, "project_id"),
                                        Columns.text(row, "user_id"))))
                .collectList();
    }

    /// Empty when the erasure is done.
    Mono<Step> next(PostgresqlConnection connection, User user) {
        return connection
                .createStatement(NEXT)
                .bind("$1", user.projectId())
                .bind("$2", user.userId())
                .bind("$3", BEGINNING)
                .execute()
                .flatMap(result -> result.map((row, _) -> step(user, row)))
                .next();
    }

    /// Notes what was deleted, and that nothing is left up to where it was found.
    Mono<Void> advance(PostgresqlConnection connection, Step step, Found found) {
        return connection
                .createStatement(ADVANCE)
                .bind("$1", step.user().projectId())
                .bind("$2", step.user().userId())
                .bind("$3", step.record())
                .bind("$4", (long) found.rows())
                .bind("$5", (long) found.hours(step.user()).size())
                .bind("$6", found.reachesMillis(step))
                .execute()
                .flatMap(PostgresqlResult::getRowsUpdated)
                .then();
    }

    /// @param records that were set aside and were emptied
    Mono<Long> finish(PostgresqlConnection connection, Step last, long records) {
        return connection
                .createStatement(FINISH)
                .bind("$1", last.user().projectId())
                .bind("$2", last.user().userId())
                .bind("$3", last.record())
                .bind("$4", records)
                .execute()
                .flatMap(PostgresqlResult::getRowsUpdated)
                .next();
    }

    private static Step step(User user, Row row) {
        return new Step(
                user,
                Columns.text(row, "record"),
                Columns.number(row, "received_before_ms"),
                Columns.number(row, "from_ms"),
                row.get("until_ms", Long.class));
    }
}
