"""What a database brings along from elsewhere: a first migration takes only what a finished scrub has looked at."""

from __future__ import annotations

from collections.abc import Sequence

from payments.cards import redact
from payments.connection import Connection
from payments.migrations import MigrationError

_IS_FIRST = "SELECT to_regclass('payments.migrations') IS NULL"
_IS_MARKED = "SELECT to_regclass('scrubbed.tables') IS NOT NULL"
# Tables with their columns, and large objects, which belong to none. What an extension brings is none of development's.
_BROUGHT = """
SELECT format('%I.%I', nspname, relname) AS name, array_agg(CAST(attname AS text) ORDER BY attnum) AS columns
FROM pg_class
JOIN pg_namespace ON pg_namespace.oid = relnamespace
JOIN pg_attribute ON attrelid = pg_class.oid AND attnum > 0 AND NOT attisdropped
WHERE relkind IN ('r', 'm') AND nspname NOT LIKE 'pg\\_%'
AND nspname NOT IN ('information_schema', 'payments', 'scrubbed')
AND NOT EXISTS (
    SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = pg_class.oid AND deptype = 'e'
)
GROUP BY nspname, relname
"""
_UNMARKED = f"""
SELECT name FROM ({_BROUGHT}) AS brought{{others}}
UNION ALL SELECT 'large objects' WHERE EXISTS (SELECT FROM pg_largeobject_metadata){{others_of_all}}
ORDER BY 1
"""  # noqa: S608 - of this file's own texts
_BUT_MARKED = """
WHERE NOT EXISTS (
    SELECT FROM scrubbed.tables AS marked WHERE marked.name = brought.name AND marked.columns = brought.columns
)"""
_NAMED = 5


def refuse_unscrubbed(connection: Connection) -> None:
    """Refuse a database of elsewhere that nobody scrubbed; one that was migrated before is this environment's."""
    if connection.run(_IS_FIRST) != [[True]]:
        return
    marked = connection.run(_IS_MARKED) == [[True]]
    # A finished scrub has looked at large objects too, or was told that a person has.
    sql = _UNMARKED.format(
        others=_BUT_MARKED if marked else "", others_of_all=" AND false" if marked else ""
    )
    found = [redact(str(name)) for (name,) in connection.run(sql) or []]
    if found:
        raise MigrationError(_refusal(found))


def _refusal(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return (
        f"no finished scrub has looked at {', '.join(names[:_NAMED])}{more}: scrub a copy of development with"
        " `python -m scrub`, and take the snapshot or the dump of that (docs/runbook.md, MIG-1)"
    )
