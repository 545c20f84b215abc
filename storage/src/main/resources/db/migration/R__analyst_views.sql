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
COMMENT ON COLUMN analytics.top_values.dimension IS 'event_type, tool or risk_mode.';
COMMENT ON COLUMN analytics.top_values.value IS 'The value counted.';
COMMENT ON COLUMN analytics.top_values.events IS 'Events of the day with this value.';
COMMENT ON COLUMN analytics.top_values.place IS '1 for the most frequent value of the day and dimension; ties in the order of the value.';
