-- Secrets that somebody is given once, by mail or as the answer to a step: to prove an address, accept an invitation,
-- choose a new password, or come back with a second factor.

CREATE TABLE one_time_tokens (
    one_time_token_id uuid PRIMARY KEY,
    purpose           text NOT NULL CHECK (purpose ~ '^[a-z][a-z_]{1,39}$'),
    -- SHA-256 of the random token; the token itself is stored nowhere.
    token_hash        bytea NOT NULL UNIQUE CHECK (length(token_hash) = 32),
    -- Whom it speaks for. NULL: somebody who has no account yet.
    user_id           uuid REFERENCES users ON DELETE CASCADE,
    -- Where its owner belongs, or is invited to. NULL: nowhere yet.
    organization_id   uuid REFERENCES organizations ON DELETE CASCADE,
    -- The address that it was sent to or is meant for. NULL: whoever holds it.
    email             text CHECK (email = lower(email) AND length(email) <= 254),
    -- What the use of it needs to know; never a secret.
    details           jsonb NOT NULL DEFAULT '{}',
    max_uses          integer NOT NULL DEFAULT 1 CHECK (max_uses BETWEEN 1 AND 1000),
    uses_left         integer NOT NULL CHECK (uses_left BETWEEN 0 AND max_uses),
    created_by        uuid,
    created_at        timestamptz NOT NULL DEFAULT now(),
    expires_at        timestamptz NOT NULL
);
CREATE INDEX one_time_tokens_user ON one_time_tokens (user_id, purpose) WHERE uses_left > 0;
CREATE INDEX one_time_tokens_organization ON one_time_tokens (organization_id) WHERE purpose = 'invitation';
CREATE INDEX one_time_tokens_expiry ON one_time_tokens (expires_at);
ALTER TABLE one_time_tokens ENABLE ROW LEVEL SECURITY;
ALTER TABLE one_time_tokens FORCE ROW LEVEL SECURITY;
-- Whoever presents a token is not signed in yet.
CREATE POLICY authentication ON one_time_tokens
    USING (app_system_scope('authentication')) WITH CHECK (app_system_scope('authentication'));
-- Invitations are a list that an organization keeps; all else is between the server and its owner.
CREATE POLICY own_invitations ON one_time_tokens
    USING (purpose = 'invitation' AND organization_id = app_organization_id())
    WITH CHECK (purpose = 'invitation' AND organization_id = app_organization_id());
