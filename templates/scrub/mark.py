"""The mark of a finished scrub: what was looked at, in the database itself, so that a snapshot and a dump carry it.

The function that migrates refuses a database whose tables no mark names (`payments/arriving.py` reads it).
"""

from __future__ import annotations

from scrub.connection import Connection

_MARK = """
DROP SCHEMA IF EXISTS scrubbed CASCADE;
CREATE SCHEMA scrubbed;
CREATE TABLE scrubbed.tables (
    name text PRIMARY KEY,
    columns text[] NOT NULL,
    finished_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE scrubbed.tables IS 'tables in which python -m scrub left no card number';
INSERT INTO scrubbed.tables (name, columns)
SELECT format('%I.%I', nspname, relname), array_agg(CAST(attname AS text) ORDER BY attnum)
FROM pg_class
JOIN pg_namespace ON pg_namespace.oid = relnamespace
JOIN pg_attribute ON attrelid = pg_class.oid AND attnum > 0 AND NOT attisdropped
WHERE relkind IN ('r', 'm') AND nspname NOT LIKE 'pg\\_%' AND nspname NOT IN ('information_schema', 'scrubbed')
GROUP BY nspname, relname
"""


def leave(connection: Connection) -> None:
    """Write the mark, in the transaction that is open."""
    connection.run(_MARK)
