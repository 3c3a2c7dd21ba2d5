-- What each tenant sent on each UTC day, added up by all ingest nodes. Quotas are measured against it.

CREATE TABLE tenant_usage (
    tenant_id   uuid NOT NULL,
    day         date NOT NULL,
    -- Of requests after inflating.
    bytes       bigint NOT NULL CHECK (bytes >= 0),
    spans       bigint NOT NULL CHECK (spans >= 0),
    data_points bigint NOT NULL CHECK (data_points >= 0),
    log_records bigint NOT NULL CHECK (log_records >= 0),
    PRIMARY KEY (day, tenant_id)
);
ALTER TABLE tenant_usage ENABLE ROW LEVEL SECURITY;
ALTER TABLE tenant_usage FORCE ROW LEVEL SECURITY;
CREATE POLICY ingest ON tenant_usage USING (app_system_scope('ingest')) WITH CHECK (app_system_scope('ingest'));
