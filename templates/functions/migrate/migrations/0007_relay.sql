-- migration: expand
-- Only the relay marks audit records as delivered, once it has compared them with the bucket, and removes them.
-- Login roles are made in roles.sql.

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'payments_relay') THEN
        CREATE ROLE payments_relay NOLOGIN;
    END IF;
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO payments_relay', current_database());
END
$$;
GRANT USAGE ON SCHEMA payments TO payments_relay;
GRANT SELECT ON outbox, idempotency_keys, migrations TO payments_relay;
GRANT UPDATE (delivered_at, attempts, next_attempt_at, last_error) ON outbox TO payments_relay;
GRANT DELETE ON outbox, idempotency_keys TO payments_relay;
-- To lock the keys that it removes: they have run out.
GRANT UPDATE (expires_at) ON idempotency_keys TO payments_relay;

-- Functions of the release before mark their records as `payments_writer`. They keep the grants and lose the rows: their
-- statements change nothing, without an error. A later migration takes the grants back.
ALTER POLICY outbox_read ON outbox TO payments_writer, payments_relay;
ALTER POLICY outbox_mark ON outbox TO payments_relay
    USING (delivered_at IS NULL) WITH CHECK (delivered_at IS NULL OR delivered_at = now());
ALTER POLICY outbox_purge ON outbox TO payments_relay;
-- Nobody writes a record that is in the past, or that is not due for long.
ALTER POLICY outbox_add ON outbox WITH CHECK (
    delivered_at IS NULL AND attempts = 0 AND last_error IS NULL
    AND created_at = now() AND next_attempt_at <= now() + interval '1 minute'
);
