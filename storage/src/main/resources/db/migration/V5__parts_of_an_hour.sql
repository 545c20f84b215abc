-- What further parts of an hour must equal. docs/decisions/0016 says how all agree on what they are.

CREATE FUNCTION analytics.raw_unique_sketches(project text, from_hour timestamptz, to_hour timestamptz)
RETURNS TABLE (project_id text, hour timestamptz, kind text, sketch bytea)
LANGUAGE sql STABLE AS $$
    WITH id AS (
        SELECT DISTINCT e.project_id, date_trunc('hour', e.timestamp, 'UTC') AS hour, each.kind, each.id
          FROM analytics.events AS e
         CROSS JOIN LATERAL (VALUES ('sessions', e.session_id), ('users', e.user_id)) AS each (kind, id)
         WHERE e.timestamp >= from_hour AND e.timestamp < to_hour
           AND (project IS NULL OR e.project_id = project)
           AND each.id IS NOT NULL),
    hash AS (
        SELECT id.project_id, id.hour, id.kind,
               substring(sha256(convert_to(id.project_id, 'UTF8') || '\x00'::bytea || convert_to(id.id, 'UTF8') || '\x00'::bytea) FOR 8) AS hash
          FROM id)
    SELECT hash.project_id, hash.hour, hash.kind,
           analytics.unique_union_of(ARRAY['\x0100'::bytea || string_agg(hash.hash, ''::bytea)])
      FROM hash
     GROUP BY hash.project_id, hash.hour, hash.kind
$$;

COMMENT ON FUNCTION analytics.raw_unique_sketches(text, timestamptz, timestamptz) IS 'The sketches of a project''s hours (null: of all projects) as its raw rows give them, from an hour (included) to another (excluded).';
