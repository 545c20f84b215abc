package io.tidemill.sink;

import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.r2dbc.postgresql.api.PostgresqlResult;
import io.r2dbc.postgresql.api.PostgresqlStatement;
import io.tidemill.contract.DirtyHour;
import io.tidemill.contract.HourlyRollup;
import io.tidemill.contract.RollupCodec;
import java.util.List;
import java.util.function.Function;
import reactor.core.publisher.Mono;

/// `analytics.hourly_rollups` and the rows of its three dimensions in
/// `analytics.hourly_rollup_dimensions`.
final class HourTable {

    /// The end of a statement that begins with the rollups to put in place, as `incoming`.
    static final String PUT_INCOMING =
            """
            counts AS MATERIALIZED (
                SELECT project_id, hour, dimension, each.key AS value, each.value::bigint AS events
                  FROM incoming
                 CROSS JOIN LATERAL (VALUES ('event_type', event_counts),
                                            ('tool', tool_usage),
                                            ('risk_mode', risk_distribution)) AS built_in (dimension, counts)
                 CROSS JOIN LATERAL jsonb_each_text(counts) AS each),
            rollups AS (
                INSERT INTO analytics.hourly_rollups
                       (project_id, hour, revision, total_events, unique_sessions, unique_users,
                        event_counts, tool_usage, risk_distribution)
                SELECT project_id, hour, revision, total_events, unique_sessions, unique_users,
                       event_counts, tool_usage, risk_distribution
                  FROM incoming
                 ORDER BY project_id, hour
                ON CONFLICT (project_id, hour) DO UPDATE
                   SET revision = EXCLUDED.revision, total_events = EXCLUDED.total_events,
                       unique_sessions = EXCLUDED.unique_sessions, unique_users = EXCLUDED.unique_users,
                       event_counts = EXCLUDED.event_counts, tool_usage = EXCLUDED.tool_usage,
                       risk_distribution = EXCLUDED.risk_distribution, updated_at = now()),
            gone AS (
                DELETE FROM analytics.hourly_rollup_dimensions AS old
                 USING incoming
                 WHERE old.project_id = incoming.project_id AND old.hour = incoming.hour
                   AND old.dimension IN ('event_type', 'tool', 'risk_mode')
                   AND NOT EXISTS (SELECT FROM counts
                                    WHERE counts.project_id = old.project_id AND counts.hour = old.hour
                                      AND counts.dimension = old.dimension AND counts.value = old.value))
            INSERT INTO analytics.hourly_rollup_dimensions AS old (project_id, hour, dimension, value, events)
            SELECT project_id, hour, dimension, value, events
              FROM counts
             ORDER BY project_id, hour, dimension, value
            ON CONFLICT (project_id, hour, dimension, value) DO UPDATE SET events = EXCLUDED.events
             WHERE old.events <> EXCLUDED.events
            """;

    /// A statement after the guard, so that it sees what the writer before it committed. Announces
    /// hours that were counted by other settings than hold for them.
    private static final String APPLY =
            """
            WITH incoming AS MATERIALIZED (
                SELECT project_id, timestamptz 'epoch' + hour_ms * interval '1 ms' AS hour, revision,
                       total_events, unique_sessions, unique_users,
                       event_counts::jsonb, tool_usage::jsonb, risk_distribution::jsonb, settings_version
                  FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[],
                              $7::text[], $8::text[], $9::text[], $10::int[])
                       AS each (project_id, hour_ms, revision, total_events, unique_sessions, unique_users,
                                event_counts, tool_usage, risk_distribution, settings_version)),
            otherwise_counted AS (
                INSERT INTO pipeline.pending_hours (project_id, hour, reason)
                SELECT project_id, hour, $11
                  FROM incoming
                 WHERE settings_version <> analytics.settings_version(project_id, hour)),
            """
                    + PUT_INCOMING;

    private HourTable() {}

    /// Puts these rollups in the place of what is there.
    static Mono<Void> put(PostgresqlConnection connection, List<HourlyRollup> rows) {
        if (rows.isEmpty()) {
            return Mono.empty();
        }
        PostgresqlStatement statement =
                connection
                        .createStatement(APPLY)
                        .bind("$1", texts(rows, HourlyRollup::projectId))
                        .bind("$2", numbers(rows, HourlyRollup::hourMillis))
                        .bind("$3", numbers(rows, HourlyRollup::revision))
                        .bind("$4", numbers(rows, HourlyRollup::totalEvents))
                        .bind("$5", numbers(rows, HourlyRollup::uniqueSessions))
                        .bind("$6", numbers(rows, HourlyRollup::uniqueUsers))
                        .bind("$7", texts(rows, r -> RollupCodec.countsAsJson(r.eventCounts())))
                        .bind("$8", texts(rows, r -> RollupCodec.countsAsJson(r.toolUsage())))
                        .bind(
                                "$9",
                                texts(rows, r -> RollupCodec.countsAsJson(r.riskDistribution())))
                        .bind(
                                "$10",
                                rows.stream()
                                        .map(HourlyRollup::settingsVersion)
                                        .toArray(Integer[]::new))
                        .bind("$11", DirtyHour.SETTINGS);
        return statement.execute().flatMap(PostgresqlResult::getRowsUpdated).then();
    }

    private static String[] texts(List<HourlyRollup> rows, Function<HourlyRollup, String> field) {
        return rows.stream().map(field).toArray(String[]::new);
    }

    private static Long[] numbers(List<HourlyRollup> rows, Function<HourlyRollup, Long> field) {
        return rows.stream().map(field).toArray(Long[]::new);
    }
}
