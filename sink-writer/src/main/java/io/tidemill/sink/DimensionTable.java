package io.tidemill.sink;

import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.r2dbc.postgresql.api.PostgresqlResult;
import io.tidemill.contract.DimensionCounts;
import java.util.ArrayList;
import java.util.List;
import reactor.core.publisher.Mono;

/// The rows of further dimensions in `analytics.hourly_rollup_dimensions`.
final class DimensionTable {

    /// The end of a statement that begins with the counts to put in place, as `incoming`.
    private static final String PUT_INCOMING =
            """
            INSERT INTO analytics.hourly_rollup_dimensions AS old (project_id, hour, dimension, value, events)
            SELECT project_id, hour, dimension, value, events
              FROM incoming
             ORDER BY project_id, hour, dimension, value
            ON CONFLICT (project_id, hour, dimension, value) DO UPDATE SET events = EXCLUDED.events
             WHERE old.events <> EXCLUDED.events
            """;

    private static final String APPLY =
            """
            WITH incoming AS MATERIALIZED (
                SELECT project_id, timestamptz 'epoch' + hour_ms * interval '1 ms' AS hour, dimension, value, events
                  FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::bigint[])
                       AS each (project_id, hour_ms, dimension, value, events)),
            gone AS (
                DELETE FROM analytics.hourly_rollup_dimensions AS old
                 USING (SELECT DISTINCT project_id, hour, dimension FROM incoming) AS part
                 WHERE old.project_id = part.project_id AND old.hour = part.hour AND old.dimension = part.dimension
                   AND NOT EXISTS (SELECT FROM incoming
                                    WHERE incoming.project_id = old.project_id AND incoming.hour = old.hour
                                      AND incoming.dimension = old.dimension AND incoming.value = old.value))
            """
                    + PUT_INCOMING;

    /// All further dimensions of an hour, as its raw rows give them.
    static final String RECOMPUTE =
            """
            WITH incoming AS MATERIALIZED (
                SELECT *
                  FROM analytics.raw_dimensions($1, timestamptz 'epoch' + $2 * interval '1 ms',
                                                timestamptz 'epoch' + ($2 + 3600000) * interval '1 ms')),
            gone AS (
                DELETE FROM analytics.hourly_rollup_dimensions AS old
                 WHERE project_id = $1 AND hour = timestamptz 'epoch' + $2 * interval '1 ms'
                   AND dimension NOT IN ('event_type', 'tool', 'risk_mode')
                   AND NOT EXISTS (SELECT FROM incoming
                                    WHERE incoming.dimension = old.dimension AND incoming.value = old.value))
            """
                    + PUT_INCOMING;

    private DimensionTable() {}

    /// Puts these counts in the place of what is there of their dimensions.
    static Mono<Void> put(PostgresqlConnection connection, List<DimensionCounts> parts) {
        if (parts.isEmpty()) {
            return Mono.empty();
        }
        List<String> projects = new ArrayList<>();
        List<Long> hours = new ArrayList<>();
        List<String> dimensions = new ArrayList<>();
        List<String> values = new ArrayList<>();
        List<Long> events = new ArrayList<>();
        for (DimensionCounts part : parts) {
            part.counts()
                    .forEach((value, count) -> {
                        projects.add(part.projectId());
                        hours.add(part.hourMillis());
                        dimensions.add(part.dimension());
                        values.add(value);
                        events.add(count);
                    });
        }
        return connection
                .createStatement(APPLY)
                .bind("$1", projects.toArray(String[]::new))
                .bind("$2", hours.toArray(Long[]::new))
                .bind("$3", dimensions.toArray(String[]::new))
                .bind("$4", values.toArray(String[]::new))
                .bind("$5", events.toArray(Long[]::new))
                .execute()
                .flatMap(PostgresqlResult::getRowsUpdated)
                .then();
    }
}
