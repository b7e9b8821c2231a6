-- What readers and writers may do. Login roles are made from the spec on each run, in roles.sql.

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'payments_reader') THEN
        CREATE ROLE payments_reader NOLOGIN;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'payments_writer') THEN
        CREATE ROLE payments_writer NOLOGIN;
    END IF;
    -- Nobody gets anything by default, least of all the right to make tables.
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO payments_reader, payments_writer', current_database());
END
$$;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA payments TO payments_reader, payments_writer;

GRANT SELECT ON payments, decisions, migrations TO payments_reader;

GRANT SELECT ON merchants, payments, decisions, idempotency_keys, outbox, migrations TO payments_writer;
GRANT INSERT ON payments, decisions, idempotency_keys, outbox TO payments_writer;
-- A decision is never changed and never deleted.
GRANT UPDATE (request_sha256, answer, expires_at) ON idempotency_keys TO payments_writer;
GRANT DELETE ON idempotency_keys TO payments_writer;
-- Of a record only that it was delivered; it goes when that is a while ago.
GRANT UPDATE (delivered_at, attempts, next_attempt_at, last_error) ON outbox TO payments_writer;
GRANT DELETE ON outbox TO payments_writer;
ALTER TABLE outbox ENABLE ROW LEVEL SECURITY;
CREATE POLICY outbox_read ON outbox FOR SELECT TO payments_writer USING (true);
CREATE POLICY outbox_add ON outbox FOR INSERT TO payments_writer WITH CHECK (delivered_at IS NULL);
CREATE POLICY outbox_mark ON outbox FOR UPDATE TO payments_writer USING (delivered_at IS NULL) WITH CHECK (true);
CREATE POLICY outbox_purge ON outbox FOR DELETE TO payments_writer
    USING (delivered_at < now() - interval '7 days');
