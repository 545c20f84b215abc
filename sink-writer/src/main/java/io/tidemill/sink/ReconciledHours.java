package io.tidemill.sink;

import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.r2dbc.postgresql.api.PostgresqlResult;
import io.tidemill.contract.DirtyHour;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/// Looks at an hour of all projects, for the background reconciler. `pipeline.reconciler` and
/// `pipeline.reconciled_projects`.
final class ReconciledHours {

    /// What a look at a project's hour found.
    ///
    /// @param fromRaw whether the rollup is made of raw rows, so that one look is enough
    /// @param difference in words; null when there is none
    record Look(String projectId, boolean fromRaw, @Nullable String difference) {}

    private static final String NEXT = "SELECT pipeline.next_hour_to_reconcile() AS hour";

    private static final String NOW =
            "SELECT clock_timestamp() AS now, pipeline.complete_through() AS complete_through";

    /// One statement, so one snapshot. Hours that wait to be recomputed are open.
    private static final String LOOK =
            """
            SELECT project_id, raw.project_id IS NOT NULL AS from_raw, difference
              FROM analytics.rollup_differences(NULL, $1::timestamptz, $1::timestamptz + interval '1 hour') AS compared
              LEFT JOIN pipeline.raw_hours AS raw USING (project_id, hour)
             WHERE compared.hour >= pipeline.removed_before(project_id)
               AND NOT EXISTS (SELECT FROM pipeline.held_hours AS held
                                WHERE held.project_id = compared.project_id AND held.hour = compared.hour)
            """;

    private static final String ASK_FOR_RECOMPUTATION =
            """
            WITH different AS (
                SELECT project_id, $2::timestamptz AS hour,
                       EXISTS (SELECT FROM pipeline.raw_hours AS raw
                                WHERE raw.project_id = each.project_id AND raw.hour = $2::timestamptz) AS from_raw
                  FROM unnest($1::text[]) AS each (project_id)),
            marked AS (
                INSERT INTO pipeline.hour_marks (project_id, hour)
                SELECT project_id, hour FROM different WHERE from_raw)
            INSERT INTO pipeline.pending_hours (project_id, hour, reason)
            SELECT project_id, hour, $3 FROM different WHERE NOT from_raw
            """;

    private static final String NOTE =
            """
            INSERT INTO pipeline.reconciled_projects AS known
                   (project_id, reconciled_at, hours, different_hours, last_different_hour, last_different_at)
            SELECT project_id, now(), 1, different::int, CASE WHEN different THEN $3::timestamptz END, CASE WHEN different THEN now() END
              FROM unnest($1::text[], $2::boolean[]) AS each (project_id, different)
             ORDER BY project_id
            ON CONFLICT (project_id) DO UPDATE
               SET reconciled_at = now(), hours = known.hours + 1,
                   different_hours = known.different_hours + EXCLUDED.different_hours,
                   last_different_hour = coalesce(EXCLUDED.last_different_hour, known.last_different_hour),
                   last_different_at = coalesce(EXCLUDED.last_different_at, known.last_different_at)
            """;

    private static final String REST =
            "UPDATE pipeline.reconciler SET next_at = clock_timestamp() + $1 * interval '1 ms'";

    /// The hour in turn; empty when it is too early.
    Mono<Optional<Instant>> next(PostgresqlConnection connection) {
        return connection
                .createStatement(NEXT)
                .execute()
                .flatMap(result ->
                        result.map((row, _) -> Optional.ofNullable(row.get("hour", Instant.class))))
                .next();
    }

    /// By the database's clock.
    Mono<Instant> now(PostgresqlConnection connection) {
        return instant(connection, "now");
    }

    Mono<Instant> completeThrough(PostgresqlConnection connection) {
        return instant(connection, "complete_through");
    }

    /// All projects that have raw rows or a rollup of the hour, and are not open.
    Mono<List<Look>> look(PostgresqlConnection connection, Instant hour) {
        return connection
                .createStatement(LOOK)
                .bind("$1", hour)
                .execute()
                .flatMap(result ->
                        result.map((row, _) ->
                                new Look(
                                        Columns.text(row, "project_id"),
                                        Columns.flag(row, "from_raw"),
                                        row.get("difference", String.class))))
                .collectList();
    }

    /// Makes the hour dirty for these projects.
    Mono<Void> makeDirty(
            PostgresqlConnection connection, Instant hour, List<String> differentProjects) {
        return differentProjects.isEmpty()
                ? Mono.empty()
                : connection
                        .createStatement(ASK_FOR_RECOMPUTATION)
                        .bind("$1", differentProjects.toArray(String[]::new))
                        .bind("$2", hour)
                        .bind("$3", DirtyHour.DIFFERENT)
                        .execute()
                        .flatMap(PostgresqlResult::getRowsUpdated)
                        .then();
    }

    /// @param compared the projects whose hour was compared
    /// @param different of those
    Mono<Void> note(
            PostgresqlConnection connection,
            Instant hour,
            List<String> compared,
            List<String> different) {
        return compared.isEmpty()
                ? Mono.empty()
                : connection
                        .createStatement(NOTE)
                        .bind("$1", compared.toArray(String[]::new))
                        .bind(
                                "$2",
                                compared.stream().map(different::contains).toArray(Boolean[]::new))
                        .bind("$3", hour)
                        .execute()
                        .flatMap(PostgresqlResult::getRowsUpdated)
                        .then();
    }

    /// Nothing is compared for a while, wherever it runs.
    Mono<Long> rest(PostgresqlConnection connection, Duration duration) {
        return connection
                .createStatement(REST)
                .bind("$1", duration.toMillis())
                .execute()
                .flatMap(PostgresqlResult::getRowsUpdated)
                .next();
    }

    private static Mono<Instant> instant(PostgresqlConnection connection, String column) {
        return connection
                .createStatement(NOW)
                .execute()
                .flatMap(result -> result.map((row, _) -> Columns.instant(row, column)))
                .next();
    }
}
