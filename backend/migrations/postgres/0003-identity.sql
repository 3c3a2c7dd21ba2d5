-- Users, roles, permissions and who holds what where.

CREATE TABLE users (
    user_id                 uuid PRIMARY KEY,
    organization_id         uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
    -- The place a login starts in.
    workspace_id            uuid NOT NULL,
    tenant_id               uuid NOT NULL,
    email                   text NOT NULL CHECK (email = lower(email) AND length(email) <= 254),
    -- Argon2id in PHC form; NULL for people who only sign in through an identity provider.
    password_hash           text,
    password_changed_at     timestamptz,
    force_password_change   boolean NOT NULL DEFAULT false,
    first_name              text NOT NULL DEFAULT '' CHECK (length(first_name) <= 100),
    last_name               text NOT NULL DEFAULT '' CHECK (length(last_name) <= 100),
    avatar_url              text,
    timezone                text NOT NULL DEFAULT 'UTC',
    locale                  text NOT NULL DEFAULT 'en-US',
    email_verified_at       timestamptz,
    is_active               boolean NOT NULL DEFAULT true,
    is_organization_creator boolean NOT NULL DEFAULT false,
    failed_login_attempts   integer NOT NULL DEFAULT 0,
    last_failed_login_at    timestamptz,
    locked_until            timestamptz,
    last_login_at           timestamptz,
    last_login_ip           text,
    login_count             integer NOT NULL DEFAULT 0,
    created_at              timestamptz NOT NULL DEFAULT now(),
    updated_at              timestamptz NOT NULL DEFAULT now(),
    deleted_at              timestamptz,
    FOREIGN KEY (tenant_id, workspace_id, organization_id)
        REFERENCES tenants (tenant_id, workspace_id, organization_id) ON DELETE CASCADE
);
-- A deleted user's address may register again.
CREATE UNIQUE INDEX users_email ON users (email) WHERE deleted_at IS NULL;
CREATE INDEX users_organization ON users (organization_id);
SELECT app_protect('users', 'organization');
CREATE POLICY authentication_reads ON users FOR SELECT USING (app_system_scope('authentication'));
CREATE POLICY authentication_counts ON users FOR UPDATE
    USING (app_system_scope('authentication')) WITH CHECK (app_system_scope('authentication'));

CREATE TABLE permissions (
    permission_id uuid PRIMARY KEY,
    name          text NOT NULL UNIQUE CHECK (name ~ '^[a-z-]+:[a-z-]+$'),
    resource      text NOT NULL,
    action        text NOT NULL,
    description   text NOT NULL DEFAULT '',
    created_at    timestamptz NOT NULL DEFAULT now()
);
ALTER TABLE permissions ENABLE ROW LEVEL SECURITY;
ALTER TABLE permissions FORCE ROW LEVEL SECURITY;
CREATE POLICY anyone_reads ON permissions FOR SELECT USING (true);
CREATE POLICY platform ON permissions USING (app_system_scope('platform')) WITH CHECK (app_system_scope('platform'));

-- organization_id NULL: one of the five system tiers, the same for all.
CREATE TABLE roles (
    role_id         uuid PRIMARY KEY,
    organization_id uuid REFERENCES organizations ON DELETE CASCADE,
    code            text NOT NULL CHECK (code ~ '^[a-z0-9][a-z0-9_-]{1,49}$'),
    name            text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    description     text NOT NULL DEFAULT '',
    -- 1 is the strongest tier, 5 the weakest.
    level           smallint NOT NULL CHECK (level BETWEEN 1 AND 5),
    is_system       boolean NOT NULL DEFAULT false,
    is_active       boolean NOT NULL DEFAULT true,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    deleted_at      timestamptz,
    UNIQUE NULLS NOT DISTINCT (organization_id, code),
    CHECK (is_system = (organization_id IS NULL))
);
SELECT app_protect('roles', 'organization');
CREATE POLICY anyone_reads_system_roles ON roles FOR SELECT USING (is_system);
CREATE POLICY authentication ON roles FOR SELECT USING (app_system_scope('authentication'));

CREATE TABLE role_permissions (
    role_id       uuid NOT NULL REFERENCES roles ON DELETE CASCADE,
    permission_id uuid NOT NULL REFERENCES permissions ON DELETE CASCADE,
    granted_at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (role_id, permission_id)
);
-- As visible, and as changeable, as the role itself: the subquery runs under the policies of roles.
ALTER TABLE role_permissions ENABLE ROW LEVEL SECURITY;
ALTER TABLE role_permissions FORCE ROW LEVEL SECURITY;
CREATE POLICY visible_role ON role_permissions FOR SELECT
    USING (EXISTS (SELECT 1 FROM roles r WHERE r.role_id = role_permissions.role_id));
CREATE POLICY own_custom_role ON role_permissions
    USING (EXISTS (SELECT 1 FROM roles r
                   WHERE r.role_id = role_permissions.role_id AND r.organization_id = app_organization_id()))
    WITH CHECK (EXISTS (SELECT 1 FROM roles r
                        WHERE r.role_id = role_permissions.role_id AND r.organization_id = app_organization_id()));
CREATE POLICY platform ON role_permissions
    USING (app_system_scope('platform')) WITH CHECK (app_system_scope('platform'));

-- A role held at a place: everywhere, in an organization, a workspace or a tenant. organization_id is the user's.
CREATE TABLE role_assignments (
    role_assignment_id uuid PRIMARY KEY,
    user_id            uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    role_id            uuid NOT NULL REFERENCES roles ON DELETE RESTRICT,
    organization_id    uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
    scope_type         text NOT NULL CHECK (scope_type IN ('platform', 'organization', 'workspace', 'tenant')),
    scope_id           uuid,
    assigned_by        uuid,
    assigned_at        timestamptz NOT NULL DEFAULT now(),
    expires_at         timestamptz,
    CHECK ((scope_type = 'platform') = (scope_id IS NULL)),
    UNIQUE NULLS NOT DISTINCT (user_id, role_id, scope_type, scope_id)
);
CREATE INDEX role_assignments_role ON role_assignments (role_id);
SELECT app_protect('role_assignments', 'organization');
CREATE POLICY authentication ON role_assignments FOR SELECT USING (app_system_scope('authentication'));
