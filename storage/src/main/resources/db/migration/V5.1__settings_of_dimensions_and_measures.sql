-- Dimensions and measures that people name. docs/decisions/0016 says how all parts agree on them.

CREATE TABLE analytics.settings_versions (
    version     integer     PRIMARY KEY,
    from_hour   timestamptz NOT NULL,
    settings    jsonb       NOT NULL,
    known_since timestamptz NOT NULL DEFAULT now()
);

COMMENT ON TABLE analytics.settings_versions IS 'The settings of dimensions and measures, in versions.';
COMMENT ON COLUMN analytics.settings_versions.version IS 'Counts from 1; before the first, only event_type, tool and risk_mode are counted.';
COMMENT ON COLUMN analytics.settings_versions.from_hour IS 'The first hour that is counted so, until a later version holds.';
COMMENT ON COLUMN analytics.settings_versions.settings IS 'What was applied.';
COMMENT ON COLUMN analytics.settings_versions.known_since IS 'When the sink learned of it.';

CREATE TABLE analytics.hour_settings (
    project_id       text        NOT NULL,
    hour             timestamptz NOT NULL,
    settings_version integer     NOT NULL,
    PRIMARY KEY (project_id, hour)
);

COMMENT ON TABLE analytics.hour_settings IS 'Hours of the raw table that are counted by other settings than those of their time: rebuilt ones.';
COMMENT ON COLUMN analytics.hour_settings.project_id IS 'The project.';
COMMENT ON COLUMN analytics.hour_settings.hour IS 'Start of the hour (UTC).';
COMMENT ON COLUMN analytics.hour_settings.settings_version IS 'The version by which it is counted.';

CREATE TABLE analytics.hourly_rollup_measures (
    project_id text             NOT NULL,
    hour       timestamptz      NOT NULL,
    measure    text             NOT NULL,
    dimension  text             NOT NULL,
    value      text             NOT NULL,
    count      bigint           NOT NULL,
    sum        numeric          NOT NULL,
    min        double precision NOT NULL,
    max        double precision NOT NULL,
    p50        double precision NOT NULL,
    p95        double precision NOT NULL,
    p99        double precision NOT NULL,
    sketch     bytea            NOT NULL,
    PRIMARY KEY (project_id, hour, measure, dimension, value)
) WITH (fillfactor = 80);

COMMENT ON TABLE analytics.hourly_rollup_measures IS 'Measures that the settings name: one row per project, hour, measure and value of a dimension.';
COMMENT ON COLUMN analytics.hourly_rollup_measures.project_id IS 'The project.';
COMMENT ON COLUMN analytics.hourly_rollup_measures.hour IS 'Start of the hour (UTC).';
COMMENT ON COLUMN analytics.hourly_rollup_measures.measure IS 'The measure.';
COMMENT ON COLUMN analytics.hourly_rollup_measures.dimension IS 'The dimension by which it is split; empty for the undivided measure.';
COMMENT ON COLUMN analytics.hourly_rollup_measures.value IS 'The value of that dimension; empty for the undivided measure.';
COMMENT ON COLUMN analytics.hourly_rollup_measures.count IS 'How many numbers were measured.';
COMMENT ON COLUMN analytics.hourly_rollup_measures.sum IS 'Their sum, exact.';
COMMENT ON COLUMN analytics.hourly_rollup_measures.min IS 'The least of them.';
COMMENT ON COLUMN analytics.hourly_rollup_measures.max IS 'The greatest of them.';
COMMENT ON COLUMN analytics.hourly_rollup_measures.p50 IS 'The median, to 1 %.';
COMMENT ON COLUMN analytics.hourly_rollup_measures.p95 IS 'What 95 % of them don''t exceed, to 1 %.';
COMMENT ON COLUMN analytics.hourly_rollup_measures.p99 IS 'What 99 % of them don''t exceed, to 1 %.';
COMMENT ON COLUMN analytics.hourly_rollup_measures.sketch IS 'How they are spread.';

COMMENT ON COLUMN analytics.hourly_rollup_dimensions.dimension IS 'event_type, tool, risk_mode, or one that the settings name.';

CREATE FUNCTION analytics.settings_version(project text, of_hour timestamptz) RETURNS integer
LANGUAGE sql STABLE PARALLEL SAFE
RETURN coalesce((SELECT settings_version FROM analytics.hour_settings WHERE project_id = project AND hour = of_hour),
                (SELECT max(version) FROM analytics.settings_versions WHERE from_hour <= of_hour), 0);

COMMENT ON FUNCTION analytics.settings_version(text, timestamptz) IS 'The version of the settings by which an hour is counted; 0 before the first.';

CREATE FUNCTION analytics.reads_properties(project text, of_hour timestamptz) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
RETURN EXISTS (SELECT FROM analytics.settings_versions
                WHERE version = analytics.settings_version(project, of_hour)
                  AND jsonb_array_length(settings -> 'dimensions') + jsonb_array_length(settings -> 'measures') > 0);

COMMENT ON FUNCTION analytics.reads_properties(text, timestamptz) IS 'Whether the settings of an hour count or measure properties.';

CREATE FUNCTION analytics.dimension_value(property jsonb) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE jsonb_typeof(property)
           WHEN 'string' THEN left(property #>> '{}', 200)
           WHEN 'boolean' THEN property #>> '{}'
           WHEN 'number' THEN
               CASE WHEN abs((property #>> '{}')::numeric) < 9007199254740992
                     AND trunc((property #>> '{}')::numeric) = (property #>> '{}')::numeric
                    THEN trunc((property #>> '{}')::numeric)::text
               END
       END;

COMMENT ON FUNCTION analytics.dimension_value(jsonb) IS 'What a property counts as: a string (cut to 200 characters), a boolean, or a whole number below 2^53; else null.';

-- The hours that each version holds for, beside those of analytics.hour_settings.
CREATE VIEW analytics.settings_periods AS
SELECT version, from_hour, coalesce(until_hour, 'infinity') AS until_hour, settings
  FROM analytics.settings_versions AS v
 CROSS JOIN LATERAL (SELECT min(from_hour) AS until_hour FROM analytics.settings_versions AS later
                      WHERE later.version > v.version) AS later
 WHERE until_hour IS NULL OR until_hour > from_hour;

COMMENT ON VIEW analytics.settings_periods IS 'The hours for which each version of the settings holds.';
COMMENT ON COLUMN analytics.settings_periods.version IS 'The version.';
COMMENT ON COLUMN analytics.settings_periods.from_hour IS 'The first hour.';
COMMENT ON COLUMN analytics.settings_periods.until_hour IS 'The first hour for which it holds no more.';
COMMENT ON COLUMN analytics.settings_periods.settings IS 'What was applied.';

-- Whether any hour up to this one may count more than what is built in: without that, nobody scans for it.
CREATE FUNCTION analytics.has_settings(to_hour timestamptz) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
RETURN EXISTS (SELECT FROM analytics.settings_versions
                WHERE jsonb_array_length(settings -> 'dimensions') + jsonb_array_length(settings -> 'measures') > 0
                  AND (from_hour < to_hour OR EXISTS (SELECT FROM analytics.hour_settings)));

COMMENT ON FUNCTION analytics.has_settings(timestamptz) IS 'Whether any hour before this one may count more than what is built in.';

-- What further dimensions must equal. Of each the 1,000 most frequent values, ties in byte order, and
-- the rest as __other__, which a value of that name joins.
CREATE FUNCTION analytics.raw_dimensions(project text, from_hour timestamptz, to_hour timestamptz)
RETURNS TABLE (project_id text, hour timestamptz, dimension text, value text, events bigint)
LANGUAGE plpgsql STABLE SET jit = off AS $$
#variable_conflict use_column
BEGIN
    IF NOT analytics.has_settings(to_hour) THEN
        RETURN;
    END IF;
    RETURN QUERY
    WITH named AS MATERIALIZED (
        SELECT version, d ->> 'name' AS dimension, string_to_array(d ->> 'path', '.') AS path, d ->> 'event_type' AS event_type
          FROM analytics.settings_versions CROSS JOIN LATERAL jsonb_array_elements(settings -> 'dimensions') AS d),
    counted AS (
        SELECT e.project_id, date_trunc('hour', e.timestamp, 'UTC') AS hour, named.dimension,
               analytics.dimension_value(e.properties #> named.path) AS value
          FROM analytics.events AS e
          LEFT JOIN analytics.hour_settings AS own ON own.project_id = e.project_id AND own.hour = date_trunc('hour', e.timestamp, 'UTC')
          LEFT JOIN analytics.settings_periods AS period ON e.timestamp >= period.from_hour AND e.timestamp < period.until_hour
          JOIN named ON named.version = coalesce(own.settings_version, period.version)
                    AND (named.event_type IS NULL OR named.event_type = e.event_type)
         WHERE e.timestamp >= from_hour AND e.timestamp < to_hour
           AND (project IS NULL OR e.project_id = project)
           AND e.properties IS NOT NULL),
    counts AS (
        SELECT c.project_id, c.hour, c.dimension, c.value, count(*) AS events,
               row_number() OVER (PARTITION BY c.project_id, c.hour, c.dimension, c.value = '__other__'
                                  ORDER BY count(*) DESC, c.value COLLATE "C") AS place
          FROM counted AS c
         WHERE c.value IS NOT NULL
         GROUP BY c.project_id, c.hour, c.dimension, c.value)
    SELECT counts.project_id, counts.hour, counts.dimension,
           CASE WHEN place <= 1000 THEN counts.value ELSE '__other__' END, sum(counts.events)::bigint
      FROM counts
     GROUP BY 1, 2, 3, 4;
END $$;

COMMENT ON FUNCTION analytics.raw_dimensions(text, timestamptz, timestamptz) IS 'The further dimensions of a project (null: of all) as a GROUP BY over its raw rows, from an hour (included) to another (excluded).';

-- A whole number from 0, 7 bits a byte, lowest first, high bit set when more follow.
CREATE FUNCTION analytics.varint(number bigint) RETURNS bytea
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (SELECT string_agg(set_byte('\x00'::bytea, 0, ((number >> (7 * place)) & 127)::integer
                                                     | CASE WHEN number >> (7 * place + 7) > 0 THEN 128 ELSE 0 END),
                          ''::bytea ORDER BY place)
          FROM generate_series(0, 8) AS place
         WHERE place = 0 OR number >> (7 * place) > 0);

COMMENT ON FUNCTION analytics.varint(bigint) IS 'A number from 0 as sketches hold it.';

-- The sign, the exponent and the first six bits of the fraction of an IEEE double.
CREATE FUNCTION analytics.quantile_bucket(number double precision) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (CASE WHEN number < 0 THEN -1 ELSE 1 END
        * (('x' || encode(float8send(abs(number)), 'hex'))::bit(64)::bigint >> 46))::integer;

COMMENT ON FUNCTION analytics.quantile_bucket(double precision) IS 'The bucket of a number in the sketches of measures.';

-- Only with operations that are exact.
CREATE FUNCTION analytics.quantile_middle(bucket integer) RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN bucket = 0 THEN 0
            ELSE sign(bucket::double precision) * (1 + ((abs(bucket) & 63) + 0.5::double precision) / 64)
                 * CASE WHEN (abs(bucket) >> 6) >= 1023
                        THEN (1::bigint << ((abs(bucket) >> 6) - 1023))::double precision
                        ELSE 1 / (1::bigint << (1023 - (abs(bucket) >> 6)))::double precision
                   END
       END;

COMMENT ON FUNCTION analytics.quantile_middle(integer) IS 'The number that a bucket of the sketches of measures stands for.';

-- What measures must equal, step by step as io.tidemill.contract.settings.Extraction and
-- io.tidemill.contract.sketch.Measurements. The rule of __other__ as in analytics.raw_dimensions.
CREATE FUNCTION analytics.raw_measures(project text, from_hour timestamptz, to_hour timestamptz)
RETURNS TABLE (project_id text, hour timestamptz, measure text, dimension text, value text, count bigint, sum numeric,
               min double precision, max double precision, p50 double precision, p95 double precision, p99 double precision,
               sketch bytea)
LANGUAGE plpgsql STABLE SET jit = off AS $$
#variable_conflict use_column
BEGIN
    IF NOT analytics.has_settings(to_hour) THEN
        RETURN;
    END IF;
    RETURN QUERY
    WITH dimension AS MATERIALIZED (
        SELECT version, d ->> 'name' AS name, string_to_array(d ->> 'path', '.') AS path, d ->> 'event_type' AS event_type
          FROM analytics.settings_versions CROSS JOIN LATERAL jsonb_array_elements(settings -> 'dimensions') AS d),
    named AS MATERIALIZED (
        SELECT version, m ->> 'name' AS measure, string_to_array(m ->> 'path', '.') AS path, m ->> 'event_type' AS event_type,
               m -> 'where' AS conditions, (m ->> 'factor')::numeric AS factor,
               ARRAY(SELECT jsonb_array_elements_text(m -> 'by')) AS by_names
          FROM analytics.settings_versions CROSS JOIN LATERAL jsonb_array_elements(settings -> 'measures') AS m),
    numbered AS MATERIALIZED (
        SELECT e.project_id, date_trunc('hour', e.timestamp, 'UTC') AS hour, e.event_type, e.tool_name, e.properties,
               named.version, named.measure, named.by_names, named.factor,
               CASE WHEN jsonb_typeof(e.properties #> named.path) = 'number' THEN (e.properties #>> named.path)::numeric END AS sent
          FROM analytics.events AS e
          LEFT JOIN analytics.hour_settings AS own ON own.project_id = e.project_id AND own.hour = date_trunc('hour', e.timestamp, 'UTC')
          LEFT JOIN analytics.settings_periods AS period ON e.timestamp >= period.from_hour AND e.timestamp < period.until_hour
          JOIN named ON named.version = coalesce(own.settings_version, period.version)
                    AND (named.event_type IS NULL OR named.event_type = e.event_type)
         WHERE e.timestamp >= from_hour AND e.timestamp < to_hour
           AND (project IS NULL OR e.project_id = project)
           AND NOT EXISTS (SELECT FROM jsonb_each_text(named.conditions) AS condition
                            WHERE analytics.dimension_value(e.properties #> string_to_array(condition.key, '.'))
                                  IS DISTINCT FROM condition.value)),
    number AS MATERIALIZED (
        SELECT n.project_id, n.hour, n.measure, split.dimension, split.value, round(n.sent * n.factor, 18) AS exact
          FROM numbered AS n
         CROSS JOIN LATERAL (
               SELECT '' AS dimension, '' AS value
               UNION ALL
               SELECT name,
                      CASE name WHEN 'event_type' THEN n.event_type
                                WHEN 'tool' THEN n.tool_name
                                WHEN 'risk_mode' THEN CASE WHEN n.event_type = 'risk_mode_changed' THEN analytics.dimension_value(n.properties -> 'risk_mode') END
                                ELSE (SELECT analytics.dimension_value(n.properties #> dimension.path)
                                        FROM dimension
                                       WHERE dimension.version = n.version AND dimension.name = by_name.name
                                         AND (dimension.event_type IS NULL OR dimension.event_type = n.event_type))
                      END
                 FROM unnest(n.by_names) AS by_name (name)) AS split
         WHERE abs(n.sent) <= 1000000000000000000 AND abs(n.sent * n.factor) <= 1000000000000000000
           AND split.value IS NOT NULL),
    frequent AS (
        SELECT n.project_id, n.hour, n.measure, n.dimension, n.value, n.exact,
               count(*) OVER (PARTITION BY n.project_id, n.hour, n.measure, n.dimension, n.value) AS times
          FROM number AS n),
    ranked AS (
        SELECT f.project_id, f.hour, f.measure, f.dimension, f.value, f.exact,
               dense_rank() OVER (PARTITION BY f.project_id, f.hour, f.measure, f.dimension, f.value = '__other__'
                                  ORDER BY f.times DESC, f.value COLLATE "C") AS place
          FROM frequent AS f),
    shown AS (
        SELECT r.project_id, r.hour, r.measure, r.dimension, CASE WHEN place <= 1000 THEN r.value ELSE '__other__' END AS value,
               r.exact, r.exact::double precision AS near
          FROM ranked AS r),
    bucket AS (
        SELECT s.project_id, s.hour, s.measure, s.dimension, s.value, analytics.quantile_bucket(s.near) AS bucket,
               count(*) AS numbers, sum(s.exact) AS exact, min(s.near) AS least, max(s.near) AS greatest
          FROM shown AS s
         GROUP BY 1, 2, 3, 4, 5, 6),
    ordered AS (
        SELECT b.*,
               -- One below the least bucket that there is.
               lag(b.bucket, 1, -69296) OVER upward AS before, sum(b.numbers) OVER upward AS reached,
               sum(b.numbers) OVER (PARTITION BY b.project_id, b.hour, b.measure, b.dimension, b.value) AS total
          FROM bucket AS b
        WINDOW upward AS (PARTITION BY b.project_id, b.hour, b.measure, b.dimension, b.value ORDER BY b.bucket)),
    spread AS (
        SELECT o.project_id, o.hour, o.measure, o.dimension, o.value,
               sum(o.numbers)::bigint AS numbers, trim_scale(sum(o.exact)) AS exact, min(o.least) AS least, max(o.greatest) AS greatest,
               min(o.bucket) FILTER (WHERE o.reached * 100 >= o.total * 50) AS p50,
               min(o.bucket) FILTER (WHERE o.reached * 100 >= o.total * 95) AS p95,
               min(o.bucket) FILTER (WHERE o.reached * 100 >= o.total * 99) AS p99,
               '\x01'::bytea || string_agg(analytics.varint(o.bucket - o.before) || analytics.varint(o.numbers), ''::bytea ORDER BY o.bucket) AS sketch
          FROM ordered AS o
         GROUP BY 1, 2, 3, 4, 5)
    SELECT s.project_id, s.hour, s.measure, s.dimension, s.value, s.numbers, s.exact, s.least, s.greatest,
           least(greatest(analytics.quantile_middle(s.p50), s.least), s.greatest),
           least(greatest(analytics.quantile_middle(s.p95), s.least), s.greatest),
           least(greatest(analytics.quantile_middle(s.p99), s.least), s.greatest),
           s.sketch
      FROM spread AS s;
END $$;

COMMENT ON FUNCTION analytics.raw_measures(text, timestamptz, timestamptz) IS 'The measures of a project (null: of all) as a GROUP BY over its raw rows, from an hour (included) to another (excluded).';
