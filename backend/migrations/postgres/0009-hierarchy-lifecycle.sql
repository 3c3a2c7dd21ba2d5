-- Which places are open: nothing of them, or above them, is deactivated or deleted. What logs in, stays signed in or
-- presents a key does so in an open place. It sees what the asking scope sees (security_invoker).
CREATE VIEW open_places WITH (security_invoker = true) AS
SELECT t.tenant_id, t.workspace_id, t.organization_id, o.region_id,
       t.name AS tenant_name, t.code AS tenant_code, t.created_at AS tenant_created_at,
       w.name AS workspace_name, w.code AS workspace_code, w.is_reserved,
       o.name AS organization_name, o.code AS organization_code
FROM tenants t
JOIN workspaces w ON w.workspace_id = t.workspace_id AND w.is_active AND w.deleted_at IS NULL
JOIN organizations o ON o.organization_id = t.organization_id AND o.is_active AND o.deleted_at IS NULL
JOIN regions r ON r.region_id = o.region_id AND r.is_active AND r.deleted_at IS NULL
WHERE t.is_active AND t.deleted_at IS NULL;

-- What waits for its purge.
CREATE INDEX regions_deleted ON regions (deleted_at) WHERE deleted_at IS NOT NULL;
CREATE INDEX organizations_deleted ON organizations (deleted_at) WHERE deleted_at IS NOT NULL;
CREATE INDEX workspaces_deleted ON workspaces (deleted_at) WHERE deleted_at IS NOT NULL;
CREATE INDEX tenants_deleted ON tenants (deleted_at) WHERE deleted_at IS NOT NULL;
-- Assignments at a place go with it; users at home in a tenant are found when it closes.
CREATE INDEX role_assignments_scope ON role_assignments (scope_id) WHERE scope_id IS NOT NULL;
CREATE INDEX users_tenant ON users (tenant_id);

-- Whether the platform could go on if the region, organization, workspace or tenant were closed: its own workspace is not
-- in it, and an active super administrator is at home in an open place elsewhere. Looks over the whole platform, whoever
-- asks, and one at a time: two places must not both be closed because each counts on the other's administrator.
CREATE FUNCTION app_may_close(place uuid) RETURNS boolean LANGUAGE plpgsql AS
$$
DECLARE
    caller_scope text := COALESCE(current_setting('app.system_scope', true), '');
    may boolean;
BEGIN
    PERFORM pg_advisory_xact_lock(7305518209);
    PERFORM set_config('app.system_scope', 'platform', true);
    SELECT NOT EXISTS (SELECT 1 FROM open_places p
                       WHERE p.is_reserved AND place IN (p.region_id, p.organization_id, p.workspace_id, p.tenant_id))
           AND EXISTS (SELECT 1 FROM role_assignments a
                       JOIN roles r ON r.role_id = a.role_id AND r.is_system AND r.code = 'super_administrator'
                       JOIN users u ON u.user_id = a.user_id AND u.is_active AND u.deleted_at IS NULL
                       JOIN open_places p ON p.tenant_id = u.tenant_id
                       WHERE a.scope_type = 'platform' AND (a.expires_at IS NULL OR a.expires_at > now())
                         AND place NOT IN (p.region_id, p.organization_id, p.workspace_id, p.tenant_id))
    INTO may;
    PERFORM set_config('app.system_scope', caller_scope, true);
    RETURN may;
END
$$;

-- Ends the sessions of everyone at home in the place, in the transaction that closes it; to whoever closes it the
-- sessions themselves stay invisible.
CREATE FUNCTION app_end_sessions_in(place uuid) RETURNS void LANGUAGE plpgsql AS
$$
DECLARE
    caller_scope text := COALESCE(current_setting('app.system_scope', true), '');
    owners uuid[];
BEGIN
    -- As the caller: users of their organization, or everyone's for the platform.
    SELECT array_agg(u.user_id) INTO owners
    FROM users u JOIN organizations o ON o.organization_id = u.organization_id
    WHERE place IN (o.region_id, u.organization_id, u.workspace_id, u.tenant_id);
    PERFORM set_config('app.system_scope', 'authentication', true);
    UPDATE sessions SET ended_at = now(), end_reason = 'revoked' WHERE user_id = ANY(owners) AND ended_at IS NULL;
    PERFORM set_config('app.system_scope', caller_scope, true);
END
$$;
