package io.tidemill.sink;

import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.r2dbc.postgresql.api.PostgresqlResult;
import io.r2dbc.postgresql.api.PostgresqlStatement;
import io.tidemill.sink.ErasureProgress.Step;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import reactor.core.publisher.Mono;

/// Rows of `analytics.events` that an erasure covers.
final class ErasedRows {

    private static final int MOST = 5_000;

    /// In the order of the key, so that a limit cuts off the later ones.
    private static final String FIND =
            """
            SELECT ctid::text AS place, (extract(epoch FROM timestamp) * 1000)::bigint AS timestamp_ms
              FROM analytics.events
             WHERE project_id = $1 AND user_id = $2 AND received_at < timestamptz 'epoch' + $3 * interval '1 ms'
               AND timestamp >= timestamptz 'epoch' + $4 * interval '1 ms'
               AND timestamp < timestamptz 'epoch' + $5 * interval '1 ms'
             ORDER BY timestamp
             LIMIT %d
            """
                    .formatted(MOST);

    /// By their places in the one partition of the step: they have been found once, and the scan
    /// for them must not be repeated while their hours are held. Rows are never updated, so they
    /// stay where they are.
    private static final String DELETE =
            """
            DELETE FROM analytics.events
             WHERE ctid = ANY ($6::text[]::tid[])
               AND project_id = $1 AND user_id = $2 AND received_at < timestamptz 'epoch' + $3 * interval '1 ms'
               AND timestamp >= timestamptz 'epoch' + $4 * interval '1 ms'
               AND timestamp < timestamptz 'epoch' + $5 * interval '1 ms'
            """;

    private record Place(String place, long timestampMillis) {}

    /// Rows of one day, the earliest.
    record Found(List<Place> places) {

        boolean isEmpty() {
            return places.isEmpty();
        }

        int rows() {
            return places.size();
        }

        Set<Hour> hours(User user) {
            return places.stream()
                    .map(row -> Hour.of(user.projectId(), row.timestampMillis()))
                    .collect(Collectors.toSet());
        }

        /// Rows with an earlier timestamp are all among these, ms since 1970-01-01T00:00:00Z.
        long reachesMillis(Step step) {
            return places.size() < MOST ? step.untilMillis() : places.getLast().timestampMillis();
        }
    }

    Mono<Found> find(PostgresqlConnection connection, Step step) {
        return bound(connection, FIND, step)
                .execute()
                .flatMap(result ->
                        result.map((row, _) ->
                                new Place(
                                        Columns.text(row, "place"),
                                        Columns.number(row, "timestamp_ms"))))
                .collectList()
                .map(Found::new);
    }

    Mono<Void> delete(PostgresqlConnection connection, Step step, Found found) {
        return bound(connection, DELETE, step)
                .bind("$6", found.places().stream().map(Place::place).toArray(String[]::new))
                .execute()
                .flatMap(PostgresqlResult::getRowsUpdated)
                .then();
    }

    private static PostgresqlStatement bound(
            PostgresqlConnection connection, String sql, Step step) {
        return connection
                .createStatement(sql)
                .bind("$1", step.user().projectId())
                .bind("$2", step.user().userId())
                .bind("$3", step.receivedBeforeMillis())
                .bind("$4", step.fromMillis())
                .bind("$5", step.untilMillis());
    }
}
