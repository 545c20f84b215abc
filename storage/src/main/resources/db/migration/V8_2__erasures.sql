-- Users whose events must go and stay away, and what was done about it. docs/decisions/0021 has why.

CREATE TABLE pipeline.erasures (
    project_id      text        NOT NULL,
    user_id         text        NOT NULL,
    received_before timestamptz NOT NULL,
    recorded_at     timestamptz NOT NULL DEFAULT now(),
    erased_through  timestamptz NOT NULL DEFAULT '-infinity',
    done_at         timestamptz,
    events          bigint      NOT NULL DEFAULT 0,
    hours           bigint      NOT NULL DEFAULT 0,
    rejected        bigint      NOT NULL DEFAULT 0,
    PRIMARY KEY (project_id, user_id)
);

CREATE INDEX erasures_under_way ON pipeline.erasures (recorded_at) WHERE done_at IS NULL;

COMMENT ON TABLE pipeline.erasures IS 'Users whose events must go, and stay away; kept for good. Written under all writers'' locks held alone, read by each writer under its own.';
COMMENT ON COLUMN pipeline.erasures.received_before IS 'Events that the gateway received before this instant are covered.';
COMMENT ON COLUMN pipeline.erasures.recorded_at IS 'Since when events that are covered are set aside; of several records, the last.';
COMMENT ON COLUMN pipeline.erasures.erased_through IS 'No row of the user has a timestamp before this instant any more.';
COMMENT ON COLUMN pipeline.erasures.done_at IS 'When the last row was gone; null while some may be there.';
COMMENT ON COLUMN pipeline.erasures.events IS 'Rows of analytics.events that were deleted.';
COMMENT ON COLUMN pipeline.erasures.hours IS 'Hours that they were in, each counted again when rows were deleted in it again.';
COMMENT ON COLUMN pipeline.erasures.rejected IS 'Rows of analytics.rejected_events whose content was removed.';
