-- Hours whose rollups are compared with their raw rows once, for whoever can't tell that they are
-- equal. Each holds complete_through, like an announcement or a mark: docs/decisions/0013.

CREATE TABLE pipeline.hour_comparisons (
    project_id       text        NOT NULL,
    hour             timestamptz NOT NULL,
    reason           text        NOT NULL,
    complete_through timestamptz NOT NULL DEFAULT pipeline.complete_through(),
    requested_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (project_id, hour)
);

-- The newest hours are compared first: somebody may be looking at them.
CREATE INDEX hour_comparisons_by_hour ON pipeline.hour_comparisons (hour DESC, project_id);

COMMENT ON TABLE pipeline.hour_comparisons IS 'Hours that wait to be compared once with their raw rows.';
COMMENT ON COLUMN pipeline.hour_comparisons.reason IS 'Why, for people; nothing is decided by it.';
COMMENT ON COLUMN pipeline.hour_comparisons.complete_through IS 'What the hour holds complete_through at until then.';

CREATE OR REPLACE VIEW pipeline.held_hours AS
SELECT project_id, hour, complete_through FROM pipeline.pending_hours
UNION ALL
SELECT project_id, hour, complete_through FROM pipeline.hour_marks
UNION ALL
SELECT project_id, hour, complete_through FROM pipeline.hour_comparisons;
