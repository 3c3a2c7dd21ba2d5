-- A session is one login; its refresh tokens are one family, of which one is usable at a time.

CREATE TABLE sessions (
    session_id      uuid PRIMARY KEY,
    user_id         uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    organization_id uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
    ip_address      text NOT NULL DEFAULT '',
    user_agent      text NOT NULL DEFAULT '',
    created_at      timestamptz NOT NULL DEFAULT now(),
    last_used_at    timestamptz NOT NULL DEFAULT now(),
    expires_at      timestamptz NOT NULL,
    ended_at        timestamptz,
    end_reason      text CHECK (end_reason IN ('logout', 'token_reuse', 'revoked', 'password_changed', 'user_disabled')),
    CHECK ((ended_at IS NULL) = (end_reason IS NULL))
);
CREATE INDEX sessions_user ON sessions (user_id) WHERE ended_at IS NULL;
CREATE INDEX sessions_expiry ON sessions (expires_at);
SELECT app_protect('sessions', 'organization');
-- Inside an organization a session is still only its owner's.
CREATE POLICY own_sessions ON sessions AS RESTRICTIVE
    USING (user_id = app_user_id() OR app_system_scope('authentication'));
CREATE POLICY authentication ON sessions
    USING (app_system_scope('authentication')) WITH CHECK (app_system_scope('authentication'));

CREATE TABLE refresh_tokens (
    refresh_token_id uuid PRIMARY KEY,
    session_id       uuid NOT NULL REFERENCES sessions ON DELETE CASCADE,
    organization_id  uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
    -- SHA-256 of the opaque token; the token itself is stored nowhere.
    token_hash       bytea NOT NULL UNIQUE CHECK (length(token_hash) = 32),
    issued_at        timestamptz NOT NULL DEFAULT now(),
    expires_at       timestamptz NOT NULL,
    rotated_at       timestamptz,
    replaced_by      uuid REFERENCES refresh_tokens ON DELETE SET NULL,
    CHECK (replaced_by IS NULL OR rotated_at IS NOT NULL)
);
CREATE INDEX refresh_tokens_session ON refresh_tokens (session_id);
ALTER TABLE refresh_tokens ENABLE ROW LEVEL SECURITY;
ALTER TABLE refresh_tokens FORCE ROW LEVEL SECURITY;
CREATE POLICY authentication ON refresh_tokens
    USING (app_system_scope('authentication')) WITH CHECK (app_system_scope('authentication'));
