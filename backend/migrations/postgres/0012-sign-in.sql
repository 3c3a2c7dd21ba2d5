-- The second factor, the devices that somebody signs in from, and how long a session may live.

-- A session is its owner's, wherever the owner stands: an administrator of the platform may stand in another organization.
DROP POLICY own_place ON sessions;
DROP POLICY own_sessions ON sessions;
CREATE POLICY own ON sessions USING (user_id = app_user_id()) WITH CHECK (user_id = app_user_id());

-- One authenticator app per user.
CREATE TABLE mfa_secrets (
    user_id         uuid PRIMARY KEY REFERENCES users ON DELETE CASCADE,
    organization_id uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
    -- AES-256-GCM, sealed for this user: nonce, ciphertext and tag.
    sealed_secret   bytea NOT NULL,
    -- Salt of the recovery codes: one run of the hash finds the code among all of the user's.
    recovery_salt   bytea NOT NULL CHECK (length(recovery_salt) = 16),
    -- NULL: enrolled, but not confirmed with a code yet; then pending_until says how long that may take.
    enabled_at      timestamptz,
    pending_until   timestamptz,
    -- The newest 30-second step whose code was used: no code is good twice.
    last_used_step  bigint NOT NULL DEFAULT 0,
    failed_attempts integer NOT NULL DEFAULT 0,
    locked_until    timestamptz,
    created_at      timestamptz NOT NULL DEFAULT now(),
    CHECK ((enabled_at IS NULL) = (pending_until IS NOT NULL))
);
ALTER TABLE mfa_secrets ENABLE ROW LEVEL SECURITY;
ALTER TABLE mfa_secrets FORCE ROW LEVEL SECURITY;
CREATE POLICY authentication ON mfa_secrets
    USING (app_system_scope('authentication')) WITH CHECK (app_system_scope('authentication'));
-- That somebody has a second factor is no secret inside the organization; the sealed secret is worth nothing there.
CREATE POLICY own_organization ON mfa_secrets FOR SELECT USING (organization_id = app_organization_id());

CREATE TABLE mfa_recovery_codes (
    mfa_recovery_code_id uuid PRIMARY KEY,
    user_id              uuid NOT NULL REFERENCES mfa_secrets ON DELETE CASCADE,
    code_hash            text NOT NULL CHECK (code_hash LIKE '$argon2id$%'),
    used_at              timestamptz,
    UNIQUE (user_id, code_hash)
);
ALTER TABLE mfa_recovery_codes ENABLE ROW LEVEL SECURITY;
ALTER TABLE mfa_recovery_codes FORCE ROW LEVEL SECURITY;
CREATE POLICY authentication ON mfa_recovery_codes
    USING (app_system_scope('authentication')) WITH CHECK (app_system_scope('authentication'));

-- A browser or program that a user has signed in from.
CREATE TABLE known_devices (
    known_device_id uuid PRIMARY KEY,
    user_id         uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    organization_id uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
    -- SHA-256 of the token that the device keeps. A device that keeps none is known by its fingerprint, and never trusted.
    token_hash      bytea CHECK (length(token_hash) = 32),
    -- SHA-256 of what the device says of itself and the network that it comes from.
    fingerprint     bytea NOT NULL CHECK (length(fingerprint) = 32),
    name            text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    user_agent      text NOT NULL DEFAULT '',
    last_ip         text NOT NULL DEFAULT '',
    login_count     integer NOT NULL DEFAULT 1,
    -- Until then a login from it needs no second factor.
    trusted_until   timestamptz CHECK (trusted_until IS NULL OR token_hash IS NOT NULL),
    first_seen_at   timestamptz NOT NULL DEFAULT now(),
    last_seen_at    timestamptz NOT NULL DEFAULT now(),
    UNIQUE (user_id, token_hash)
);
CREATE INDEX known_devices_fingerprint ON known_devices (user_id, fingerprint);
ALTER TABLE known_devices ENABLE ROW LEVEL SECURITY;
ALTER TABLE known_devices FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON known_devices USING (user_id = app_user_id()) WITH CHECK (user_id = app_user_id());
CREATE POLICY authentication ON known_devices
    USING (app_system_scope('authentication')) WITH CHECK (app_system_scope('authentication'));

ALTER TABLE sessions
    ADD COLUMN known_device_id uuid REFERENCES known_devices ON DELETE SET NULL,
    -- Lives 30 days between two uses instead of 7.
    ADD COLUMN is_remembered boolean NOT NULL DEFAULT false;
