-- Schema analytics is for everybody who reads; schema pipeline is Tidemill's own.

CREATE TABLE analytics.events (
    project_id      text           NOT NULL,
    event_id        text           NOT NULL,
    event_type      text           NOT NULL,
    user_id         text,
    session_id      text,
    tool_name       text,
    action          text,
    demo_mode       boolean        NOT NULL,
    properties      jsonb,
    metadata        jsonb,
    prompt_text     text,
    ai_response     text,
    timestamp       timestamptz(3) NOT NULL,
    received_at     timestamptz(3) NOT NULL,
    clock_offset_ms bigint,
    PRIMARY KEY (project_id, timestamp, event_id)
) PARTITION BY RANGE (timestamp);

-- For GET /api/events/{event_id}: without it, one look-up scans every day. docs/decisions/0006 has
-- its cost.
CREATE INDEX events_by_id ON analytics.events (project_id, event_id);

COMMENT ON TABLE analytics.events IS 'Every accepted event, once. One partition a day (UTC) on timestamp.';
COMMENT ON COLUMN analytics.events.project_id IS 'Project of the key that the event was sent with.';
COMMENT ON COLUMN analytics.events.event_id IS 'The sender''s id, or one minted on receipt. Identity is (project_id, timestamp, event_id).';
COMMENT ON COLUMN analytics.events.event_type IS 'What happened, in the sender''s words.';
COMMENT ON COLUMN analytics.events.user_id IS 'Who did it; null when the event names no user.';
COMMENT ON COLUMN analytics.events.session_id IS 'In which session; null when the event names none.';
COMMENT ON COLUMN analytics.events.tool_name IS 'The tool it was about; null when not sent.';
COMMENT ON COLUMN analytics.events.action IS 'What was done with the tool; null when not sent.';
COMMENT ON COLUMN analytics.events.demo_mode IS 'Whether the sender called it a demonstration.';
COMMENT ON COLUMN analytics.events.properties IS 'The event''s own fields, as sent.';
COMMENT ON COLUMN analytics.events.metadata IS 'Fields about the event, as sent.';
COMMENT ON COLUMN analytics.events.prompt_text IS 'Text given to a model; null when not sent.';
COMMENT ON COLUMN analytics.events.ai_response IS 'Text a model answered; null when not sent.';
COMMENT ON COLUMN analytics.events.timestamp IS 'When it happened by the sender''s word, cut to the millisecond.';
COMMENT ON COLUMN analytics.events.received_at IS 'When the gateway received it.';
COMMENT ON COLUMN analytics.events.clock_offset_ms IS 'received_at minus the sender''s clock at sending, in ms; null when not sent.';

CREATE TABLE analytics.hourly_rollups (
    project_id        text        NOT NULL,
    hour              timestamptz NOT NULL,
    total_events      bigint      NOT NULL,
    unique_sessions   bigint      NOT NULL,
    unique_users      bigint      NOT NULL,
    event_counts      jsonb       NOT NULL,
    tool_usage        jsonb       NOT NULL,
    risk_distribution jsonb       NOT NULL,
    revision          bigint      NOT NULL,
    created_at        timestamptz NOT NULL DEFAULT now(),
    updated_at        timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (project_id, hour)
) WITH (fillfactor = 80);

COMMENT ON TABLE analytics.hourly_rollups IS 'One row per project and hour: what a GROUP BY over analytics.events gives.';
COMMENT ON COLUMN analytics.hourly_rollups.project_id IS 'The project.';
COMMENT ON COLUMN analytics.hourly_rollups.hour IS 'Start of the hour (UTC).';
COMMENT ON COLUMN analytics.hourly_rollups.total_events IS 'Events of the hour.';
COMMENT ON COLUMN analytics.hourly_rollups.unique_sessions IS 'Distinct session_id of the hour, exact. Not additive over hours.';
COMMENT ON COLUMN analytics.hourly_rollups.unique_users IS 'Distinct user_id of the hour, exact. Not additive over hours.';
COMMENT ON COLUMN analytics.hourly_rollups.event_counts IS 'Events by event_type.';
COMMENT ON COLUMN analytics.hourly_rollups.tool_usage IS 'Events by tool_name, of those that have one.';
COMMENT ON COLUMN analytics.hourly_rollups.risk_distribution IS 'Events of type risk_mode_changed by properties.risk_mode.';
COMMENT ON COLUMN analytics.hourly_rollups.revision IS 'Grows with every change of the row; an older one never replaces a newer one.';
COMMENT ON COLUMN analytics.hourly_rollups.created_at IS 'When the row was first written.';
COMMENT ON COLUMN analytics.hourly_rollups.updated_at IS 'When the row was last written.';

CREATE TABLE analytics.hourly_rollup_dimensions (
    project_id text        NOT NULL,
    hour       timestamptz NOT NULL,
    dimension  text        NOT NULL,
    value      text        NOT NULL,
    events     bigint      NOT NULL,
    PRIMARY KEY (project_id, hour, dimension, value)
);

COMMENT ON TABLE analytics.hourly_rollup_dimensions IS 'The counts of analytics.hourly_rollups as rows: one per project, hour, dimension and value.';
COMMENT ON COLUMN analytics.hourly_rollup_dimensions.project_id IS 'The project.';
COMMENT ON COLUMN analytics.hourly_rollup_dimensions.hour IS 'Start of the hour (UTC).';
COMMENT ON COLUMN analytics.hourly_rollup_dimensions.dimension IS 'event_type, tool or risk_mode.';
COMMENT ON COLUMN analytics.hourly_rollup_dimensions.value IS 'The value counted.';
COMMENT ON COLUMN analytics.hourly_rollup_dimensions.events IS 'Events of the hour with this value.';

CREATE TABLE analytics.rejected_events (
    topic         text        NOT NULL,
    kafka_partition integer   NOT NULL,
    kafka_offset  bigint      NOT NULL,
    reason        text        NOT NULL,
    detail        text        NOT NULL,
    first_seen    timestamptz NOT NULL DEFAULT now(),
    record_key    bytea,
    record_value  bytea,
    PRIMARY KEY (topic, kafka_partition, kafka_offset)
);

COMMENT ON TABLE analytics.rejected_events IS 'Records that could not be stored, set aside with the reason.';
COMMENT ON COLUMN analytics.rejected_events.topic IS 'Topic the record came from.';
COMMENT ON COLUMN analytics.rejected_events.kafka_partition IS 'Partition the record came from.';
COMMENT ON COLUMN analytics.rejected_events.kafka_offset IS 'Offset of the record.';
COMMENT ON COLUMN analytics.rejected_events.reason IS 'Stable code of the reason.';
COMMENT ON COLUMN analytics.rejected_events.detail IS 'The reason in words.';
COMMENT ON COLUMN analytics.rejected_events.first_seen IS 'When it was set aside.';
COMMENT ON COLUMN analytics.rejected_events.record_key IS 'The record''s key, as read.';
COMMENT ON COLUMN analytics.rejected_events.record_value IS 'The record''s value, as read.';

-- The newest revision applied of each part of each hour; outlives deleted rows.
CREATE TABLE pipeline.rollup_parts (
    project_id text        NOT NULL,
    hour       timestamptz NOT NULL,
    part       text        NOT NULL,
    revision   bigint      NOT NULL,
    PRIMARY KEY (project_id, hour, part)
) WITH (fillfactor = 70);

COMMENT ON TABLE pipeline.rollup_parts IS 'The newest revision applied of each part of each hour.';

-- The authority on what has been read: written in the transaction that writes the rows.
CREATE TABLE pipeline.consumer_offsets (
    consumer    text        NOT NULL,
    topic       text        NOT NULL,
    partition   integer     NOT NULL,
    next_offset bigint      NOT NULL,
    updated_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (consumer, topic, partition)
) WITH (fillfactor = 50);

COMMENT ON TABLE pipeline.consumer_offsets IS 'The next offset to read of each partition: the authority, ahead of Kafka''s own.';

-- One row: the instant before which every acknowledged event is counted.
CREATE TABLE pipeline.completeness (
    only_row         boolean        PRIMARY KEY DEFAULT true CHECK (only_row),
    complete_through timestamptz(3) NOT NULL,
    updated_at       timestamptz    NOT NULL DEFAULT now()
);

COMMENT ON TABLE pipeline.completeness IS 'The instant before which every acknowledged event is in the tables.';

CREATE VIEW analytics.freshness AS
SELECT project.project_id,
       completeness.complete_through,
       date_trunc('hour', completeness.complete_through, 'UTC') - interval '1 hour' AS last_complete_hour,
       extract(epoch FROM now() - completeness.complete_through)::double precision AS lag_seconds,
       NULL::timestamptz AS reconciled_at,
       NULL::text AS reconciliation
  FROM pipeline.completeness
  LEFT JOIN (SELECT DISTINCT project_id FROM analytics.hourly_rollups) AS project ON true;

COMMENT ON VIEW analytics.freshness IS 'How fresh the tables are, per project.';
COMMENT ON COLUMN analytics.freshness.project_id IS 'The project; one row with null while there are no rollups at all.';
COMMENT ON COLUMN analytics.freshness.complete_through IS 'Every event acknowledged before this instant is counted.';
COMMENT ON COLUMN analytics.freshness.last_complete_hour IS 'Start of the newest hour that has ended before complete_through.';
COMMENT ON COLUMN analytics.freshness.lag_seconds IS 'Seconds between now and complete_through.';
COMMENT ON COLUMN analytics.freshness.reconciled_at IS 'When rollups were last compared with raw events; null before the first time.';
COMMENT ON COLUMN analytics.freshness.reconciliation IS 'What that comparison found; null before the first time.';

-- Creates the partition of a day, when it is missing. Attached rather than created in place, so that
-- readers and writers of the other days are not held up.
CREATE FUNCTION pipeline.create_events_partition(day date) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    name text := 'events_' || to_char(day, 'YYYYMMDD');
    lower_bound timestamptz := day::timestamp AT TIME ZONE 'UTC';
    upper_bound timestamptz := (day + 1)::timestamp AT TIME ZONE 'UTC';
BEGIN
    IF to_regclass('analytics.' || name) IS NOT NULL THEN
        RETURN;
    END IF;
    -- One at a time: several sinks start together. Also what attaching needs; readers and writers go on.
    LOCK TABLE analytics.events IN SHARE UPDATE EXCLUSIVE MODE;
    IF to_regclass('analytics.' || name) IS NOT NULL THEN
        RETURN;
    END IF;
    EXECUTE format('CREATE TABLE analytics.%I (LIKE analytics.events INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING COMMENTS)', name);
    EXECUTE format('ALTER TABLE analytics.%I ADD CHECK (timestamp >= %L AND timestamp < %L)', name, lower_bound, upper_bound);
    -- Rows are only added, so vacuum has to be told to look at them.
    EXECUTE format('ALTER TABLE analytics.%I SET (autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 1000000)', name);
    EXECUTE format('ALTER TABLE analytics.events ATTACH PARTITION analytics.%I FOR VALUES FROM (%L) TO (%L)', name, lower_bound, upper_bound);
END $$;

COMMENT ON FUNCTION pipeline.create_events_partition(date) IS 'Creates the partition of analytics.events for a day (UTC) when it is missing.';

-- Of some days, those that have a partition; days near today get theirs first, by this server's clock.
CREATE FUNCTION pipeline.prepare_events_partitions(days date[], days_back integer, days_ahead integer) RETURNS SETOF date
LANGUAGE plpgsql AS $$
DECLARE
    today date := (now() AT TIME ZONE 'UTC')::date;
    day date;
BEGIN
    FOREACH day IN ARRAY days LOOP
        IF day BETWEEN today - days_back AND today + days_ahead THEN
            PERFORM pipeline.create_events_partition(day);
        END IF;
        IF to_regclass('analytics.events_' || to_char(day, 'YYYYMMDD')) IS NOT NULL THEN
            RETURN NEXT day;
        END IF;
    END LOOP;
END $$;

COMMENT ON FUNCTION pipeline.prepare_events_partitions(date[], integer, integer) IS 'Of some days (UTC), those that have a partition of analytics.events, created now when the day is near today.';
