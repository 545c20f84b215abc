-- What is kept how long. docs/decisions/0019 has the steps by which a day goes.

CREATE FUNCTION pipeline.clock() RETURNS timestamptz
LANGUAGE sql STABLE AS $$ SELECT now() $$;

COMMENT ON FUNCTION pipeline.clock() IS 'The clock by which days come and go: a function of its own, so that a test lets years pass.';

CREATE TABLE pipeline.retention_windows (
    project_id  text        PRIMARY KEY,
    raw_days    integer     CHECK (raw_days > 0),
    rollup_days integer     CHECK (rollup_days > 0),
    since       timestamptz NOT NULL DEFAULT now()
);

COMMENT ON TABLE pipeline.retention_windows IS 'The windows in force, per project that has its own, and under the empty name for all others. A shorter one comes into force when it is confirmed, or removes nothing.';
COMMENT ON COLUMN pipeline.retention_windows.raw_days IS 'Whole days that raw events are kept; null for ever.';
COMMENT ON COLUMN pipeline.retention_windows.rollup_days IS 'Whole days that rollups and cohorts are kept; null for ever.';

-- Days of raw rows go in their order, so one instant says which have gone.
CREATE TABLE pipeline.raw_bounds (
    project_id     text        PRIMARY KEY,
    final_before   timestamptz NOT NULL,
    removed_before timestamptz NOT NULL DEFAULT '-infinity',
    CHECK (removed_before <= final_before)
);

COMMENT ON TABLE pipeline.raw_bounds IS 'How far raw rows have gone: of a project, or under the empty name of all.';
COMMENT ON COLUMN pipeline.raw_bounds.final_before IS 'Hours before this take no more events, revisions or announcements.';
COMMENT ON COLUMN pipeline.raw_bounds.removed_before IS 'Raw rows before this are gone or going: hours before it are neither recomputed nor compared.';

CREATE FUNCTION pipeline.final_before(project text) RETURNS timestamptz
LANGUAGE sql STABLE AS $$
    SELECT coalesce(max(final_before), '-infinity') FROM pipeline.raw_bounds WHERE project_id IN (project, '')
$$;

COMMENT ON FUNCTION pipeline.final_before(text) IS 'Hours of the project before this instant are final.';

CREATE FUNCTION pipeline.removed_before(project text) RETURNS timestamptz
LANGUAGE sql STABLE AS $$
    SELECT coalesce(max(removed_before), '-infinity') FROM pipeline.raw_bounds WHERE project_id IN (project, '')
$$;

COMMENT ON FUNCTION pipeline.removed_before(text) IS 'Raw rows of the project before this instant are gone.';

-- The name is looked at first: a condition on the day may be tried on every relation there is.
CREATE VIEW pipeline.events_days AS
SELECT day, relname::text AS partition, day::timestamp AT TIME ZONE 'UTC' AS starts, (day + 1)::timestamp AT TIME ZONE 'UTC' AS ends
  FROM (SELECT relname, to_date(substring(relname::text FROM '^events_([0-9]{8})$'), 'YYYYMMDD') AS day
          FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
         WHERE inhparent = 'analytics.events'::regclass) AS partitions;

COMMENT ON VIEW pipeline.events_days IS 'The days (UTC) that have a partition of analytics.events.';

CREATE FUNCTION pipeline.has_raw_rows(project text, of_hour timestamptz) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT to_regclass('analytics.events_' || to_char(of_hour AT TIME ZONE 'UTC', 'YYYYMMDD')) IS NOT NULL
       AND of_hour >= pipeline.removed_before(project)
$$;

COMMENT ON FUNCTION pipeline.has_raw_rows(text, timestamptz) IS 'Whether the raw rows of an hour are all still kept: the only ones that rollups can be made of or compared with.';

-- As before, but by the windows in force, and never a day that has gone.
DROP FUNCTION pipeline.prepare_events_partitions(date[], integer, integer);

CREATE FUNCTION pipeline.prepare_events_partitions(days date[], days_ahead integer) RETURNS SETOF date
LANGUAGE plpgsql AS $$
DECLARE
    today date := (pipeline.clock() AT TIME ZONE 'UTC')::date;
    -- One more than raw events are kept; 30 days while nobody has said otherwise.
    first date := today - 1 - (SELECT CASE WHEN bool_or(raw_days IS NULL) THEN 36500 ELSE coalesce(max(raw_days), 30) END
                                 FROM pipeline.retention_windows);
    final timestamptz := pipeline.final_before('');
    day date;
BEGIN
    FOREACH day IN ARRAY days LOOP
        IF day BETWEEN first AND today + days_ahead AND day::timestamp AT TIME ZONE 'UTC' >= final THEN
            PERFORM pipeline.create_events_partition(day);
        END IF;
        IF to_regclass('analytics.events_' || to_char(day, 'YYYYMMDD')) IS NOT NULL THEN
            RETURN NEXT day;
        END IF;
    END LOOP;
END $$;

COMMENT ON FUNCTION pipeline.prepare_events_partitions(date[], integer) IS 'Of some days (UTC), those that have a partition of analytics.events, created now when the day is near today.';

-- Hops from one project to the next by the primary keys: the cost goes by the number of projects,
-- not of rows.
CREATE FUNCTION pipeline.projects_between(since timestamptz, until timestamptz) RETURNS SETOF text
LANGUAGE sql STABLE AS $$
    WITH RECURSIVE raw AS (
        (SELECT project_id FROM analytics.events WHERE timestamp >= since AND timestamp < until ORDER BY project_id LIMIT 1)
        UNION ALL
        SELECT (SELECT e.project_id FROM analytics.events AS e
                 WHERE e.timestamp >= since AND e.timestamp < until AND e.project_id > raw.project_id
                 ORDER BY e.project_id LIMIT 1)
          FROM raw WHERE raw.project_id IS NOT NULL),
    counted AS (
        (SELECT project_id FROM analytics.hourly_rollups ORDER BY project_id LIMIT 1)
        UNION ALL
        SELECT (SELECT r.project_id FROM analytics.hourly_rollups AS r
                 WHERE r.project_id > counted.project_id ORDER BY r.project_id LIMIT 1)
          FROM counted WHERE counted.project_id IS NOT NULL)
    SELECT project_id FROM raw WHERE project_id IS NOT NULL
    UNION
    SELECT project_id FROM counted
     WHERE EXISTS (SELECT FROM analytics.hourly_rollups AS r
                    WHERE r.project_id = counted.project_id AND r.hour >= since AND r.hour < until)
$$;

COMMENT ON FUNCTION pipeline.projects_between(timestamptz, timestamptz) IS 'The projects that have raw rows or rollups in a range.';

CREATE FUNCTION pipeline.request_comparisons(project text, since timestamptz, until timestamptz, why text) RETURNS bigint
LANGUAGE sql AS $$
    WITH requested AS (
        INSERT INTO pipeline.hour_comparisons (project_id, hour, reason)
        SELECT each.project_id, hours.hour, why
          FROM (SELECT project WHERE project IS NOT NULL
                UNION ALL
                SELECT pipeline.projects_between(since, until) WHERE project IS NULL) AS each (project_id)
         CROSS JOIN generate_series(since, until - interval '1 hour', interval '1 hour') AS hours (hour)
         WHERE hours.hour >= pipeline.removed_before(each.project_id)
           AND (EXISTS (SELECT FROM analytics.events AS e
                         WHERE e.project_id = each.project_id AND e.timestamp >= hours.hour
                           AND e.timestamp < hours.hour + interval '1 hour')
                OR EXISTS (SELECT FROM analytics.hourly_rollups AS r
                            WHERE r.project_id = each.project_id AND r.hour = hours.hour))
        ON CONFLICT DO NOTHING
        RETURNING 1)
    SELECT count(*) FROM requested
$$;

COMMENT ON FUNCTION pipeline.request_comparisons(text, timestamptz, timestamptz, text) IS 'Asks for a comparison of each hour of a project (null: of all) that has raw rows or a rollup, in a range.';

-- A day is made final for a project (the empty name: for all). The caller holds the writers' locks.
CREATE FUNCTION pipeline.make_final(project text, before timestamptz) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    known timestamptz := pipeline.final_before(project);
    requested bigint;
BEGIN
    IF before <= known THEN
        RETURN 0;
    END IF;
    INSERT INTO pipeline.raw_bounds AS bound (project_id, final_before) VALUES (project, before)
    ON CONFLICT (project_id) DO UPDATE SET final_before = greatest(bound.final_before, EXCLUDED.final_before);
    SELECT coalesce(sum(pipeline.request_comparisons(nullif(project, ''), day.starts, day.ends, 'final')), 0)
      INTO requested
      FROM pipeline.events_days AS day
     WHERE day.starts >= known AND day.ends <= before;
    RETURN requested;
END $$;

COMMENT ON FUNCTION pipeline.make_final(text, timestamptz) IS 'Makes all hours of a project (empty: of all) before an instant final, each flagged for one comparison with its raw rows. Under all writers'' locks.';

-- When a final day may go: nothing of it waits any more. The caller holds the locks that keep it so.
CREATE FUNCTION pipeline.is_settled(project text, since timestamptz, until timestamptz) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT until <= pipeline.final_before(project)
       AND NOT EXISTS (SELECT FROM pipeline.held_hours
                        WHERE hour >= since AND hour < until AND (project = '' OR project_id = project))
$$;

COMMENT ON FUNCTION pipeline.is_settled(text, timestamptz, timestamptz) IS 'Whether a range of a project (empty: of all) is final, and no mark, announcement or comparison of it is left.';

CREATE FUNCTION pipeline.note_removed(project text, before timestamptz) RETURNS void
LANGUAGE sql AS $$
    INSERT INTO pipeline.raw_bounds AS bound (project_id, final_before, removed_before) VALUES (project, before, before)
    ON CONFLICT (project_id) DO UPDATE
       SET final_before = greatest(bound.final_before, EXCLUDED.final_before),
           removed_before = greatest(bound.removed_before, EXCLUDED.removed_before)
$$;

COMMENT ON FUNCTION pipeline.note_removed(text, timestamptz) IS 'Notes that raw rows of a project (empty: of all) before an instant go.';

CREATE FUNCTION pipeline.drop_events_partition(of_day date) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    name text := 'events_' || to_char(of_day, 'YYYYMMDD');
BEGIN
    EXECUTE format('ALTER TABLE analytics.events DETACH PARTITION analytics.%I', name);
    EXECUTE format('DROP TABLE analytics.%I', name);
END $$;

COMMENT ON FUNCTION pipeline.drop_events_partition(date) IS 'Removes a day (UTC) with all its raw rows.';

-- Some rows of a project's day: small transactions let everybody else go on.
CREATE FUNCTION pipeline.delete_raw_rows(project text, of_day date, most integer) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    deleted bigint;
BEGIN
    EXECUTE format('DELETE FROM analytics.%1$I WHERE ctid = ANY (ARRAY(SELECT ctid FROM analytics.%1$I WHERE project_id = $1 LIMIT $2))',
                   'events_' || to_char(of_day, 'YYYYMMDD'))
      USING project, most;
    GET DIAGNOSTICS deleted = ROW_COUNT;
    RETURN deleted;
END $$;

COMMENT ON FUNCTION pipeline.delete_raw_rows(text, date, integer) IS 'Deletes some raw rows of a project and day (UTC); 0 when none is left.';

CREATE VIEW analytics.retention AS
SELECT project_id, raw_days, rollup_days,
       nullif((SELECT max(removed_before) FROM pipeline.raw_bounds AS bound WHERE bound.project_id IN (kept.project_id, '')),
              '-infinity') AS raw_removed_before
  FROM (SELECT project_id, raw_days, rollup_days FROM pipeline.retention_windows
        UNION ALL
        SELECT raw_bounds.project_id, all_others.raw_days, all_others.rollup_days
          FROM pipeline.raw_bounds
          LEFT JOIN pipeline.retention_windows AS all_others ON all_others.project_id = ''
         WHERE raw_bounds.project_id NOT IN (SELECT project_id FROM pipeline.retention_windows)) AS kept;

COMMENT ON VIEW analytics.retention IS 'How long raw events and rollups are kept.';
COMMENT ON COLUMN analytics.retention.project_id IS 'The project; empty for all that have no row of their own.';
COMMENT ON COLUMN analytics.retention.raw_days IS 'Days that raw events are kept; null for ever.';
COMMENT ON COLUMN analytics.retention.rollup_days IS 'Days that rollups and cohorts are kept; null for ever.';
COMMENT ON COLUMN analytics.retention.raw_removed_before IS 'Raw events before this instant are gone; null while none is.';

-- Also by what is in force now, which somebody may just have made longer.
CREATE FUNCTION pipeline.is_past_windows(project text, until timestamptz) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT count(*) > 0 AND bool_and(raw_days IS NOT NULL AND until + raw_days * interval '24 hours' <= pipeline.clock())
      FROM pipeline.retention_windows AS own
     WHERE project = '' OR own.project_id = project
        OR (own.project_id = '' AND NOT EXISTS (SELECT FROM pipeline.retention_windows AS named WHERE named.project_id = project))
$$;

COMMENT ON FUNCTION pipeline.is_past_windows(text, timestamptz) IS 'Whether an instant is past the window of a project (empty: of any).';

-- Rollups are never removed before the raw rows that they are proved by.
CREATE FUNCTION pipeline.forget_rollups(project text, before timestamptz) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    bound timestamptz := least(before, greatest(pipeline.removed_before(project), (SELECT min(starts) FROM pipeline.events_days)));
    part record;
    deleted bigint;
    total bigint := 0;
BEGIN
    FOR part IN
        SELECT name, start FROM (VALUES ('analytics.hourly_rollups', 'hour'), ('analytics.hourly_rollup_dimensions', 'hour'),
                                        ('analytics.hourly_rollup_measures', 'hour'), ('analytics.unique_sketches', 'start'),
                                        ('pipeline.rollup_parts', 'hour'), ('pipeline.raw_hours', 'hour')) AS parts (name, start)
         WHERE to_regclass(name) IS NOT NULL
    LOOP
        EXECUTE format('DELETE FROM %s WHERE project_id = $1 AND %I < $2', part.name, part.start) USING project, bound;
        GET DIAGNOSTICS deleted = ROW_COUNT;
        total := total + deleted;
    END LOOP;
    RETURN total;
END $$;

COMMENT ON FUNCTION pipeline.forget_rollups(text, timestamptz) IS 'Deletes the rollups of a project, in all their parts, before an instant; those whose raw rows are kept stay.';

-- Every rollup has a part, and parts outlive it.
CREATE FUNCTION pipeline.counted_projects() RETURNS SETOF text
LANGUAGE sql STABLE AS $$
    WITH RECURSIVE project AS (
        (SELECT project_id FROM pipeline.rollup_parts ORDER BY project_id LIMIT 1)
        UNION ALL
        SELECT (SELECT part.project_id FROM pipeline.rollup_parts AS part
                 WHERE part.project_id > project.project_id ORDER BY part.project_id LIMIT 1)
          FROM project WHERE project.project_id IS NOT NULL)
    SELECT project_id FROM project WHERE project_id IS NOT NULL
$$;

COMMENT ON FUNCTION pipeline.counted_projects() IS 'All projects that have parts of rollups.';

-- A cohort goes as a whole, once its last day is past the window, and its revisions with it.
CREATE FUNCTION pipeline.forget_cohorts() RETURNS bigint
LANGUAGE plpgsql AS $fn$
DECLARE
    last_day constant integer := 90;
    cells text;
    deleted bigint;
    total bigint := 0;
BEGIN
    FOREACH cells IN ARRAY ARRAY['analytics.retention_cohorts', 'pipeline.cohort_cells'] LOOP
        CONTINUE WHEN to_regclass(cells) IS NULL;
        EXECUTE format($sql$
            DELETE FROM %s AS cell
             USING pipeline.retention_windows AS kept
             WHERE kept.project_id = CASE WHEN EXISTS (SELECT FROM pipeline.retention_windows AS own WHERE own.project_id = cell.project_id)
                                          THEN cell.project_id ELSE '' END
               AND cell.cohort_day + $1 + 1 + kept.rollup_days <= (pipeline.clock() AT TIME ZONE 'UTC')::date
        $sql$, cells) USING last_day;
        GET DIAGNOSTICS deleted = ROW_COUNT;
        total := total + deleted;
    END LOOP;
    RETURN total;
END $fn$;

COMMENT ON FUNCTION pipeline.forget_cohorts() IS 'Deletes the retention cohorts that are past their windows.';

CREATE FUNCTION pipeline.forget_rejected() RETURNS bigint
LANGUAGE sql AS $$
    WITH deleted AS (
        DELETE FROM analytics.rejected_events
         WHERE first_seen < pipeline.clock() - 30 * interval '24 hours'
        RETURNING 1)
    SELECT count(*) FROM deleted
$$;

COMMENT ON FUNCTION pipeline.forget_rejected() IS 'Deletes the records set aside more than 30 days ago.';
