-- The role that reads. It can't log in until a password is given (TIDEMILL_ANALYST_PASSWORD).
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'analyst') THEN
        CREATE ROLE analyst NOLOGIN;
    END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
    NULL; -- another database of this server was a moment faster
END $$;

DO $$
DECLARE
    password text := '${analyst_password}';
BEGIN
    IF password <> '' THEN
        EXECUTE format('ALTER ROLE analyst LOGIN PASSWORD %L', password);
    END IF;
END $$;

ALTER ROLE analyst CONNECTION LIMIT 20;
ALTER ROLE analyst SET statement_timeout = '60s';
ALTER ROLE analyst SET idle_in_transaction_session_timeout = '60s';
ALTER ROLE analyst SET default_transaction_read_only = on;

-- What everybody may do by default: fill the disk with temporary tables.
DO $$
BEGIN
    EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
END $$;

-- And with large objects.
DO $$
BEGIN
    REVOKE EXECUTE ON FUNCTION lo_creat(integer), lo_create(oid), lo_from_bytea(oid, bytea) FROM PUBLIC;
EXCEPTION WHEN insufficient_privilege THEN
    NULL; -- not ours to revoke on this server
END $$;

GRANT USAGE ON SCHEMA analytics TO analyst;
GRANT SELECT ON ALL TABLES IN SCHEMA analytics TO analyst;
ALTER DEFAULT PRIVILEGES IN SCHEMA analytics GRANT SELECT ON TABLES TO analyst;

-- The bytes of rejected records are not for everybody.
REVOKE SELECT ON analytics.rejected_events FROM analyst;
GRANT SELECT (topic, kafka_partition, kafka_offset, reason, detail, first_seen) ON analytics.rejected_events TO analyst;
