-- Events, written in the transaction of the act they tell of and published afterwards by the relay.

CREATE TABLE outbox (
    id              uuid PRIMARY KEY,
    type            text NOT NULL CHECK (type ~ '^[a-z][a-z0-9_-]*(\.[a-z][a-z0-9_-]*)+$'),
    payload         jsonb NOT NULL,
    -- NULL: the event belongs to no organization (a login of an unknown address).
    organization_id uuid,
    created_at      timestamptz NOT NULL DEFAULT now(),
    published_at    timestamptz
);
CREATE INDEX outbox_unpublished ON outbox (created_at, id) WHERE published_at IS NULL;
ALTER TABLE outbox ENABLE ROW LEVEL SECURITY;
ALTER TABLE outbox FORCE ROW LEVEL SECURITY;
-- Everyone may tell of their own organization; only the relay reads.
CREATE POLICY tell ON outbox FOR INSERT
    WITH CHECK (organization_id = app_organization_id()
                OR COALESCE(current_setting('app.system_scope', true), '') <> '');
CREATE POLICY relay ON outbox USING (app_system_scope('outbox')) WITH CHECK (app_system_scope('outbox'));
