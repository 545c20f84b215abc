package io.tidemill.sink;

import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.r2dbc.postgresql.api.PostgresqlResult;
import io.r2dbc.spi.Row;
import io.tidemill.projects.Retention;
import io.tidemill.sink.RetentionWindows.Kind;
import io.tidemill.sink.RetentionWindows.Lowered;
import io.tidemill.sink.RetentionWindows.Windows;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/// `pipeline.retention_windows`: the windows in force.
final class WindowTable {

    private static final String READ =
            "SELECT project_id, raw_days, rollup_days FROM pipeline.retention_windows";

    private static final String FORGET_OTHERS =
            "DELETE FROM pipeline.retention_windows WHERE project_id <> ALL ($1)";

    private static final String PUT =
            """
            INSERT INTO pipeline.retention_windows AS known (project_id, raw_days, rollup_days)
            SELECT project_id, raw_days, rollup_days
              FROM unnest($1::text[], $2::int[], $3::int[]) AS each (project_id, raw_days, rollup_days)
            ON CONFLICT (project_id) DO UPDATE
               SET raw_days = EXCLUDED.raw_days, rollup_days = EXCLUDED.rollup_days, since = now()
             WHERE (known.raw_days, known.rollup_days) IS DISTINCT FROM (EXCLUDED.raw_days, EXCLUDED.rollup_days)
            """;

    private static final String HAS_RAW_BEFORE =
            """
            SELECT EXISTS (SELECT FROM analytics.events
                            WHERE timestamp < $1::timestamptz AND ($2 = '' OR project_id = $2)) AS found
            """;

    private static final String HAS_ROLLUPS_BEFORE =
            """
            SELECT EXISTS (SELECT FROM analytics.hourly_rollups
                            WHERE hour < $1::timestamptz AND ($2 = '' OR project_id = $2)) AS found
            """;

    /// @return the wanted ones while none are known
    Mono<RetentionWindows> read(PostgresqlConnection connection, RetentionWindows wanted) {
        return connection
                .createStatement(READ)
                .execute()
                .flatMap(result -> result.map((row, _) -> Map.entry(project(row), windows(row))))
                .collectMap(Map.Entry::getKey, Map.Entry::getValue)
                .map(known -> known.isEmpty() ? wanted : sorted(known));
    }

    /// Puts them in force, and no others.
    Mono<Void> put(PostgresqlConnection connection, RetentionWindows windows) {
        SortedMap<String, Windows> rows = windows.byProject();
        String[] projects = rows.keySet().toArray(String[]::new);
        return connection
                .createStatement(FORGET_OTHERS)
                .bind("$1", projects)
                .execute()
                .flatMap(PostgresqlResult::getRowsUpdated)
                .thenMany(
                        connection
                                .createStatement(PUT)
                                .bind("$1", projects)
                                .bind("$2", days(rows, Windows::raw))
                                .bind("$3", days(rows, Windows::rollups))
                                .execute())
                .flatMap(PostgresqlResult::getRowsUpdated)
                .then();
    }

    /// Whether a lowered window would remove something.
    ///
    /// @param end of the newest day that is past it
    Mono<Boolean> removesSomething(PostgresqlConnection connection, Lowered lowered, Instant end) {
        return connection
                .createStatement(lowered.kind() == Kind.RAW ? HAS_RAW_BEFORE : HAS_ROLLUPS_BEFORE)
                .bind("$1", end)
                .bind("$2", lowered.projectId())
                .execute()
                .flatMap(result -> result.map((row, _) -> Columns.flag(row, "found")))
                .next();
    }

    private static RetentionWindows sorted(Map<String, Windows> known) {
        return new RetentionWindows(new TreeMap<>(known));
    }

    private static String project(Row row) {
        return Columns.text(row, "project_id");
    }

    private static Windows windows(Row row) {
        return new Windows(
                retention(row.get("raw_days", Integer.class)),
                retention(row.get("rollup_days", Integer.class)));
    }

    private static Retention retention(@Nullable Integer days) {
        return days == null ? new Retention.Forever() : new Retention.Days(days);
    }

    private static @Nullable Integer[] days(
            SortedMap<String, Windows> rows, Function<Windows, Retention> window) {
        return List.copyOf(rows.values()).stream()
                .map(window)
                .map(kept -> kept.inDays().isPresent() ? kept.inDays().getAsInt() : null)
                .toArray(Integer[]::new);
    }
}
