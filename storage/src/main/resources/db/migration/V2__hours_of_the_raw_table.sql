-- Every hour of a project has one owner: the topology, until somebody can't vouch for its counts;
-- the raw table ever after. docs/decisions/0013 has the protocol.

-- What a mark or an announcement holds its hour at: everything acknowledged before is in the tables.
CREATE FUNCTION pipeline.complete_through() RETURNS timestamptz
LANGUAGE sql STABLE AS $$
    SELECT coalesce((SELECT complete_through FROM pipeline.completeness), timestamptz 'epoch')
$$;

COMMENT ON FUNCTION pipeline.complete_through() IS 'The instant before which every acknowledged event is in the tables; 1970 while none is known.';

CREATE TABLE pipeline.raw_hours (
    project_id    text        NOT NULL,
    hour          timestamptz NOT NULL,
    owned_since   timestamptz NOT NULL DEFAULT now(),
    recomputed_at timestamptz,
    took          interval,
    PRIMARY KEY (project_id, hour)
) WITH (fillfactor = 70);

COMMENT ON TABLE pipeline.raw_hours IS 'Hours whose rollups are a GROUP BY over raw rows; all others are the topology''s.';
COMMENT ON COLUMN pipeline.raw_hours.recomputed_at IS 'End of the last recomputation; null before the first.';
COMMENT ON COLUMN pipeline.raw_hours.took IS 'How long the last recomputation took; null before the first.';

CREATE TABLE pipeline.pending_hours (
    id               bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    project_id       text        NOT NULL,
    hour             timestamptz NOT NULL,
    reason           text        NOT NULL,
    complete_through timestamptz NOT NULL DEFAULT pipeline.complete_through()
);

CREATE INDEX pending_hours_by_hour ON pipeline.pending_hours (project_id, hour);

COMMENT ON TABLE pipeline.pending_hours IS 'Announcements: hours that are about to become the raw table''s.';

CREATE TABLE pipeline.hour_marks (
    id               bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    project_id       text        NOT NULL,
    hour             timestamptz NOT NULL,
    complete_through timestamptz NOT NULL DEFAULT pipeline.complete_through(),
    made_at          timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE INDEX hour_marks_by_hour ON pipeline.hour_marks (project_id, hour);

COMMENT ON TABLE pipeline.hour_marks IS 'Changes to raw rows of an hour of the raw table that its rollup may not hold yet.';

CREATE VIEW pipeline.held_hours AS
SELECT project_id, hour, complete_through FROM pipeline.pending_hours
UNION ALL
SELECT project_id, hour, complete_through FROM pipeline.hour_marks;

COMMENT ON VIEW pipeline.held_hours IS 'Hours that hold complete_through, for every range that touches them.';

-- One that still receives marks waits ten times as long as it last took; one that has been quiet for
-- as long as that took is due at once.
CREATE VIEW pipeline.due_hours AS
SELECT project_id, hour, marked.first_mark
  FROM (SELECT project_id, hour, min(id) AS first_mark, max(made_at) AS last_made
          FROM pipeline.hour_marks
         GROUP BY project_id, hour) AS marked
  JOIN pipeline.raw_hours USING (project_id, hour)
 WHERE recomputed_at IS NULL
    OR last_made + took <= clock_timestamp()
    OR recomputed_at + 10 * took <= clock_timestamp();

COMMENT ON VIEW pipeline.due_hours IS 'Hours whose recomputation is due.';

CREATE VIEW analytics.recomputed_hours AS
SELECT project_id, hour, owned_since IS NOT NULL AS from_raw, recomputed_at, held.complete_through
  FROM pipeline.raw_hours
  FULL JOIN (SELECT project_id, hour, min(complete_through) AS complete_through
               FROM pipeline.held_hours
              GROUP BY project_id, hour) AS held USING (project_id, hour);

COMMENT ON VIEW analytics.recomputed_hours IS 'Hours whose rollups are recomputed from raw rows: late, conflicting or repaired ones. All others are counted as they arrive.';
COMMENT ON COLUMN analytics.recomputed_hours.project_id IS 'The project.';
COMMENT ON COLUMN analytics.recomputed_hours.hour IS 'Start of the hour (UTC).';
COMMENT ON COLUMN analytics.recomputed_hours.from_raw IS 'Whether the hour''s rollup is made of raw rows already; false for a moment after it was announced.';
COMMENT ON COLUMN analytics.recomputed_hours.recomputed_at IS 'When it was last recomputed; null before the first time.';
COMMENT ON COLUMN analytics.recomputed_hours.complete_through IS 'While a recomputation is due: events acknowledged before this instant are in the rollup. Null when none is due.';

-- What rollups must equal. Of a dimension the 1,000 most frequent values, ties in byte order, and the
-- rest as __other__, which a value of that name joins. The risk mode is a string cut to 200 code points, a boolean, or a whole
-- number below 2^53 as digits.
CREATE FUNCTION analytics.raw_rollups(project text, from_hour timestamptz, to_hour timestamptz)
RETURNS TABLE (project_id text, hour timestamptz, total_events bigint, unique_sessions bigint, unique_users bigint,
               event_counts jsonb, tool_usage jsonb, risk_distribution jsonb)
LANGUAGE sql STABLE AS $$
    WITH raw AS MATERIALIZED (
        SELECT e.project_id, date_trunc('hour', e.timestamp, 'UTC') AS hour, e.event_type, e.tool_name, e.session_id, e.user_id,
               CASE WHEN e.event_type = 'risk_mode_changed' THEN
                   CASE jsonb_typeof(e.properties -> 'risk_mode')
                       WHEN 'string' THEN left(e.properties ->> 'risk_mode', 200)
                       WHEN 'boolean' THEN e.properties ->> 'risk_mode'
                       WHEN 'number' THEN
                           CASE WHEN abs((e.properties ->> 'risk_mode')::numeric) < 9007199254740992
                                 AND trunc((e.properties ->> 'risk_mode')::numeric) = (e.properties ->> 'risk_mode')::numeric
                                THEN trunc((e.properties ->> 'risk_mode')::numeric)::text
                           END
                   END
               END AS risk_mode
          FROM analytics.events AS e
         WHERE e.timestamp >= from_hour AND e.timestamp < to_hour
           AND (project IS NULL OR e.project_id = project)),
    totals AS (
        SELECT raw.project_id, raw.hour, count(*) AS total_events,
               count(DISTINCT session_id) AS unique_sessions, count(DISTINCT user_id) AS unique_users
          FROM raw
         GROUP BY raw.project_id, raw.hour),
    counts AS (
        SELECT raw.project_id, raw.hour, dimension, value, count(*) AS events
          FROM raw
         CROSS JOIN LATERAL (VALUES ('event_type', event_type), ('tool', tool_name), ('risk_mode', risk_mode))
               AS built_in (dimension, value)
         WHERE value IS NOT NULL
         GROUP BY raw.project_id, raw.hour, dimension, value),
    ranked AS (
        SELECT counts.project_id, counts.hour, counts.dimension, counts.value, counts.events,
               row_number() OVER (PARTITION BY counts.project_id, counts.hour, counts.dimension, counts.value = '__other__'
                                  ORDER BY counts.events DESC, counts.value COLLATE "C") AS place
          FROM counts),
    shown AS (
        SELECT ranked.project_id, ranked.hour, dimension,
               CASE WHEN place <= 1000 THEN value ELSE '__other__' END AS value, sum(events)::bigint AS events
          FROM ranked
         GROUP BY 1, 2, 3, 4),
    dimensions AS (
        SELECT shown.project_id, shown.hour,
               coalesce(jsonb_object_agg(value, events) FILTER (WHERE dimension = 'event_type'), '{}') AS event_counts,
               coalesce(jsonb_object_agg(value, events) FILTER (WHERE dimension = 'tool'), '{}') AS tool_usage,
               coalesce(jsonb_object_agg(value, events) FILTER (WHERE dimension = 'risk_mode'), '{}') AS risk_distribution
          FROM shown
         GROUP BY shown.project_id, shown.hour)
    SELECT totals.project_id, totals.hour, totals.total_events, totals.unique_sessions, totals.unique_users,
           dimensions.event_counts, dimensions.tool_usage, dimensions.risk_distribution
      FROM totals JOIN dimensions USING (project_id, hour)
$$;

COMMENT ON FUNCTION analytics.raw_rollups(text, timestamptz, timestamptz) IS 'The rollups of a project (null: of all) as a GROUP BY over its raw rows, from an hour (included) to another (excluded).';

CREATE OR REPLACE VIEW analytics.freshness AS
SELECT project.project_id,
       least(completeness.complete_through, held.complete_through)::timestamptz(3) AS complete_through,
       date_trunc('hour', least(completeness.complete_through, held.complete_through), 'UTC') - interval '1 hour' AS last_complete_hour,
       extract(epoch FROM now() - least(completeness.complete_through, held.complete_through))::double precision AS lag_seconds,
       NULL::timestamptz AS reconciled_at,
       NULL::text AS reconciliation,
       completeness.complete_through AS stored_through
  FROM pipeline.completeness
  LEFT JOIN (SELECT DISTINCT project_id FROM analytics.hourly_rollups
             UNION
             SELECT project_id FROM pipeline.held_hours) AS project ON true
  LEFT JOIN (SELECT project_id, min(complete_through) AS complete_through
               FROM pipeline.held_hours
              GROUP BY project_id) AS held USING (project_id);

COMMENT ON COLUMN analytics.freshness.complete_through IS 'Every event acknowledged before this instant is counted, in every hour of the project.';
COMMENT ON COLUMN analytics.freshness.stored_through IS 'Every event acknowledged before this instant is stored, and counted but for the hours of analytics.recomputed_hours that have a complete_through.';
