package io.tidemill.sink;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.r2dbc.spi.Row;
import java.time.Duration;
import java.util.List;
import java.util.function.ToDoubleFunction;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;

/// What Postgres says of its tables and indexes, as meters: how large they are, and how often they
/// are used. Partitions are added up.
final class TableStatistics {

    private static final Duration BETWEEN_ROUNDS = Duration.ofMinutes(1);

    private static final String TABLES =
            """
            SELECT regexp_replace(relname, '_[0-9]{8}$', '') AS name, sum(pg_total_relation_size(relid))::bigint AS bytes,
                   sum(seq_scan)::bigint AS scans
              FROM pg_stat_user_tables
             WHERE schemaname IN ('analytics', 'pipeline')
             GROUP BY 1
            """;

    private static final String INDEXES =
            """
            SELECT regexp_replace(indexrelname, '_[0-9]{8}_', '_') AS name, sum(pg_relation_size(indexrelid))::bigint AS bytes,
                   sum(idx_scan)::bigint AS scans
              FROM pg_stat_user_indexes
             WHERE schemaname IN ('analytics', 'pipeline')
             GROUP BY 1
            """;

    private final Transactions transactions;
    private final Gauges tables;
    private final Gauges indexes;

    /// @param scans since Postgres' statistics were reset
    private record Use(String name, long bytes, long scans) {

        static Use of(Row row) {
            return new Use(
                    Columns.text(row, "name"),
                    Columns.number(row, "bytes"),
                    Columns.number(row, "scans"));
        }
    }

    /// Of one kind of relation.
    private static final class Gauges {

        private final String kind;
        private final MultiGauge bytes;
        private final MultiGauge scans;

        Gauges(MeterRegistry registry, String kind) {
            this.kind = kind;
            this.bytes = MultiGauge.builder("tidemill.sink." + kind + ".bytes").register(registry);
            this.scans = MultiGauge.builder("tidemill.sink." + kind + ".scans").register(registry);
        }

        void set(List<Use> uses) {
            set(bytes, uses, Use::bytes);
            set(scans, uses, Use::scans);
        }

        private void set(MultiGauge gauge, List<Use> uses, ToDoubleFunction<Use> value) {
            gauge.register(
                    uses.stream()
                            .map(use -> MultiGauge.Row.of(Tags.of(kind, use.name()), use, value))
                            .toList(),
                    true);
        }
    }

    TableStatistics(Transactions transactions, MeterRegistry registry) {
        this.transactions = transactions;
        this.tables = new Gauges(registry, "table");
        this.indexes = new Gauges(registry, "index");
    }

    Disposable start() {
        return Rounds.start("statistics of tables", BETWEEN_ROUNDS, this::round);
    }

    Mono<Void> round() {
        return transactions
                .run(connection -> read(connection, TABLES))
                .doOnNext(tables::set)
                .then(transactions.run(connection -> read(connection, INDEXES)))
                .doOnNext(indexes::set)
                .then();
    }

    private static Mono<List<Use>> read(PostgresqlConnection connection, String sql) {
        return connection
                .createStatement(sql)
                .execute()
                .flatMap(result -> result.map((row, _) -> Use.of(row)))
                .collectList();
    }
}
