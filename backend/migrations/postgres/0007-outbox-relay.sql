-- Delivery of outbox events is tried until every consumer has taken the event; who has taken it is marked, so that a
-- redelivery reaches only those that have not.
ALTER TABLE outbox
    ADD COLUMN attempts        integer NOT NULL DEFAULT 0,
    ADD COLUMN next_attempt_at timestamptz NOT NULL DEFAULT now(),
    ADD COLUMN processed_by    text[] NOT NULL DEFAULT '{}';

DROP INDEX outbox_unpublished;
CREATE INDEX outbox_due ON outbox (next_attempt_at, id) WHERE published_at IS NULL;
CREATE INDEX outbox_done ON outbox (published_at) WHERE published_at IS NOT NULL;

-- Wakes the relay when the transaction commits.
CREATE FUNCTION outbox_wake() RETURNS trigger LANGUAGE plpgsql AS
$$
BEGIN
    PERFORM pg_notify('outbox', '');
    RETURN NULL;
END
$$;
CREATE TRIGGER outbox_wake AFTER INSERT ON outbox FOR EACH STATEMENT EXECUTE FUNCTION outbox_wake();
