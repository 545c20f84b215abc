-- Where rollups differ from their raw rows, in all their parts. Whoever asks does so in one
-- statement, so in one snapshot. Kept to a single SELECT: Postgres then plans it with the range and
-- the project that are asked for.

CREATE OR REPLACE FUNCTION analytics.rollup_differences(project text, from_hour timestamptz, to_hour timestamptz)
RETURNS TABLE (project_id text, hour timestamptz, difference text)
LANGUAGE sql STABLE AS $$
    WITH raw_hours AS (
        SELECT *
          FROM analytics.raw_rollups(project, from_hour, to_hour)),
    rollup_hours AS (
        SELECT r.*
          FROM analytics.hourly_rollups AS r
         WHERE r.hour >= from_hour AND r.hour < to_hour
           AND (project IS NULL OR r.project_id = project)),
    dimension_hours AS (
        SELECT c.project_id, c.hour,
               coalesce(jsonb_object_agg(c.value, c.events) FILTER (WHERE c.dimension = 'event_type'), '{}') AS event_counts,
               coalesce(jsonb_object_agg(c.value, c.events) FILTER (WHERE c.dimension = 'tool'), '{}') AS tool_usage,
               coalesce(jsonb_object_agg(c.value, c.events) FILTER (WHERE c.dimension = 'risk_mode'), '{}') AS risk_distribution
          FROM analytics.hourly_rollup_dimensions AS c
         WHERE c.hour >= from_hour AND c.hour < to_hour
           AND (project IS NULL OR c.project_id = project)
           AND c.dimension IN ('event_type', 'tool', 'risk_mode')
         GROUP BY c.project_id, c.hour),
    unlike_sketches AS (
        SELECT project_id, hour,
               string_agg(format('sketch of about %s %s, raw %s', analytics.unique_count_of(ARRAY[coalesce(held.sketch, '\x0100')]), kind,
                                 analytics.unique_count_of(ARRAY[coalesce(raw.sketch, '\x0100')])), '; ') AS difference
          FROM (SELECT s.project_id, s.start AS hour, s.kind, s.sketch
                  FROM analytics.unique_sketches AS s
                 WHERE s.grain = 'hour' AND s.start >= from_hour AND s.start < to_hour
                   AND (project IS NULL OR s.project_id = project)) AS held
          FULL JOIN analytics.raw_unique_sketches(project, from_hour, to_hour) AS raw USING (project_id, hour, kind)
         WHERE held.sketch IS DISTINCT FROM raw.sketch
         GROUP BY project_id, hour),
    unlike_dimensions AS (
        SELECT project_id, hour,
               string_agg(format('%s %s %s, raw %s', dimension, left(value, 50), coalesce(held.events::text, 'missing'),
                                 coalesce(raw.events::text, 'missing')), '; ' ORDER BY dimension, value) AS difference
          FROM (SELECT c.project_id, c.hour, c.dimension, c.value, c.events
                  FROM analytics.hourly_rollup_dimensions AS c
                 WHERE c.hour >= from_hour AND c.hour < to_hour
                   AND (project IS NULL OR c.project_id = project)
                   AND c.dimension NOT IN ('event_type', 'tool', 'risk_mode')) AS held
          FULL JOIN analytics.raw_dimensions(project, from_hour, to_hour) AS raw USING (project_id, hour, dimension, value)
         WHERE held.events IS DISTINCT FROM raw.events
         GROUP BY project_id, hour),
    unlike_measures AS (
        SELECT project_id, hour,
               string_agg(format('%s by %s %s: %s of %s, raw %s of %s', measure, dimension, left(value, 50),
                                 coalesce(held.sum::text, 'missing'), coalesce(held.count, 0),
                                 coalesce(raw.sum::text, 'missing'), coalesce(raw.count, 0)), '; ' ORDER BY measure, dimension, value) AS difference
          FROM (SELECT m.*
                  FROM analytics.hourly_rollup_measures AS m
                 WHERE m.hour >= from_hour AND m.hour < to_hour
                   AND (project IS NULL OR m.project_id = project)) AS held
          FULL JOIN analytics.raw_measures(project, from_hour, to_hour) AS raw USING (project_id, hour, measure, dimension, value)
         WHERE (held.count, held.sum, held.min, held.max, held.p50, held.p95, held.p99, held.sketch)
               IS DISTINCT FROM (raw.count, raw.sum, raw.min, raw.max, raw.p50, raw.p95, raw.p99, raw.sketch)
         GROUP BY project_id, hour)
    SELECT project_id, hour,
           nullif(concat_ws('; ', (SELECT string_agg(format('%s %s, raw %s', what, left(coalesce(rollup, 'missing'), 200), left(coalesce(raw, 'missing'), 200)), '; ')
              FROM (VALUES ('total_events', r.total_events::text, g.total_events::text),
                           ('unique_sessions', r.unique_sessions::text, g.unique_sessions::text),
                           ('unique_users', r.unique_users::text, g.unique_users::text),
                           ('event_counts', r.event_counts::text, g.event_counts::text),
                           ('tool_usage', r.tool_usage::text, g.tool_usage::text),
                           ('risk_distribution', r.risk_distribution::text, g.risk_distribution::text),
                           ('rows of dimension event_type', d.event_counts::text, g.event_counts::text),
                           ('rows of dimension tool', coalesce(d.tool_usage::text, '{}'), coalesce(g.tool_usage::text, '{}')),
                           ('rows of dimension risk_mode', coalesce(d.risk_distribution::text, '{}'), coalesce(g.risk_distribution::text, '{}')))
                   AS compared (what, rollup, raw)
             WHERE rollup IS DISTINCT FROM raw),
             unlike_sketches.difference, left(unlike_dimensions.difference, 1000), left(unlike_measures.difference, 1000)), '') AS difference
      FROM rollup_hours AS r
      FULL JOIN raw_hours AS g USING (project_id, hour)
      FULL JOIN dimension_hours AS d USING (project_id, hour)
      FULL JOIN unlike_sketches USING (project_id, hour)
      FULL JOIN unlike_dimensions USING (project_id, hour)
      FULL JOIN unlike_measures USING (project_id, hour)
$$;

COMMENT ON FUNCTION analytics.rollup_differences(text, timestamptz, timestamptz) IS 'The hours of a project (null: of all) that have rollups or raw rows, from an hour (included) to another (excluded), and where the two differ, in words; null where they are equal.';
