-- Keys of programs. tenant_id NULL: the key may write to any tenant of its workspace.

CREATE TABLE api_keys (
    api_key_id              uuid PRIMARY KEY,
    -- In the spelling tfk-<32 hex>; clients may write _ for -.
    key_id                  text NOT NULL UNIQUE CHECK (key_id ~ '^tfk-[0-9a-f]{32}$'),
    -- Argon2id in PHC form.
    secret_hash             text NOT NULL CHECK (secret_hash LIKE '$argon2id$%'),
    key_hint                text NOT NULL,
    name                    text NOT NULL CHECK (length(name) BETWEEN 1 AND 255),
    description             text NOT NULL DEFAULT '' CHECK (length(description) <= 1000),
    scope_type              text NOT NULL CHECK (scope_type IN ('tenant', 'workspace')),
    organization_id         uuid NOT NULL,
    workspace_id            uuid NOT NULL,
    tenant_id               uuid,
    permissions             text[] NOT NULL CHECK (cardinality(permissions) > 0),
    status                  text NOT NULL CHECK (status IN ('active', 'rotated', 'revoked', 'expired')),
    is_system               boolean NOT NULL DEFAULT false,
    -- Requests per minute; NULL: the platform's default.
    rate_limit              integer CHECK (rate_limit > 0),
    expires_at              timestamptz,
    grace_period_expires_at timestamptz,
    last_used_at            timestamptz,
    last_used_ip            text,
    usage_count             bigint NOT NULL DEFAULT 0,
    created_by              uuid REFERENCES users ON DELETE SET NULL,
    revoked_at              timestamptz,
    revoked_by              uuid,
    revoked_reason          text,
    created_at              timestamptz NOT NULL DEFAULT now(),
    updated_at              timestamptz NOT NULL DEFAULT now(),
    CHECK ((scope_type = 'tenant') = (tenant_id IS NOT NULL)),
    CHECK ((status = 'revoked') = (revoked_at IS NOT NULL)),
    FOREIGN KEY (workspace_id, organization_id) REFERENCES workspaces (workspace_id, organization_id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, workspace_id, organization_id)
        REFERENCES tenants (tenant_id, workspace_id, organization_id) ON DELETE CASCADE
);
CREATE INDEX api_keys_place ON api_keys (workspace_id, tenant_id, created_at DESC);
ALTER TABLE api_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE api_keys FORCE ROW LEVEL SECURITY;
-- The keys of the tenant one stands in, and those of its whole workspace.
CREATE POLICY own_place ON api_keys
    USING (organization_id = app_organization_id() AND workspace_id = app_workspace_id()
           AND (tenant_id IS NULL OR tenant_id = app_tenant_id()))
    WITH CHECK (organization_id = app_organization_id() AND workspace_id = app_workspace_id()
                AND (tenant_id IS NULL OR tenant_id = app_tenant_id()));
CREATE POLICY platform ON api_keys USING (app_system_scope('platform')) WITH CHECK (app_system_scope('platform'));
CREATE POLICY authenticator_reads ON api_keys FOR SELECT USING (app_system_scope('api-keys'));
CREATE POLICY authenticator_notes_use ON api_keys FOR UPDATE
    USING (app_system_scope('api-keys')) WITH CHECK (app_system_scope('api-keys'));
