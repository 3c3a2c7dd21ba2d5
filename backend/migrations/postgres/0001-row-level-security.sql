-- The vocabulary of row-level security. The server sets app.* per transaction (SET LOCAL), nothing else does.
-- A connection that sets nothing sees nothing: the comparisons below are NULL then.

CREATE FUNCTION app_organization_id() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT NULLIF(current_setting('app.organization_id', true), '')::uuid $$;

CREATE FUNCTION app_workspace_id() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT NULLIF(current_setting('app.workspace_id', true), '')::uuid $$;

CREATE FUNCTION app_tenant_id() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT NULLIF(current_setting('app.tenant_id', true), '')::uuid $$;

CREATE FUNCTION app_user_id() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT NULLIF(current_setting('app.user_id', true), '')::uuid $$;

-- A system scope opens only the tables that its purpose needs (login: users and sessions, never API keys); 'platform'
-- opens all of them and is for seeding, migrations and acts of the platform's own administrators.
CREATE FUNCTION app_system_scope(purpose text) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT current_setting('app.system_scope', true) IN (purpose, 'platform') $$;

-- Puts a table under row-level security, for its owner too. level: which of organization_id, workspace_id, tenant_id
-- (columns the table must have) a row shares with the transaction's place.
CREATE FUNCTION app_protect(target regclass, level text) RETURNS void LANGUAGE plpgsql AS
$$
DECLARE
    own_place text := 'organization_id = app_organization_id()';
BEGIN
    IF level NOT IN ('organization', 'workspace', 'tenant') THEN
        RAISE EXCEPTION 'unknown protection level %', level;
    END IF;
    IF level IN ('workspace', 'tenant') THEN
        own_place := own_place || ' AND workspace_id = app_workspace_id()';
    END IF;
    IF level = 'tenant' THEN
        own_place := own_place || ' AND tenant_id = app_tenant_id()';
    END IF;
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', target);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', target);
    EXECUTE format('CREATE POLICY own_place ON %s USING (%s) WITH CHECK (%s)', target, own_place, own_place);
    EXECUTE format('CREATE POLICY platform ON %s USING (app_system_scope(''platform'')) '
                   'WITH CHECK (app_system_scope(''platform''))', target);
END
$$;
REVOKE ALL ON FUNCTION app_protect(regclass, text) FROM PUBLIC;
