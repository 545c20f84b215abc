-- User retention: of the users first seen on a day, how many were active how many days later.
-- docs/decisions/0012 has the rules.

CREATE TABLE analytics.retention_cohorts (
    project_id text    NOT NULL,
    cohort_day date    NOT NULL,
    day_number integer NOT NULL,
    users      bigint  NOT NULL,
    PRIMARY KEY (project_id, cohort_day, day_number)
) WITH (fillfactor = 70);

COMMENT ON TABLE analytics.retention_cohorts IS 'User retention: of the users of a project first seen on a day, how many were active so many days later. Days are UTC. A cell without users has no row. Who stays away for more than 90 days starts anew.';
COMMENT ON COLUMN analytics.retention_cohorts.project_id IS 'The project.';
COMMENT ON COLUMN analytics.retention_cohorts.cohort_day IS 'The users'' first active day (UTC).';
COMMENT ON COLUMN analytics.retention_cohorts.day_number IS 'Days after the first one, 0 to 90; 0 counts all users of the cohort.';
COMMENT ON COLUMN analytics.retention_cohorts.users IS 'Users of the cohort with an event on that day.';

-- The newest revision applied of each cell; outlives deleted rows.
CREATE TABLE pipeline.cohort_cells (
    project_id text    NOT NULL,
    cohort_day date    NOT NULL,
    day_number integer NOT NULL,
    revision   bigint  NOT NULL,
    PRIMARY KEY (project_id, cohort_day, day_number)
) WITH (fillfactor = 70);

COMMENT ON TABLE pipeline.cohort_cells IS 'The newest revision applied of each cell of analytics.retention_cohorts.';

-- The rules of cohorts once more, over raw events.
CREATE FUNCTION analytics.raw_retention(project text) RETURNS TABLE (cohort_day date, day_number integer, users bigint)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    WITH active AS (
        SELECT DISTINCT user_id, (timestamp AT TIME ZONE 'UTC')::date AS day
          FROM analytics.events
         WHERE project_id = project AND user_id IS NOT NULL),
    gaps AS (
        SELECT user_id, day, day - lag(day) OVER (PARTITION BY user_id ORDER BY day) AS gap
          FROM active),
    stays AS (
        SELECT day, max(day) FILTER (WHERE gap IS NULL OR gap > 90) OVER (PARTITION BY user_id ORDER BY day) AS cohort_day
          FROM gaps)
    SELECT stays.cohort_day, day - stays.cohort_day, count(*)
      FROM stays
     WHERE day - stays.cohort_day <= 90
     GROUP BY 1, 2
$$;

COMMENT ON FUNCTION analytics.raw_retention(text) IS 'What analytics.retention_cohorts says of a project, computed from analytics.events: the same as long as raw events are kept of all days that the cohorts know of. Scans all events of the project.';
