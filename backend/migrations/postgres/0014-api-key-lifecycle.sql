-- The whole life of a key, and what it was used for.

ALTER TABLE api_keys DROP CONSTRAINT api_keys_status_check;
ALTER TABLE api_keys ADD CONSTRAINT api_keys_status_check
    CHECK (status IN ('active', 'rotated', 'suspended', 'revoked', 'expired'));

-- A name tells keys in use apart, throughout the organization; the server's own are beside that. Those that share one
-- from before get the beginning of their id behind it.
UPDATE api_keys k SET name = left(k.name, 240) || ' (' || substr(k.key_id, 5, 8) || ')'
WHERE k.status IN ('active', 'suspended') AND NOT k.is_system AND EXISTS (
    SELECT 1 FROM api_keys o
    WHERE o.organization_id = k.organization_id AND lower(o.name) = lower(k.name) AND o.api_key_id < k.api_key_id
      AND o.status IN ('active', 'suspended') AND NOT o.is_system);
CREATE UNIQUE INDEX api_keys_name ON api_keys (organization_id, lower(name))
    WHERE status IN ('active', 'suspended') AND NOT is_system;

-- For the job that writes expiries down.
CREATE INDEX api_keys_expiry ON api_keys (LEAST(expires_at, grace_period_expires_at))
    WHERE status IN ('active', 'rotated', 'suspended');

-- Requests by key, UTC hour, endpoint and status: a handful of rows per key and hour, whatever its traffic. Added to
-- every few seconds by every node, kept 90 days in partitions of a month.
CREATE TABLE api_key_usage (
    api_key_id uuid NOT NULL REFERENCES api_keys ON DELETE CASCADE,
    hour       timestamptz NOT NULL CHECK (hour = date_trunc('hour', hour, 'UTC')),
    -- `GET /api/v2/telemetry/logs`, `POST /v1/traces`, `gRPC TraceService/Export`.
    endpoint   text NOT NULL CHECK (length(endpoint) <= 300),
    -- The HTTP status or the name of the gRPC code.
    status     text NOT NULL CHECK (length(status) <= 30),
    requests   bigint NOT NULL CHECK (requests > 0),
    errors     bigint NOT NULL CHECK (errors BETWEEN 0 AND requests),
    PRIMARY KEY (api_key_id, hour, endpoint, status)
) PARTITION BY RANGE (hour);
ALTER TABLE api_key_usage ENABLE ROW LEVEL SECURITY;
ALTER TABLE api_key_usage FORCE ROW LEVEL SECURITY;
-- As visible as the key itself: the subquery runs under the policies of api_keys.
CREATE POLICY visible_key ON api_key_usage FOR SELECT
    USING (EXISTS (SELECT 1 FROM api_keys k WHERE k.api_key_id = api_key_usage.api_key_id));
CREATE POLICY counting ON api_key_usage
    USING (app_system_scope('api-keys')) WITH CHECK (app_system_scope('api-keys'));

-- Makes the partitions of the months around now and drops those that ended more than 90 days ago. The application role
-- may not change tables itself; this is all it can have done to them.
CREATE FUNCTION api_key_usage_maintain() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
DECLARE
    this_month timestamp := date_trunc('month', now() AT TIME ZONE 'UTC');
    first_day  timestamp;
    part       text;
BEGIN
    -- One node at a time.
    PERFORM pg_advisory_xact_lock(hashtext('api_key_usage_maintain'));
    FOR ahead IN -1..2 LOOP
        first_day := this_month + make_interval(months => ahead);
        part := 'api_key_usage_' || to_char(first_day, 'YYYYMM');
        IF to_regclass(part) IS NULL THEN
            EXECUTE format('CREATE TABLE %I PARTITION OF api_key_usage FOR VALUES FROM (%L) TO (%L)', part,
                           first_day AT TIME ZONE 'UTC', (first_day + interval '1 month') AT TIME ZONE 'UTC');
            -- Asked by its own name a partition shows nothing: the policies are the parent's.
            EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', part);
            EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', part);
        END IF;
    END LOOP;
    FOR part IN
        SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = 'api_key_usage'::regclass
          AND to_timestamp(right(c.relname, 6), 'YYYYMM')::timestamp + interval '1 month'
              <= now() AT TIME ZONE 'UTC' - interval '90 days'
    LOOP
        EXECUTE format('DROP TABLE %I', part);
    END LOOP;
END
$$;
SELECT api_key_usage_maintain();
