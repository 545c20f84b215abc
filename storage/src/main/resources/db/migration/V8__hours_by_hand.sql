-- Hours that are announced by hand, and how far all that waits has come.

ALTER TABLE pipeline.pending_hours ADD COLUMN made_at timestamptz NOT NULL DEFAULT clock_timestamp();

COMMENT ON COLUMN pipeline.pending_hours.made_at IS 'When the hour was announced.';

-- An hour may be in several states at once: announced anew while it is still marked.
CREATE VIEW pipeline.waiting_hours AS
SELECT project_id, hour, 'announced' AS state, min(made_at) AS since
  FROM pipeline.pending_hours
 GROUP BY project_id, hour
UNION ALL
SELECT project_id, hour,
       CASE WHEN (project_id, hour) IN (SELECT due.project_id, due.hour FROM pipeline.due_hours AS due)
            THEN 'due' ELSE 'paced' END,
       min(made_at)
  FROM pipeline.hour_marks
 GROUP BY project_id, hour;

COMMENT ON VIEW pipeline.waiting_hours IS 'Hours whose rollups wait to be made of raw rows.';
COMMENT ON COLUMN pipeline.waiting_hours.project_id IS 'The project.';
COMMENT ON COLUMN pipeline.waiting_hours.hour IS 'Start of the hour (UTC).';
COMMENT ON COLUMN pipeline.waiting_hours.state IS 'announced: about to become the raw table''s; due: to be recomputed next; paced: recomputed a moment ago, and changed since.';
COMMENT ON COLUMN pipeline.waiting_hours.since IS 'The oldest announcement or change that waits.';
