-- Groups, the roles held through them, and single permissions granted to a user or denied.

ALTER TABLE users ADD CONSTRAINT users_home UNIQUE (user_id, organization_id);

-- Checked at the end of the statement: the purge of an organization takes its roles and who holds them together.
ALTER TABLE role_assignments DROP CONSTRAINT role_assignments_role_id_fkey;
ALTER TABLE role_assignments ADD CONSTRAINT role_assignments_role_id_fkey FOREIGN KEY (role_id) REFERENCES roles;

-- A role's name is one of a kind within its organization.
CREATE UNIQUE INDEX roles_name ON roles (organization_id, lower(name)) WHERE deleted_at IS NULL;

CREATE TABLE groups (
    group_id        uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
    name            text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    description     text NOT NULL DEFAULT '' CHECK (length(description) <= 1000),
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    UNIQUE (group_id, organization_id)
);
CREATE UNIQUE INDEX groups_name ON groups (organization_id, lower(name));
SELECT app_protect('groups', 'organization');
CREATE POLICY authentication ON groups FOR SELECT USING (app_system_scope('authentication'));

-- The composite keys keep a group, its members and its roles within one organization.
CREATE TABLE group_members (
    group_id        uuid NOT NULL,
    user_id         uuid NOT NULL,
    organization_id uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
    added_by        uuid,
    added_at        timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (group_id, user_id),
    FOREIGN KEY (group_id, organization_id) REFERENCES groups (group_id, organization_id) ON DELETE CASCADE,
    FOREIGN KEY (user_id, organization_id) REFERENCES users (user_id, organization_id) ON DELETE CASCADE
);
CREATE INDEX group_members_user ON group_members (user_id);
SELECT app_protect('group_members', 'organization');
CREATE POLICY authentication ON group_members FOR SELECT USING (app_system_scope('authentication'));

-- As role_assignments, held by every member of the group.
CREATE TABLE group_role_assignments (
    group_role_assignment_id uuid PRIMARY KEY,
    group_id                 uuid NOT NULL,
    role_id                  uuid NOT NULL REFERENCES roles,
    organization_id          uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
    scope_type               text NOT NULL CHECK (scope_type IN ('platform', 'organization', 'workspace', 'tenant')),
    scope_id                 uuid,
    assigned_by              uuid,
    assigned_at              timestamptz NOT NULL DEFAULT now(),
    expires_at               timestamptz,
    CHECK ((scope_type = 'platform') = (scope_id IS NULL)),
    UNIQUE NULLS NOT DISTINCT (group_id, role_id, scope_type, scope_id),
    FOREIGN KEY (group_id, organization_id) REFERENCES groups (group_id, organization_id) ON DELETE CASCADE
);
CREATE INDEX group_role_assignments_role ON group_role_assignments (role_id);
SELECT app_protect('group_role_assignments', 'organization');
CREATE POLICY authentication ON group_role_assignments FOR SELECT USING (app_system_scope('authentication'));

-- One permission at a place, beside the roles: given, or taken away from whatever roles give.
CREATE TABLE permission_grants (
    permission_grant_id uuid PRIMARY KEY,
    user_id             uuid NOT NULL,
    permission_id       uuid NOT NULL REFERENCES permissions ON DELETE CASCADE,
    organization_id     uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
    effect              text NOT NULL CHECK (effect IN ('allow', 'deny')),
    scope_type          text NOT NULL CHECK (scope_type IN ('platform', 'organization', 'workspace', 'tenant')),
    scope_id            uuid,
    granted_by          uuid,
    granted_at          timestamptz NOT NULL DEFAULT now(),
    expires_at          timestamptz,
    CHECK ((scope_type = 'platform') = (scope_id IS NULL)),
    UNIQUE NULLS NOT DISTINCT (user_id, permission_id, scope_type, scope_id),
    FOREIGN KEY (user_id, organization_id) REFERENCES users (user_id, organization_id) ON DELETE CASCADE
);
SELECT app_protect('permission_grants', 'organization');
CREATE POLICY authentication ON permission_grants FOR SELECT USING (app_system_scope('authentication'));
