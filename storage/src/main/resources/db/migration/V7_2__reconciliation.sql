-- The background reconciler: which hours it has compared with their raw rows, and what it found.

CREATE TABLE pipeline.reconciler (
    only_row       boolean     PRIMARY KEY DEFAULT true CHECK (only_row),
    recent_through timestamptz NOT NULL DEFAULT '-infinity',
    walked_to      timestamptz NOT NULL DEFAULT '-infinity',
    next_at        timestamptz NOT NULL DEFAULT '-infinity'
);

INSERT INTO pipeline.reconciler DEFAULT VALUES;

COMMENT ON TABLE pipeline.reconciler IS 'How far the background reconciler is, one row for all sinks.';
COMMENT ON COLUMN pipeline.reconciler.recent_through IS 'Hours before this have had their turn since they closed.';
COMMENT ON COLUMN pipeline.reconciler.walked_to IS 'The hour that had its turn last on the way back through all that is kept.';
COMMENT ON COLUMN pipeline.reconciler.next_at IS 'Before this nothing is compared: its cost is bounded.';

CREATE TABLE pipeline.reconciled_projects (
    project_id          text        PRIMARY KEY,
    reconciled_at       timestamptz NOT NULL,
    hours               bigint      NOT NULL,
    different_hours     bigint      NOT NULL,
    last_different_hour timestamptz,
    last_different_at   timestamptz
);

COMMENT ON TABLE pipeline.reconciled_projects IS 'What the background reconciler found, per project.';
COMMENT ON COLUMN pipeline.reconciled_projects.hours IS 'Hours compared so far; each time counts.';
COMMENT ON COLUMN pipeline.reconciled_projects.different_hours IS 'Those that differed.';

-- The next hour in turn, noted as such; none while it is too early. Hours that closed come first,
-- a few at most; then all that are kept, from the newest back to the oldest, and again.
CREATE FUNCTION pipeline.next_hour_to_reconcile() RETURNS timestamptz
LANGUAGE plpgsql AS $$
DECLARE
    at pipeline.reconciler;
    closed_end constant timestamptz := date_trunc('hour', pipeline.complete_through(), 'UTC');
    first_kept constant timestamptz := greatest(pipeline.removed_before(''), (SELECT min(starts) FROM pipeline.events_days));
    turn timestamptz;
BEGIN
    SELECT * INTO at FROM pipeline.reconciler FOR UPDATE SKIP LOCKED;
    IF NOT FOUND OR at.next_at > clock_timestamp() OR first_kept IS NULL OR closed_end <= first_kept THEN
        RETURN NULL;
    END IF;
    IF at.recent_through < closed_end THEN
        turn := greatest(at.recent_through, closed_end - interval '3 hours', first_kept);
        UPDATE pipeline.reconciler SET recent_through = turn + interval '1 hour', next_at = clock_timestamp() + interval '1 second';
        RETURN turn;
    END IF;
    turn := at.walked_to - interval '1 hour';
    IF turn < first_kept OR turn >= closed_end THEN
        turn := closed_end - interval '1 hour';
    END IF;
    UPDATE pipeline.reconciler SET walked_to = turn, next_at = clock_timestamp() + interval '1 second';
    RETURN turn;
END $$;

COMMENT ON FUNCTION pipeline.next_hour_to_reconcile() IS 'The hour that is to be compared with its raw rows next; null when it is too early.';

-- The merged sketch of a day is right as long as those of its hours are what it was made of. Hours
-- of today cost nothing: no day is made of them yet.
CREATE FUNCTION pipeline.forget_day_sketches() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM changed WHERE grain = 'hour' AND start < date_trunc('day', now(), 'UTC')) THEN
        RETURN NULL;
    END IF;
    DELETE FROM analytics.unique_sketches AS day
     USING (SELECT DISTINCT project_id, date_trunc('day', start, 'UTC') AS start, kind
              FROM changed
             WHERE grain = 'hour') AS hour
     WHERE day.project_id = hour.project_id AND day.grain = 'day' AND day.start = hour.start AND day.kind = hour.kind;
    RETURN NULL;
END $$;

CREATE TRIGGER forget_day_when_an_hour_comes AFTER INSERT ON analytics.unique_sketches
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION pipeline.forget_day_sketches();
CREATE TRIGGER forget_day_when_an_hour_changes AFTER UPDATE ON analytics.unique_sketches
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION pipeline.forget_day_sketches();
CREATE TRIGGER forget_day_when_an_hour_goes AFTER DELETE ON analytics.unique_sketches
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION pipeline.forget_day_sketches();

-- Days that are over and not merged yet: of each hour that has ids there is a sketch, and nothing waits.
CREATE FUNCTION pipeline.days_to_merge(most integer) RETURNS TABLE (project_id text, day timestamptz)
LANGUAGE sql STABLE AS $$
    SELECT counted.project_id, days.day
      FROM pipeline.counted_projects() AS counted (project_id)
     CROSS JOIN generate_series(date_trunc('day', pipeline.complete_through(), 'UTC') - 40 * interval '24 hours',
                                date_trunc('day', pipeline.complete_through(), 'UTC') - interval '24 hours',
                                interval '24 hours') AS days (day)
     WHERE EXISTS (SELECT FROM analytics.unique_sketches AS s
                    WHERE s.project_id = counted.project_id AND s.grain = 'hour'
                      AND s.start >= days.day AND s.start < days.day + interval '24 hours'
                      AND NOT EXISTS (SELECT FROM analytics.unique_sketches AS merged
                                       WHERE merged.project_id = s.project_id AND merged.grain = 'day'
                                         AND merged.start = days.day AND merged.kind = s.kind))
       AND NOT EXISTS (SELECT FROM pipeline.held_hours AS held
                        WHERE held.project_id = counted.project_id
                          AND held.hour >= days.day AND held.hour < days.day + interval '24 hours')
     ORDER BY days.day DESC, counted.project_id
     LIMIT most
$$;

COMMENT ON FUNCTION pipeline.days_to_merge(integer) IS 'Closed days whose sketches are not merged yet.';

-- The caller holds the locks of the day's hours, so that none changes meanwhile.
CREATE FUNCTION pipeline.merge_day(project text, of_day timestamptz) RETURNS bigint
LANGUAGE sql AS $$
    WITH merged AS (
        INSERT INTO analytics.unique_sketches (project_id, grain, start, kind, sketch)
        SELECT project, 'day', of_day, kinds.kind, analytics.unique_union_of(array_agg(hour.sketch))
          FROM (VALUES ('sessions'), ('users')) AS kinds (kind)
          JOIN analytics.unique_sketches AS hour
            ON hour.project_id = project AND hour.grain = 'hour' AND hour.kind = kinds.kind
           AND hour.start >= of_day AND hour.start < of_day + interval '24 hours'
         WHERE NOT EXISTS (SELECT FROM analytics.hourly_rollups AS counted
                            WHERE counted.project_id = project
                              AND counted.hour >= of_day AND counted.hour < of_day + interval '24 hours'
                              AND CASE kinds.kind WHEN 'users' THEN counted.unique_users ELSE counted.unique_sessions END > 0
                              AND NOT EXISTS (SELECT FROM analytics.unique_sketches AS own
                                               WHERE own.project_id = project AND own.grain = 'hour'
                                                 AND own.kind = kinds.kind AND own.start = counted.hour))
         GROUP BY kinds.kind
        ON CONFLICT DO NOTHING
        RETURNING 1)
    SELECT count(*) FROM merged
$$;

COMMENT ON FUNCTION pipeline.merge_day(text, timestamptz) IS 'Merges the sketches of the hours of a day into one each of sessions and users.';
