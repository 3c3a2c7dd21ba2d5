-- What a person keeps of their own account: former passwords, preferences, a picture, another address.

CREATE TABLE password_history (
    password_history_id uuid PRIMARY KEY,
    user_id             uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    organization_id     uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
    password_hash       text NOT NULL CHECK (password_hash LIKE '$argon2id$%'),
    replaced_at         timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX password_history_user ON password_history (user_id, replaced_at DESC);
SELECT app_protect('password_history', 'organization');
CREATE POLICY authentication ON password_history
    USING (app_system_scope('authentication')) WITH CHECK (app_system_scope('authentication'));

-- Only what differs from the defaults.
CREATE TABLE user_preferences (
    user_id     uuid PRIMARY KEY REFERENCES users ON DELETE CASCADE,
    preferences jsonb NOT NULL CHECK (jsonb_typeof(preferences) = 'object' AND length(preferences::text) <= 4096),
    updated_at  timestamptz NOT NULL DEFAULT now()
);
ALTER TABLE user_preferences ENABLE ROW LEVEL SECURITY;
ALTER TABLE user_preferences FORCE ROW LEVEL SECURITY;
-- Nobody's business but their owner's, wherever the owner stands.
CREATE POLICY own ON user_preferences USING (user_id = app_user_id()) WITH CHECK (user_id = app_user_id());
CREATE POLICY authentication ON user_preferences FOR SELECT USING (app_system_scope('authentication'));
CREATE POLICY platform ON user_preferences
    USING (app_system_scope('platform')) WITH CHECK (app_system_scope('platform'));

-- A new picture is a new row under a new id, so that an address always means the same bytes.
CREATE TABLE avatars (
    avatar_id    uuid PRIMARY KEY,
    user_id      uuid NOT NULL UNIQUE REFERENCES users ON DELETE CASCADE,
    content_type text NOT NULL CHECK (content_type IN ('image/png', 'image/jpeg', 'image/webp', 'image/gif')),
    width        integer NOT NULL CHECK (width BETWEEN 1 AND 4096),
    height       integer NOT NULL CHECK (height BETWEEN 1 AND 4096),
    content      bytea NOT NULL CHECK (length(content) BETWEEN 1 AND 1048576),
    created_at   timestamptz NOT NULL DEFAULT now()
);
ALTER TABLE avatars ENABLE ROW LEVEL SECURITY;
ALTER TABLE avatars FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON avatars USING (user_id = app_user_id()) WITH CHECK (user_id = app_user_id());
-- Browsers fetch pictures without a token; whoever has the id may see the picture.
CREATE POLICY authentication ON avatars FOR SELECT USING (app_system_scope('authentication'));
CREATE POLICY platform ON avatars USING (app_system_scope('platform')) WITH CHECK (app_system_scope('platform'));

ALTER TABLE users ADD COLUMN recovery_email text
    CHECK (recovery_email = lower(recovery_email) AND length(recovery_email) <= 254);
