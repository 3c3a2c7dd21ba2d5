-- How often somebody asked for what may be asked for a few times an hour, across nodes and restarts.

CREATE TABLE request_windows (
    purpose    text NOT NULL CHECK (purpose ~ '^[a-z][a-z_]{1,39}$'),
    -- SHA-256 of whom it is counted for, so that this is no list of addresses.
    key_hash   bytea NOT NULL CHECK (length(key_hash) = 32),
    requests   integer NOT NULL CHECK (requests > 0),
    ends_at    timestamptz NOT NULL,
    PRIMARY KEY (purpose, key_hash)
);
CREATE INDEX request_windows_end ON request_windows (ends_at);
ALTER TABLE request_windows ENABLE ROW LEVEL SECURITY;
ALTER TABLE request_windows FORCE ROW LEVEL SECURITY;
CREATE POLICY authentication ON request_windows
    USING (app_system_scope('authentication')) WITH CHECK (app_system_scope('authentication'));

-- A picture is written together with the user's row and the record of the act, which is the sign-in's own business.
DROP POLICY authentication ON avatars;
CREATE POLICY authentication ON avatars
    USING (app_system_scope('authentication')) WITH CHECK (app_system_scope('authentication'));
