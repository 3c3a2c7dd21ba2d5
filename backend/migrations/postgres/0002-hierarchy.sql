-- Region -> organization -> workspace -> tenant. Codes never change and stay taken while a row waits for its purge, so
-- that a restore can't collide. Deletion is soft.

CREATE TABLE regions (
    region_id     uuid PRIMARY KEY,
    code          text NOT NULL UNIQUE CHECK (code ~ '^[a-z0-9][a-z0-9-]{1,49}$'),
    name          text NOT NULL CHECK (length(name) BETWEEN 1 AND 255),
    description   text NOT NULL DEFAULT '',
    data_location text NOT NULL DEFAULT '',
    is_active     boolean NOT NULL DEFAULT true,
    created_at    timestamptz NOT NULL DEFAULT now(),
    updated_at    timestamptz NOT NULL DEFAULT now(),
    deleted_at    timestamptz
);
ALTER TABLE regions ENABLE ROW LEVEL SECURITY;
ALTER TABLE regions FORCE ROW LEVEL SECURITY;
CREATE POLICY anyone_reads ON regions FOR SELECT USING (true);
CREATE POLICY platform ON regions USING (app_system_scope('platform')) WITH CHECK (app_system_scope('platform'));

CREATE TABLE organizations (
    organization_id uuid PRIMARY KEY,
    region_id       uuid NOT NULL REFERENCES regions ON DELETE RESTRICT,
    code            text NOT NULL UNIQUE CHECK (code ~ '^[a-z0-9][a-z0-9-]{1,49}$'),
    name            text NOT NULL CHECK (length(name) BETWEEN 1 AND 255),
    description     text NOT NULL DEFAULT '',
    domain          text CHECK (length(domain) <= 255),
    settings        jsonb NOT NULL DEFAULT '{}',
    is_active       boolean NOT NULL DEFAULT true,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    deleted_at      timestamptz
);
CREATE INDEX organizations_region ON organizations (region_id);
SELECT app_protect('organizations', 'organization');
CREATE POLICY authentication ON organizations FOR SELECT
    USING (app_system_scope('authentication') OR app_system_scope('api-keys'));

CREATE TABLE workspaces (
    workspace_id      uuid PRIMARY KEY,
    organization_id   uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
    code              text NOT NULL CHECK (code ~ '^[a-z0-9][a-z0-9-]{1,49}$'),
    name              text NOT NULL CHECK (length(name) BETWEEN 1 AND 255),
    description       text NOT NULL DEFAULT '',
    datasource_config jsonb NOT NULL DEFAULT '{}',
    quotas            jsonb NOT NULL DEFAULT '{}',
    -- The platform's own telemetry: seen by platform administrators only.
    is_reserved       boolean NOT NULL DEFAULT false,
    is_active         boolean NOT NULL DEFAULT true,
    created_at        timestamptz NOT NULL DEFAULT now(),
    updated_at        timestamptz NOT NULL DEFAULT now(),
    deleted_at        timestamptz,
    UNIQUE (organization_id, code),
    UNIQUE (workspace_id, organization_id)
);
SELECT app_protect('workspaces', 'organization');
CREATE POLICY authentication ON workspaces FOR SELECT
    USING (app_system_scope('authentication') OR app_system_scope('api-keys'));

-- organization_id repeats the workspace's; the composite key keeps the two from ever disagreeing.
CREATE TABLE tenants (
    tenant_id       uuid PRIMARY KEY,
    workspace_id    uuid NOT NULL,
    organization_id uuid NOT NULL,
    code            text NOT NULL CHECK (code ~ '^[a-z0-9][a-z0-9-]{1,49}$'),
    name            text NOT NULL CHECK (length(name) BETWEEN 1 AND 255),
    description     text NOT NULL DEFAULT '',
    domain          text CHECK (length(domain) <= 255),
    settings        jsonb NOT NULL DEFAULT '{}',
    is_active       boolean NOT NULL DEFAULT true,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    deleted_at      timestamptz,
    UNIQUE (workspace_id, code),
    UNIQUE (tenant_id, workspace_id, organization_id),
    FOREIGN KEY (workspace_id, organization_id) REFERENCES workspaces (workspace_id, organization_id) ON DELETE CASCADE
);
CREATE INDEX tenants_organization ON tenants (organization_id);
SELECT app_protect('tenants', 'organization');
CREATE POLICY authentication ON tenants FOR SELECT
    USING (app_system_scope('authentication') OR app_system_scope('api-keys'));
