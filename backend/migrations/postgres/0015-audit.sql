-- The ledger of the audit trail. The entries lie in ClickHouse; what they must be lies here.

-- One chain per organization. The chain of the nil UUID holds what belongs to no organization, such as logins of unknown
-- addresses. No foreign key: a trail outlives its organization until its retention has taken it.
CREATE TABLE audit_chains (
    chain_id        uuid PRIMARY KEY,
    head_sequence   bigint NOT NULL DEFAULT 0 CHECK (head_sequence >= 0),
    head_hash       text NOT NULL DEFAULT repeat('0', 64),
    -- What the first kept entry is linked to: everything up to here has been let go by the retention.
    anchor_sequence bigint NOT NULL DEFAULT 0 CHECK (anchor_sequence >= 0),
    anchor_hash     text NOT NULL DEFAULT repeat('0', 64),
    -- Up to here the entries are gone from ClickHouse, too.
    pruned_sequence bigint NOT NULL DEFAULT 0,
    -- NULL: the platform's default.
    retention_days  integer CHECK (retention_days BETWEEN 30 AND 3650)
);
ALTER TABLE audit_chains ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_chains FORCE ROW LEVEL SECURITY;
CREATE POLICY own_chain ON audit_chains FOR SELECT USING (chain_id = app_organization_id());
CREATE POLICY audit ON audit_chains USING (app_system_scope('audit')) WITH CHECK (app_system_scope('audit'));

CREATE TABLE audit_chain (
    chain_id       uuid NOT NULL REFERENCES audit_chains,
    sequence       bigint NOT NULL CHECK (sequence > 0),
    -- Of the outbox: an event that is delivered again is known by it.
    event_id       uuid NOT NULL UNIQUE,
    at             timestamptz NOT NULL,
    hash           text NOT NULL,
    -- Digests of what an erasure put in the place of personal data; NULL: nothing was erased.
    erased_actor   text,
    erased_subject text,
    PRIMARY KEY (chain_id, sequence)
);
CREATE INDEX audit_chain_age ON audit_chain (chain_id, at);
ALTER TABLE audit_chain ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_chain FORCE ROW LEVEL SECURITY;
CREATE POLICY own_chain ON audit_chain FOR SELECT USING (chain_id = app_organization_id());
CREATE POLICY audit ON audit_chain USING (app_system_scope('audit')) WITH CHECK (app_system_scope('audit'));

-- Entries that have their place in the chain and are on their way to ClickHouse.
CREATE TABLE audit_pending (
    position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    chain_id uuid NOT NULL,
    sequence bigint NOT NULL,
    entry    text NOT NULL,
    UNIQUE (chain_id, sequence)
);
ALTER TABLE audit_pending ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_pending FORCE ROW LEVEL SECURITY;
CREATE POLICY own_chain ON audit_pending FOR SELECT USING (chain_id = app_organization_id());
CREATE POLICY audit ON audit_pending USING (app_system_scope('audit')) WITH CHECK (app_system_scope('audit'));

-- People whose data the trail must not show any more.
CREATE TABLE audit_erasures (
    user_id      uuid PRIMARY KEY,
    pseudonym    text NOT NULL,
    -- How entries about others may mention the person; NULL once the trail has been gone through.
    email        text,
    full_name    text,
    requested_at timestamptz NOT NULL DEFAULT now(),
    -- Set when the act of erasure itself is in the trail, and so all that came before it.
    is_due       boolean NOT NULL DEFAULT false,
    applied_at   timestamptz
);
ALTER TABLE audit_erasures ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_erasures FORCE ROW LEVEL SECURITY;
CREATE POLICY audit ON audit_erasures USING (app_system_scope('audit')) WITH CHECK (app_system_scope('audit'));
