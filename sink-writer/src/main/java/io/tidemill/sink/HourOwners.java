package io.tidemill.sink;

import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.r2dbc.postgresql.api.PostgresqlResult;
import io.tidemill.contract.DirtyHour;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import reactor.core.publisher.Mono;

/// Who makes the rollup of an hour: the topology, until the hour is announced; the raw table ever
/// after. `pipeline.raw_hours`, `pipeline.pending_hours` and `pipeline.hour_marks`.
///
/// Whoever writes raw rows or rollups holds the locks of their hours, shared with all other
/// writers, and reads the owner in a statement after that. Whoever changes the owner holds them
/// alone. So a raw row is either there when its hour changes hands, or its writer leaves a mark;
/// and no revision of the topology lands after that.
final class HourOwners {

    /// First keys of advisory locks; the second tells which.
    static final int LOCK_OF_WRITERS = 0x7469_0001;

    /// Hours that change hands together.
    private static final int TOGETHER = 10_000;

    private static final String HOLD =
            "SELECT pg_advisory_xact_lock_shared($1, lock) FROM unnest($2::int[]) AS lock";

    private static final String HOLD_ALONE =
            "SELECT pg_advisory_xact_lock($1, lock) FROM unnest($2::int[]) AS lock";

    /// Each with a mark, also those that are the raw table's already.
    private static final String OWN =
            """
            WITH changed AS (
                SELECT project_id, timestamptz 'epoch' + hour_ms * interval '1 ms' AS hour
                  FROM unnest($1::text[], $2::bigint[]) AS each (project_id, hour_ms)),
            owned AS (
                INSERT INTO pipeline.raw_hours (project_id, hour)
                SELECT project_id, hour FROM changed
                ON CONFLICT DO NOTHING)
            INSERT INTO pipeline.hour_marks (project_id, hour)
            SELECT project_id, hour FROM changed
            """;

    private static final String MARK =
            """
            INSERT INTO pipeline.hour_marks (project_id, hour)
            SELECT project_id, hour
              FROM pipeline.raw_hours
              JOIN (SELECT project_id, timestamptz 'epoch' + hour_ms * interval '1 ms' AS hour
                      FROM unnest($1::text[], $2::bigint[]) AS written (project_id, hour_ms)) AS written
                   USING (project_id, hour)
            """;

    private static final String FINAL =
            """
            SELECT project_id, hour_ms
              FROM unnest($1::text[], $2::bigint[]) AS written (project_id, hour_ms)
             WHERE timestamptz 'epoch' + hour_ms * interval '1 ms' < pipeline.final_before(project_id)
            """;

    /// An hour of the raw table has nothing to be announced for: what isn't in its rows isn't in
    /// its rollup. Nor has one that is final: nothing changes it any more.
    private static final String ANNOUNCE =
            """
            INSERT INTO pipeline.pending_hours (project_id, hour, reason)
            SELECT project_id, hour, reason
              FROM (SELECT project_id, timestamptz 'epoch' + hour_ms * interval '1 ms' AS hour, reason
                      FROM unnest($1::text[], $2::bigint[], $3::text[]) AS dirty (project_id, hour_ms, reason)) AS dirty
             WHERE hour >= pipeline.final_before(project_id)
               AND NOT EXISTS (SELECT FROM pipeline.raw_hours AS raw
                                WHERE raw.project_id = dirty.project_id AND raw.hour = dirty.hour)
            """;

    private static final String ANNOUNCE_BY_SETTINGS =
            ANNOUNCE + " AND analytics.reads_properties(project_id, hour)";

    private static final String PENDING =
            """
            SELECT DISTINCT project_id, (extract(epoch FROM hour) * 1000)::bigint AS hour_ms
              FROM pipeline.pending_hours
             LIMIT $1
            """;

    private static final String TAKE_OVER =
            """
            WITH announced AS (
                DELETE FROM pipeline.pending_hours AS pending
                 USING (SELECT project_id, timestamptz 'epoch' + hour_ms * interval '1 ms' AS hour
                          FROM unnest($1::text[], $2::bigint[]) AS locked (project_id, hour_ms)) AS locked
                 WHERE pending.project_id = locked.project_id AND pending.hour = locked.hour
                RETURNING pending.project_id, pending.hour, pending.complete_through),
            owned AS (
                INSERT INTO pipeline.raw_hours (project_id, hour)
                SELECT DISTINCT project_id, hour FROM announced
                ON CONFLICT DO NOTHING
                RETURNING 1),
            marks AS (
                INSERT INTO pipeline.hour_marks (project_id, hour, complete_through)
                SELECT project_id, hour, min(complete_through) FROM announced GROUP BY project_id, hour)
            SELECT count(*) AS owned FROM owned
            """;

    private static final String WAITING =
            """
            SELECT state, count(*) AS hours, extract(epoch FROM clock_timestamp() - min(since))::bigint AS seconds
              FROM pipeline.waiting_hours
             GROUP BY state
            """;

    /// Hours that wait to be made of raw rows.
    ///
    /// @param state as the view `pipeline.waiting_hours` explains it
    /// @param seconds that the one waits that waits longest
    record Waiting(String state, long hours, long seconds) {}

    /// Holds the hours, together with other writers, until the transaction ends. Comes before
    /// anything that depends on their owner.
    Mono<Void> hold(PostgresqlConnection connection, Collection<Hour> hours) {
        return lock(connection, HOLD, hours);
    }

    /// Of some hours, being held, those that are final: they take nothing more.
    Mono<Set<Hour>> finalHours(PostgresqlConnection connection, Collection<Hour> hours) {
        List<Hour> real = hours.stream().filter(Hour::isInCalendar).toList();
        return real.isEmpty()
                ? Mono.just(Set.of())
                : connection
                        .createStatement(FINAL)
                        .bind("$1", Hour.projects(real))
                        .bind("$2", Hour.millis(real))
                        .execute()
                        .flatMap(result -> result.map((row, _) -> Hour.of(row)))
                        .collect(Collectors.toSet());
    }

    /// Holds these hours alone, until the transaction ends.
    Mono<Void> holdAlone(PostgresqlConnection connection, Collection<Hour> hours) {
        return lock(connection, HOLD_ALONE, hours);
    }

    /// Holds all hours that there are, alone. Comes before anything that depends on the owner of
    /// any.
    Mono<Void> holdAllAlone(PostgresqlConnection connection) {
        return lock(connection, HOLD_ALONE, IntStream.range(0, Hour.LOCKS).boxed());
    }

    /// Holds these hours alone and hands them to the raw table, each with a mark: for whoever is
    /// about to change their raw rows in this transaction.
    Mono<Void> own(PostgresqlConnection connection, Collection<Hour> hours) {
        return holdAlone(connection, hours)
                .then(
                        Mono.defer(() ->
                                connection
                                        .createStatement(OWN)
                                        .bind("$1", Hour.projects(hours))
                                        .bind("$2", Hour.millis(hours))
                                        .execute()
                                        .flatMap(PostgresqlResult::getRowsUpdated)
                                        .then()));
    }

    /// Leaves a mark for each of these hours that is the raw table's.
    Mono<Void> mark(PostgresqlConnection connection, Collection<Hour> hours) {
        return hours.isEmpty()
                ? Mono.empty()
                : connection
                        .createStatement(MARK)
                        .bind("$1", Hour.projects(hours))
                        .bind("$2", Hour.millis(hours))
                        .execute()
                        .flatMap(PostgresqlResult::getRowsUpdated)
                        .then();
    }

    /// Announces those of these hours of which the settings read properties.
    Mono<Void> announceWherePropertiesCount(
            PostgresqlConnection connection, Collection<Hour> hours) {
        return hours.isEmpty()
                ? Mono.empty()
                : connection
                        .createStatement(ANNOUNCE_BY_SETTINGS)
                        .bind("$1", Hour.projects(hours))
                        .bind("$2", Hour.millis(hours))
                        .bind(
                                "$3",
                                hours.stream()
                                        .map(_ -> DirtyHour.NOT_STORED)
                                        .toArray(String[]::new))
                        .execute()
                        .flatMap(PostgresqlResult::getRowsUpdated)
                        .then();
    }

    /// Announces hours; needs no lock. Those outside the calendar have nothing to recompute.
    ///
    /// @return how many were announced anew
    Mono<Long> announce(PostgresqlConnection connection, Collection<DirtyHour> dirty) {
        List<DirtyHour> real =
                dirty.stream()
                        .filter(d -> new Hour(d.projectId(), d.hourMillis()).isInCalendar())
                        .toList();
        return real.isEmpty()
                ? Mono.just(0L)
                : connection
                        .createStatement(ANNOUNCE)
                        .bind("$1", real.stream().map(DirtyHour::projectId).toArray(String[]::new))
                        .bind("$2", real.stream().map(DirtyHour::hourMillis).toArray(Long[]::new))
                        .bind("$3", real.stream().map(DirtyHour::reason).toArray(String[]::new))
                        .execute()
                        .flatMap(PostgresqlResult::getRowsUpdated)
                        .reduce(0L, Long::sum);
    }

    /// Hands the hours that are announced to the raw table, all that there are by now together,
    /// each with a mark for its first recomputation.
    ///
    /// @return how many changed hands
    Mono<Long> takeOver(PostgresqlConnection connection) {
        return pending(connection)
                .flatMap(hours ->
                        hours.isEmpty()
                                ? Mono.just(0L)
                                : lock(connection, HOLD_ALONE, hours)
                                        .then(Mono.defer(() -> takeOver(connection, hours))));
    }

    /// What waits, by state; states in which nothing waits are left out.
    Mono<List<Waiting>> waiting(PostgresqlConnection connection) {
        return connection
                .createStatement(WAITING)
                .execute()
                .flatMap(result ->
                        result.map((row, _) ->
                                new Waiting(
                                        Columns.text(row, "state"),
                                        Columns.number(row, "hours"),
                                        Columns.number(row, "seconds"))))
                .collectList();
    }

    private static Mono<List<Hour>> pending(PostgresqlConnection connection) {
        return connection
                .createStatement(PENDING)
                .bind("$1", TOGETHER)
                .execute()
                .flatMap(result -> result.map((row, _) -> Hour.of(row)))
                .collectList();
    }

    private static Mono<Long> takeOver(PostgresqlConnection connection, List<Hour> hours) {
        return connection
                .createStatement(TAKE_OVER)
                .bind("$1", Hour.projects(hours))
                .bind("$2", Hour.millis(hours))
                .execute()
                .flatMap(result -> result.map((row, _) -> Columns.number(row, "owned")))
                .next();
    }

    private static Mono<Void> lock(
            PostgresqlConnection connection, String sql, Collection<Hour> hours) {
        return lock(connection, sql, hours.stream().map(Hour::lock));
    }

    /// Always in the order of their numbers, so that nobody waits for somebody who waits for them.
    private static Mono<Void> lock(
            PostgresqlConnection connection, String sql, Stream<Integer> numbers) {
        Integer[] locks = numbers.distinct().sorted().toArray(Integer[]::new);
        return locks.length == 0
                ? Mono.empty()
                : connection
                        .createStatement(sql)
                        .bind("$1", LOCK_OF_WRITERS)
                        .bind("$2", locks)
                        .execute()
                        .flatMap(PostgresqlResult::getRowsUpdated)
                        .then();
    }
}
