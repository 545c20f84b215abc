-- Records that were set aside and put back: what became of them stands with the new record.

ALTER TABLE analytics.rejected_events
    ADD COLUMN replayed_at timestamptz,
    ADD COLUMN replayed_as text,
    ADD COLUMN replay_of   text;

COMMENT ON COLUMN analytics.rejected_events.replayed_at IS 'When the record was put back on its topic; null while it was not.';
COMMENT ON COLUMN analytics.rejected_events.replayed_as IS 'The record that it became then, as topic-partition@offset; null while there is none.';
COMMENT ON COLUMN analytics.rejected_events.replay_of IS 'The record that this one repeats, as topic-partition@offset; null for a first try.';
