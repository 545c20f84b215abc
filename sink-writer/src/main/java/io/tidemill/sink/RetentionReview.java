package io.tidemill.sink;

import io.r2dbc.pool.ConnectionPool;
import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.tidemill.projects.Projects;
import io.tidemill.projects.Retention;
import io.tidemill.sink.RetentionWindows.Kind;
import io.tidemill.storage.PostgresPool;
import io.tidemill.storage.PostgresUrl;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/// What is kept how long, what would go, and the confirmation that windows may become shorter. For
/// the command line.
public final class RetentionReview implements AutoCloseable {

    /// What a window is of.
    public enum Of {
        RAW_EVENTS,
        ROLLUPS
    }

    /// A window of a project, or of all that have none of their own.
    ///
    /// @param projectId empty for all others
    /// @param inForce what is kept now
    /// @param configured what the settings and the projects file say
    /// @param before the end of the newest day that is past the configured window; empty when it
    ///   has no end
    /// @param rows that are past the configured window now
    public record Window(
            String projectId,
            Of of,
            Retention inForce,
            Retention configured,
            Optional<Instant> before,
            long rows) {

        /// Whether it waits for a confirmation.
        public boolean isShorter() {
            return configured.isShorterThan(inForce) && rows > 0;
        }
    }

    private static final Duration LIMIT = Duration.ofMinutes(15);

    private static final String NOW = "SELECT pipeline.clock() AS now";

    private static final String RAW_ROWS =
            """
            SELECT count(*) AS rows FROM analytics.events
             WHERE timestamp < $1::timestamptz AND CASE $2 WHEN '' THEN project_id <> ALL ($3) ELSE project_id = $2 END
            """;

    private static final String ROLLUP_ROWS =
            """
            SELECT count(*) AS rows FROM analytics.hourly_rollups
             WHERE hour < $1::timestamptz AND CASE $2 WHEN '' THEN project_id <> ALL ($3) ELSE project_id = $2 END
            """;

    private final ConnectionPool pool;
    private final Transactions transactions;
    private final WindowTable table = new WindowTable();
    private final RetentionWindows configured;

    private RetentionReview(PostgresUrl postgres, RetentionWindows configured) {
        this.pool = PostgresPool.open(postgres, "retention", 1, LIMIT);
        this.transactions = new Transactions(pool, LIMIT);
        this.configured = configured;
    }

    /// @param postgres as somebody who may write
    public static RetentionReview open(PostgresUrl postgres, SinkConfig config, Projects projects) {
        SinkConfig.Keeping keeping = config.keeping();
        return new RetentionReview(
                postgres, RetentionWindows.of(keeping.raw(), keeping.rollups(), projects));
    }

    /// All windows, those of all others first.
    public Mono<List<Window>> windows() {
        return transactions.run(this::windows);
    }

    /// Puts the configured windows in force, the shorter ones, too.
    public Mono<Void> confirm() {
        return transactions
                .run(connection -> table.put(connection, configured).thenReturn(true))
                .then();
    }

    @Override
    public void close() {
        pool.dispose();
    }

    private Mono<List<Window>> windows(PostgresqlConnection connection) {
        return table.read(connection, configured)
                .zipWith(now(connection))
                .flatMapMany(known ->
                        Flux.fromIterable(configured.bothProjects(known.getT1()))
                                .concatMap(project ->
                                        windows(connection, project, known.getT1(), known.getT2())))
                .collectList();
    }

    private Flux<Window> windows(
            PostgresqlConnection connection,
            String project,
            RetentionWindows inForce,
            Instant now) {
        return Flux.concat(
                window(connection, project, Kind.RAW, inForce, now),
                window(connection, project, Kind.ROLLUPS, inForce, now));
    }

    private Mono<Window> window(
            PostgresqlConnection connection,
            String project,
            Kind kind,
            RetentionWindows inForce,
            Instant now) {
        Function<RetentionWindows, Retention> window =
                kind == Kind.RAW
                        ? windows -> windows.of(project).raw()
                        : windows -> windows.of(project).rollups();
        Retention wanted = window.apply(configured);
        Optional<Instant> before = new KeptDays(now, now, Duration.ZERO).pastWindow(wanted);
        return before.map(end -> rows(connection, project, kind, end))
                .orElse(Mono.just(0L))
                .map(rows ->
                        new Window(
                                project,
                                kind == Kind.RAW ? Of.RAW_EVENTS : Of.ROLLUPS,
                                window.apply(inForce),
                                wanted,
                                before,
                                rows));
    }

    private Mono<Long> rows(
            PostgresqlConnection connection, String project, Kind kind, Instant before) {
        return connection
                .createStatement(kind == Kind.RAW ? RAW_ROWS : ROLLUP_ROWS)
                .bind("$1", before)
                .bind("$2", project)
                .bind("$3", configured.byProject().keySet().toArray(String[]::new))
                .execute()
                .flatMap(result -> result.map((row, _) -> Columns.number(row, "rows")))
                .next();
    }

    private static Mono<Instant> now(PostgresqlConnection connection) {
        return connection
                .createStatement(NOW)
                .execute()
                .flatMap(result -> result.map((row, _) -> Columns.instant(row, "now")))
                .next();
    }
}
