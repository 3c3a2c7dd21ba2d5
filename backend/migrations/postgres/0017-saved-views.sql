-- Explorers as somebody left them: private to their owner, or shared with everyone who can read the tenant.

CREATE TABLE saved_views (
    saved_view_id   uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    workspace_id    uuid NOT NULL,
    tenant_id       uuid NOT NULL,
    owner_id        uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    name            text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    description     text NOT NULL DEFAULT '' CHECK (length(description) <= 1000),
    page            text NOT NULL CHECK (page IN ('traces', 'logs', 'metrics', 'services')),
    -- The URL's query part.
    state           text NOT NULL CHECK (length(state) <= 8192),
    visibility      text NOT NULL CHECK (visibility IN ('private', 'shared')),
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    FOREIGN KEY (tenant_id, workspace_id, organization_id)
        REFERENCES tenants (tenant_id, workspace_id, organization_id) ON DELETE CASCADE
);
CREATE INDEX saved_views_place ON saved_views (tenant_id, page, lower(name));
CREATE INDEX saved_views_owner ON saved_views (owner_id);
SELECT app_protect('saved_views', 'tenant');
-- On top of the place: nobody sees or touches another's private view. The platform's own scope has no user.
CREATE POLICY private_to_owner ON saved_views AS RESTRICTIVE
    USING (visibility = 'shared' OR owner_id = app_user_id() OR app_system_scope('platform'));
