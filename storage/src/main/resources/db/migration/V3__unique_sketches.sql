-- How many different users or sessions there are in any range: sketches that add up, and functions
-- that add them up. docs/wire-format.md has a sketch's bytes, docs/decisions/0015 why they are so.

CREATE TABLE analytics.unique_sketches (
    project_id text        NOT NULL,
    grain      text        NOT NULL CHECK (grain IN ('hour', 'day')),
    start      timestamptz NOT NULL,
    kind       text        NOT NULL CHECK (kind IN ('sessions', 'users')),
    sketch     bytea       NOT NULL,
    PRIMARY KEY (project_id, grain, start, kind)
);

COMMENT ON TABLE analytics.unique_sketches IS 'The different sessions and users of an hour or a closed day, as sketches: add them up with analytics.unique_count.';
COMMENT ON COLUMN analytics.unique_sketches.project_id IS 'The project.';
COMMENT ON COLUMN analytics.unique_sketches.grain IS 'hour, or day: all hours of a closed day (UTC) in one.';
COMMENT ON COLUMN analytics.unique_sketches.start IS 'Start of the hour or the day (UTC).';
COMMENT ON COLUMN analytics.unique_sketches.kind IS 'What is told apart: sessions or users.';
COMMENT ON COLUMN analytics.unique_sketches.sketch IS 'Up to 1,000 ids exactly, more with a standard error of 0.81 %.';

-- The number of different ids in some sketches together: the same number that the code gets.
--
-- A sketch holds hashes (form 0) or planes of one bit a register (form 1). All planes of a rank are
-- merged by an OR. A hash counts in the planes up to its rank, where its register isn't set already.
--
-- Not compiled just in time: that takes longer than the statement does.
CREATE FUNCTION analytics.unique_count_of(sketches bytea[]) RETURNS bigint
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET jit = off AS $$
DECLARE
    registers constant integer := 16384;
    ranks     constant integer := 51;
    hashes    bigint;
    planes    bigint;
    at_least  bigint[]; -- registers of at least each rank, from 1
    reached   double precision;
    sum       double precision;
    before    double precision;
    power     double precision;
    factor    double precision;
BEGIN
    IF EXISTS (SELECT FROM unnest(sketches) AS bytes WHERE substring(bytes FOR 2) NOT IN ('\x0100', '\x0101')) THEN
        RAISE EXCEPTION 'not a sketch of unique ids of version 1' USING ERRCODE = 'data_exception';
    END IF;

    WITH sketch AS MATERIALIZED (
        SELECT get_byte(bytes, 1) AS form, ('x' || encode(substring(bytes FROM 3), 'hex'))::bit varying AS bits
          FROM unnest(sketches) AS bytes),
    hash AS MATERIALIZED (
        SELECT DISTINCT substring(bits FROM 64 * place + 1 FOR 64)::bit(64)::bigint AS number
          FROM sketch CROSS JOIN generate_series(0, length(bits) / 64 - 1) AS place
         WHERE form = 0),
    plane AS MATERIALIZED (
        SELECT length(bits) / registers - place AS rank, bit_or(substring(bits FROM registers * place + 1 FOR registers)) AS bits
          FROM sketch CROSS JOIN generate_series(0, length(bits) / registers - 1) AS place
         WHERE form = 1
         GROUP BY 1),
    register AS MATERIALIZED (
        SELECT substring(number::bit(64) FOR 14)::integer AS index,
               -- The place of the first bit set after the index; past the last one when there is none.
               max(coalesce(nullif(position(B'1' IN substring(number::bit(64) FROM 15)), 0), ranks)) AS highest
          FROM hash
         WHERE (SELECT count(*) FROM hash) > 1000 OR EXISTS (SELECT FROM plane)
         GROUP BY 1),
    added AS (
        SELECT each.rank, count(*) AS registers
          FROM register CROSS JOIN LATERAL generate_series(1, register.highest) AS each (rank)
          LEFT JOIN plane USING (rank)
         WHERE plane.bits IS NULL OR get_bit(plane.bits, register.index) = 0
         GROUP BY 1),
    counted AS (
        SELECT rank, coalesce(bit_count(plane.bits), 0) + coalesce(added.registers, 0) AS registers
          FROM generate_series(1, ranks) AS rank LEFT JOIN plane USING (rank) LEFT JOIN added USING (rank))
    SELECT (SELECT count(*) FROM hash), (SELECT count(*) FROM plane),
           (SELECT array_agg(counted.registers ORDER BY counted.rank) FROM counted)
      INTO hashes, planes, at_least;

    IF planes = 0 AND hashes <= 1000 THEN
        RETURN hashes;
    END IF;

    -- Otmar Ertl, "New cardinality estimation algorithms for HyperLogLog sketches" (2017), algorithm 6.
    -- Step by step as io.tidemill.contract.sketch.Registers, so that both round alike.
    sum := 0;
    power := 1 - at_least[ranks] / registers::double precision;
    IF power NOT IN (0, 1) THEN
        factor := 1;
        sum := 1 - power;
        LOOP
            before := sum;
            power := sqrt(power);
            factor := factor * 0.5;
            sum := sum - (1 - power) * (1 - power) * factor;
            EXIT WHEN sum = before;
        END LOOP;
        sum := sum / 3;
    END IF;
    sum := registers * sum;
    FOR rank IN REVERSE ranks - 1 .. 1 LOOP
        sum := 0.5 * (sum + (at_least[rank] - at_least[rank + 1]));
    END LOOP;
    reached := sum;
    power := (registers - at_least[1]) / registers::double precision;
    factor := 1;
    sum := power;
    LOOP
        before := sum;
        power := power * power;
        sum := sum + power * factor;
        factor := factor + factor;
        EXIT WHEN sum = before;
    END LOOP;
    sum := reached + registers * sum;
    IF sum = 0 THEN
        RETURN 9223372036854775807; -- every register has the last rank
    END IF;
    RETURN floor(0.7213475204444817 * registers * registers / sum + 0.5);
END $$;

COMMENT ON FUNCTION analytics.unique_count_of(bytea[]) IS 'The number of different ids in these sketches together: exact up to 1,000, more with a standard error of 0.81 %.';

CREATE AGGREGATE analytics.unique_count(sketch bytea) (
    SFUNC = array_append,
    STYPE = bytea[],
    INITCOND = '{}',
    FINALFUNC = analytics.unique_count_of
);

COMMENT ON AGGREGATE analytics.unique_count(bytea) IS 'The number of different ids in all these sketches together: exact up to 1,000, more with a standard error of 0.81 %.';

-- What raw events say, in the form of a sketch that may hold more than 1,000 hashes.
CREATE FUNCTION analytics.raw_unique_hashes(project text, kind_of_id text, since timestamptz, until timestamptz) RETURNS bytea
LANGUAGE sql STABLE PARALLEL SAFE
RETURN (
    SELECT '\x0100'::bytea || coalesce(string_agg(hash, ''::bytea ORDER BY hash), '')
      FROM (SELECT DISTINCT substring(sha256(convert_to(project, 'UTF8') || '\x00'::bytea || convert_to(id, 'UTF8') || '\x00'::bytea) FOR 8) AS hash
              FROM (SELECT CASE kind_of_id WHEN 'users' THEN user_id ELSE session_id END AS id
                      FROM analytics.events
                     WHERE project_id = project AND timestamp >= since AND timestamp < until) AS raw
             WHERE id IS NOT NULL) AS hashes);

COMMENT ON FUNCTION analytics.raw_unique_hashes(text, text, timestamptz, timestamptz) IS 'The different sessions or users of the raw events of a range, for analytics.unique_count.';

-- The sketch that holds all ids of some sketches: the same bytes that the code makes.
CREATE FUNCTION analytics.unique_union_of(sketches bytea[]) RETURNS bytea
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET jit = off AS $$
DECLARE
    registers constant integer := 16384;
    ranks     constant integer := 51;
    hashes    bytea[];
    merged    bytea;
BEGIN
    IF EXISTS (SELECT FROM unnest(sketches) AS bytes WHERE substring(bytes FOR 2) NOT IN ('\x0100', '\x0101')) THEN
        RAISE EXCEPTION 'not a sketch of unique ids of version 1' USING ERRCODE = 'data_exception';
    END IF;

    SELECT array_agg(hash ORDER BY hash)
      INTO hashes
      FROM (SELECT DISTINCT substring(bytes FROM 3 + 8 * place FOR 8) AS hash
              FROM unnest(sketches) AS bytes CROSS JOIN generate_series(0, (length(bytes) - 2) / 8 - 1) AS place
             WHERE get_byte(bytes, 1) = 0) AS each;
    IF coalesce(cardinality(hashes), 0) <= 1000 AND NOT EXISTS (SELECT FROM unnest(sketches) AS bytes WHERE get_byte(bytes, 1) = 1) THEN
        RETURN '\x0100'::bytea || coalesce((SELECT string_agg(hash, ''::bytea ORDER BY hash) FROM unnest(hashes) AS hash), '');
    END IF;

    WITH number AS (
        SELECT ('x' || encode(hash, 'hex'))::bit(64) AS bits FROM unnest(hashes) AS hash),
    register AS MATERIALIZED (
        SELECT substring(bits FOR 14)::integer AS index,
               max(coalesce(nullif(position(B'1' IN substring(bits FROM 15)), 0), ranks)) AS highest
          FROM number
         GROUP BY 1),
    plane AS (
        SELECT (length(bytes) - 2) / 2048 - place AS rank,
               ('x' || encode(substring(bytes FROM 3 + 2048 * place FOR 2048), 'hex'))::bit varying AS bits
          FROM unnest(sketches) AS bytes CROSS JOIN generate_series(0, (length(bytes) - 2) / 2048 - 1) AS place
         WHERE get_byte(bytes, 1) = 1
        UNION ALL
        SELECT rank, string_agg(CASE WHEN highest >= rank THEN '1' ELSE '0' END, '' ORDER BY index)::bit varying
          FROM generate_series(1, (SELECT max(highest) FROM register)) AS rank
         CROSS JOIN generate_series(0, registers - 1) AS index
          LEFT JOIN register USING (index)
         GROUP BY rank)
    -- The bytes of a bit string are sent after its length.
    SELECT string_agg(substring(varbit_send(bits) FROM 5), ''::bytea ORDER BY rank DESC)
      INTO merged
      FROM (SELECT rank, bit_or(bits)::bit varying AS bits FROM plane GROUP BY rank) AS each;
    RETURN '\x0101'::bytea || merged;
END $$;

COMMENT ON FUNCTION analytics.unique_union_of(bytea[]) IS 'The sketch that holds all ids of these sketches.';

-- The sketches of a kind whose hours start in a range: those of whole days, and of hours where there
-- is none. An hour whose sketch has not come yet gives the hashes of its raw events instead.
CREATE FUNCTION analytics.unique_sketches_of(project text, kind_of_id text, since timestamptz, until timestamptz)
RETURNS SETOF bytea
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH day AS MATERIALIZED (
        SELECT start, sketch
          FROM analytics.unique_sketches
         WHERE project_id = project AND grain = 'day' AND kind = kind_of_id
           AND start >= since AND start <= until - interval '24 hours'),
    hour AS MATERIALIZED (
        SELECT start, sketch
          FROM analytics.unique_sketches
         WHERE project_id = project AND grain = 'hour' AND kind = kind_of_id AND start >= since AND start < until
           AND date_trunc('day', start, 'UTC') NOT IN (SELECT day.start FROM day)),
    missing AS MATERIALIZED (
        SELECT hour AS start
          FROM analytics.hourly_rollups
         WHERE project_id = project AND hour >= since AND hour < until
           AND CASE kind_of_id WHEN 'users' THEN unique_users ELSE unique_sessions END > 0
           AND hour NOT IN (SELECT hour.start FROM hour)
           AND date_trunc('day', hour, 'UTC') NOT IN (SELECT day.start FROM day))
    SELECT sketch FROM day
    UNION ALL
    SELECT sketch FROM hour
    UNION ALL
    SELECT analytics.raw_unique_hashes(project, kind_of_id, start, start + interval '1 hour') FROM missing;
END;

COMMENT ON FUNCTION analytics.unique_sketches_of(text, text, timestamptz, timestamptz) IS 'The sketches (of sessions or users) that make up the hours that start in a range: one a whole day where there is one, else one an hour.';

CREATE FUNCTION analytics.unique_sessions(project text, since timestamptz, until timestamptz) RETURNS bigint
LANGUAGE sql STABLE PARALLEL SAFE
RETURN (SELECT analytics.unique_count(sketch) FROM analytics.unique_sketches_of(project, 'sessions', since, until) AS sketch);

COMMENT ON FUNCTION analytics.unique_sessions(text, timestamptz, timestamptz) IS 'Different sessions of a project in the hours that start in [since, until): exact up to 1,000, more with a standard error of 0.81 %.';

CREATE FUNCTION analytics.unique_users(project text, since timestamptz, until timestamptz) RETURNS bigint
LANGUAGE sql STABLE PARALLEL SAFE
RETURN (SELECT analytics.unique_count(sketch) FROM analytics.unique_sketches_of(project, 'users', since, until) AS sketch);

COMMENT ON FUNCTION analytics.unique_users(text, timestamptz, timestamptz) IS 'Different users of a project in the hours that start in [since, until): exact up to 1,000, more with a standard error of 0.81 %.';
