package io.tidemill.sink;

import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.r2dbc.postgresql.api.PostgresqlResult;
import io.tidemill.contract.MeasureNumbers;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import reactor.core.publisher.Mono;

/// `analytics.hourly_rollup_measures`.
final class MeasureTable {

    /// The end of a statement that begins with the rows to put in place, as `incoming`.
    private static final String PUT_INCOMING =
            """
            INSERT INTO analytics.hourly_rollup_measures AS old
                   (project_id, hour, measure, dimension, value, count, sum, min, max, p50, p95, p99, sketch)
            SELECT project_id, hour, measure, dimension, value, count, sum, min, max, p50, p95, p99, sketch
              FROM incoming
             ORDER BY project_id, hour, measure, dimension, value
            ON CONFLICT (project_id, hour, measure, dimension, value) DO UPDATE
               SET count = EXCLUDED.count, sum = EXCLUDED.sum, min = EXCLUDED.min, max = EXCLUDED.max,
                   p50 = EXCLUDED.p50, p95 = EXCLUDED.p95, p99 = EXCLUDED.p99, sketch = EXCLUDED.sketch
             WHERE (old.sum, old.min, old.max, old.sketch)
                   IS DISTINCT FROM (EXCLUDED.sum, EXCLUDED.min, EXCLUDED.max, EXCLUDED.sketch)
            """;

    private static final String APPLY =
            """
            WITH incoming AS MATERIALIZED (
                SELECT project_id, timestamptz 'epoch' + hour_ms * interval '1 ms' AS hour, measure, dimension, value,
                       count, trim_scale(sum::numeric) AS sum, min, max, p50, p95, p99, decode(hex, 'hex') AS sketch
                  FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::text[],
                              $8::float8[], $9::float8[], $10::float8[], $11::float8[], $12::float8[], $13::text[])
                       AS each (project_id, hour_ms, measure, dimension, value, count, sum, min, max, p50, p95, p99, hex))
            """
                    + PUT_INCOMING;

    /// All measures of an hour, as its raw rows give them.
    static final String RECOMPUTE =
            """
            WITH incoming AS MATERIALIZED (
                SELECT *
                  FROM analytics.raw_measures($1, timestamptz 'epoch' + $2 * interval '1 ms',
                                              timestamptz 'epoch' + ($2 + 3600000) * interval '1 ms')),
            gone AS (
                DELETE FROM analytics.hourly_rollup_measures AS old
                 WHERE project_id = $1 AND hour = timestamptz 'epoch' + $2 * interval '1 ms'
                   AND NOT EXISTS (SELECT FROM incoming
                                    WHERE incoming.measure = old.measure AND incoming.dimension = old.dimension
                                      AND incoming.value = old.value))
            """
                    + PUT_INCOMING;

    private MeasureTable() {}

    /// Puts these numbers in the place of what is there.
    static Mono<Void> put(PostgresqlConnection connection, List<MeasureNumbers> parts) {
        return parts.isEmpty()
                ? Mono.empty()
                : connection
                        .createStatement(APPLY)
                        .bind("$1", texts(parts, MeasureNumbers::projectId))
                        .bind("$2", numbers(parts, MeasureNumbers::hourMillis))
                        .bind("$3", texts(parts, MeasureNumbers::measure))
                        .bind("$4", texts(parts, MeasureNumbers::dimension))
                        .bind("$5", texts(parts, MeasureNumbers::value))
                        .bind("$6", numbers(parts, MeasureNumbers::count))
                        .bind("$7", texts(parts, part -> part.sum().toPlainString()))
                        .bind("$8", sizes(parts, MeasureNumbers::min))
                        .bind("$9", sizes(parts, MeasureNumbers::max))
                        .bind("$10", sizes(parts, MeasureNumbers::p50))
                        .bind("$11", sizes(parts, MeasureNumbers::p95))
                        .bind("$12", sizes(parts, MeasureNumbers::p99))
                        .bind("$13", texts(parts, part -> HexFormat.of().formatHex(part.sketch())))
                        .execute()
                        .flatMap(PostgresqlResult::getRowsUpdated)
                        .then();
    }

    private static String[] texts(
            List<MeasureNumbers> parts, Function<MeasureNumbers, String> field) {
        return parts.stream().map(field).toArray(String[]::new);
    }

    private static Long[] numbers(
            List<MeasureNumbers> parts, Function<MeasureNumbers, Long> field) {
        return parts.stream().map(field).toArray(Long[]::new);
    }

    private static Double[] sizes(
            List<MeasureNumbers> parts, ToDoubleFunction<MeasureNumbers> field) {
        return parts.stream().mapToDouble(field).boxed().toArray(Double[]::new);
    }
}
