-- The common questions in one line of SQL. docs/analysts.md asks them.

CREATE OR REPLACE VIEW analytics.daily_rollups AS
SELECT project_id,
       (start AT TIME ZONE 'UTC')::date AS day,
       total_events,
       analytics.unique_sessions(project_id, start, start + interval '24 hours') AS unique_sessions,
       analytics.unique_users(project_id, start, start + interval '24 hours') AS unique_users,
       coalesce((SELECT jsonb_object_agg(value, events)
                   FROM (SELECT value, sum(events) AS events
                           FROM analytics.hourly_rollup_dimensions AS counts
                          WHERE counts.project_id = days.project_id AND counts.dimension = 'event_type'
                            AND counts.hour >= start AND counts.hour < start + interval '24 hours'
                          GROUP BY 1) AS each), '{}') AS event_counts,
       coalesce((SELECT jsonb_object_agg(value, events)
                   FROM (SELECT value, sum(events) AS events
                           FROM analytics.hourly_rollup_dimensions AS counts
                          WHERE counts.project_id = days.project_id AND counts.dimension = 'tool'
                            AND counts.hour >= start AND counts.hour < start + interval '24 hours'
                          GROUP BY 1) AS each), '{}') AS tool_usage,
       coalesce((SELECT jsonb_object_agg(value, events)
                   FROM (SELECT value, sum(events) AS events
                           FROM analytics.hourly_rollup_dimensions AS counts
                          WHERE counts.project_id = days.project_id AND counts.dimension = 'risk_mode'
                            AND counts.hour >= start AND counts.hour < start + interval '24 hours'
                          GROUP BY 1) AS each), '{}') AS risk_distribution
  FROM (SELECT project_id, date_trunc('day', hour, 'UTC') AS start, sum(total_events)::bigint AS total_events
          FROM analytics.hourly_rollups
         GROUP BY 1, 2) AS days;

CREATE OR REPLACE VIEW analytics.top_values AS
SELECT project_id, day, dimension, value, events,
       row_number() OVER (PARTITION BY project_id, day, dimension ORDER BY events DESC, value COLLATE "C") AS place
  FROM (SELECT project_id, (hour AT TIME ZONE 'UTC')::date AS day, dimension, value, sum(events)::bigint AS events
          FROM analytics.hourly_rollup_dimensions
         GROUP BY 1, 2, 3, 4) AS counts;

COMMENT ON VIEW analytics.daily_rollups IS 'One row per project and day (UTC): analytics.hourly_rollups added up. Leave out columns that you do not need: each is computed when asked for.';
COMMENT ON COLUMN analytics.daily_rollups.project_id IS 'The project.';
COMMENT ON COLUMN analytics.daily_rollups.day IS 'The day (UTC).';
COMMENT ON COLUMN analytics.daily_rollups.total_events IS 'Events of the day.';
COMMENT ON COLUMN analytics.daily_rollups.unique_sessions IS 'Different sessions of the day: exact up to 1,000, more with a standard error of 0.81 %. Not additive over days.';
COMMENT ON COLUMN analytics.daily_rollups.unique_users IS 'Different users of the day: exact up to 1,000, more with a standard error of 0.81 %. Not additive over days.';
COMMENT ON COLUMN analytics.daily_rollups.event_counts IS 'Events by event_type.';
COMMENT ON COLUMN analytics.daily_rollups.tool_usage IS 'Events by tool_name, of those that have one.';
COMMENT ON COLUMN analytics.daily_rollups.risk_distribution IS 'Events of type risk_mode_changed by properties.risk_mode.';

COMMENT ON VIEW analytics.top_values IS 'The values of a dimension by how often they occur: one row per project, day, dimension and value.';
COMMENT ON COLUMN analytics.top_values.project_id IS 'The project.';
COMMENT ON COLUMN analytics.top_values.day IS 'The day (UTC).';
COMMENT ON COLUMN analytics.top_values.dimension IS 'event_type, tool, risk_mode, or one that the settings name.';
COMMENT ON COLUMN analytics.top_values.value IS 'The value counted.';
COMMENT ON COLUMN analytics.top_values.events IS 'Events of the day with this value.';
COMMENT ON COLUMN analytics.top_values.place IS '1 for the most frequent value of the day and dimension; ties in the order of the value.';

CREATE OR REPLACE VIEW analytics.freshness AS
SELECT project.project_id,
       least(completeness.complete_through, held.complete_through)::timestamptz(3) AS complete_through,
       date_trunc('hour', least(completeness.complete_through, held.complete_through), 'UTC') - interval '1 hour' AS last_complete_hour,
       extract(epoch FROM now() - least(completeness.complete_through, held.complete_through))::double precision AS lag_seconds,
       reconciled.reconciled_at,
       CASE WHEN reconciled.last_different_at > reconciled.reconciled_at - interval '24 hours'
            THEN 'different: ' || to_char(reconciled.last_different_hour AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
            WHEN reconciled.reconciled_at IS NOT NULL THEN 'equal' END AS reconciliation,
       completeness.complete_through AS stored_through
  FROM pipeline.completeness
  LEFT JOIN (SELECT DISTINCT project_id FROM analytics.hourly_rollups
             UNION
             SELECT project_id FROM pipeline.held_hours) AS project ON true
  LEFT JOIN (SELECT project_id, min(complete_through) AS complete_through
               FROM pipeline.held_hours
              GROUP BY project_id) AS held USING (project_id)
  LEFT JOIN pipeline.reconciled_projects AS reconciled USING (project_id);

COMMENT ON COLUMN analytics.freshness.reconciled_at IS 'When an hour of the project was last compared with its raw events; null before the first time.';
COMMENT ON COLUMN analytics.freshness.reconciliation IS 'equal, or different and the start of the hour last found so, within 24 hours; such an hour is recomputed. Null before the first time.';
