package io.tidemill.sink;

import io.r2dbc.postgresql.api.PostgresqlConnection;
import java.time.Duration;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;

/// Removes rollups, cohorts and rejected records that are past their windows, and merges the
/// sketches of closed days, again and again. Any number of sinks may do so: each statement finds
/// what is left.
final class Housekeeping {

    private static final Duration BETWEEN_ROUNDS = Duration.ofMinutes(10);

    /// By the windows in force.
    private static final String FORGET_ROLLUPS =
            """
            SELECT coalesce(sum(pipeline.forget_rollups(
                       counted.project_id, date_trunc('day', pipeline.clock() - kept.rollup_days * interval '24 hours', 'UTC'))), 0)::bigint
                   AS changed
              FROM pipeline.counted_projects() AS counted (project_id)
              JOIN pipeline.retention_windows AS kept
                ON kept.project_id = CASE WHEN EXISTS (SELECT FROM pipeline.retention_windows AS own WHERE own.project_id = counted.project_id)
                                          THEN counted.project_id ELSE '' END
             WHERE kept.rollup_days IS NOT NULL
            """;

    private static final String FORGET_COHORTS = "SELECT pipeline.forget_cohorts() AS changed";
    private static final String FORGET_REJECTED = "SELECT pipeline.forget_rejected() AS changed";

    private final DaySketches sketches;
    private final Transactions slowTransactions;
    private final SinkMetrics metrics;

    /// @param slowTransactions whose statements may take long
    Housekeeping(DaySketches sketches, Transactions slowTransactions, SinkMetrics metrics) {
        this.sketches = sketches;
        this.slowTransactions = slowTransactions;
        this.metrics = metrics;
    }

    Disposable start() {
        return Rounds.start("housekeeping", BETWEEN_ROUNDS, this::round);
    }

    Mono<Void> round() {
        return changed(FORGET_ROLLUPS)
                .doOnNext(metrics::rowsRemoved)
                .then(changed(FORGET_COHORTS))
                .doOnNext(metrics::rowsRemoved)
                .then(changed(FORGET_REJECTED))
                .doOnNext(metrics::rowsRemoved)
                .then(mergeDays());
    }

    private Mono<Void> mergeDays() {
        return slowTransactions
                .run(sketches::waiting)
                .flatMapIterable(days -> days)
                .concatMap(
                        day -> slowTransactions.run(connection -> sketches.merge(connection, day)))
                .then();
    }

    private Mono<Long> changed(String sql) {
        return slowTransactions.run(connection -> changed(connection, sql));
    }

    private static Mono<Long> changed(PostgresqlConnection connection, String sql) {
        return connection
                .createStatement(sql)
                .execute()
                .flatMap(result -> result.map((row, _) -> Columns.number(row, "changed")))
                .next();
    }
}
