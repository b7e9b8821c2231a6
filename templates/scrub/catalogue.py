"""Looks at what is no row: views, functions, defaults, names, comments, values of sequences, large objects.

Comments are cleaned. Anything else is left to a person, with the statement that removes it.
"""

from __future__ import annotations

from typing import Any

from payments.cards import looks_like_card
from scrub.connection import Connection, attempt, literal, rows
from scrub.report import Report
from scrub.values import cleaned, is_card_number

# Of this database's own: neither PostgreSQL's nor an extension's.
_OWN = """
NOT EXISTS (SELECT FROM pg_depend WHERE classid = {catalogue} AND objid = {oid} AND deptype = 'e')
AND {namespace} IN (SELECT oid FROM pg_namespace WHERE nspname NOT LIKE 'pg\\_%' AND nspname <> 'information_schema')
"""


def _own(catalogue: str, oid: str, namespace: str) -> str:
    return _OWN.format(catalogue=f"CAST('{catalogue}' AS regclass)", oid=oid, namespace=namespace)


_RELATION = _own("pg_class", "pg_class.oid", "relnamespace")
# What it is, the texts that it has, and the statement that removes it; one row each.
_TEXTS = (
    (
        "definition",
        "SELECT pg_get_viewdef(oid), CASE relkind WHEN 'v' THEN 'VIEW ' ELSE 'MATERIALIZED VIEW ' END"
        f" || CAST(CAST(oid AS regclass) AS text) FROM pg_class WHERE relkind IN ('v', 'm') AND {_RELATION}",
    ),
    (
        "body, defaults or settings",
        "SELECT concat_ws(' ', proname, prosrc, probin, CAST(prosqlbody AS text), proconfig,"
        " pg_get_function_arguments(oid), CASE WHEN prokind IN ('f', 'p') THEN pg_get_functiondef(oid) END),"
        " 'ROUTINE ' || CAST(CAST(oid AS regprocedure) AS text)"
        f" FROM pg_proc WHERE {_own('pg_proc', 'pg_proc.oid', 'pronamespace')}",
    ),
    (
        "default",
        "SELECT pg_get_expr(adbin, adrelid), format('ALTER TABLE %s ALTER COLUMN %I DROP DEFAULT',"
        " CAST(adrelid AS regclass), attname) FROM pg_attrdef"
        " JOIN pg_attribute ON attrelid = adrelid AND attnum = adnum"
        f" JOIN pg_class ON pg_class.oid = adrelid WHERE {_RELATION}",
    ),
    (
        "constraint",
        "SELECT concat_ws(' ', conname, pg_get_constraintdef(oid)), CASE WHEN conrelid <> 0 THEN"
        " format('ALTER TABLE %s DROP CONSTRAINT %I', CAST(conrelid AS regclass), conname) ELSE"
        " format('ALTER DOMAIN %s DROP CONSTRAINT %I', CAST(contypid AS regtype), conname) END"
        f" FROM pg_constraint WHERE {_own('pg_constraint', 'pg_constraint.oid', 'connamespace')}",
    ),
    (
        "index",
        "SELECT pg_get_indexdef(pg_class.oid), 'INDEX ' || CAST(CAST(pg_class.oid AS regclass) AS text)"
        f" FROM pg_class WHERE relkind IN ('i', 'I') AND {_RELATION}",
    ),
    (
        "trigger",
        "SELECT pg_get_triggerdef(pg_trigger.oid),"
        " format('TRIGGER %I ON %s', tgname, CAST(tgrelid AS regclass)) FROM pg_trigger"
        f" JOIN pg_class ON pg_class.oid = tgrelid WHERE NOT tgisinternal AND {_RELATION}",
    ),
    (
        "rule",
        "SELECT pg_get_ruledef(pg_rewrite.oid), format('RULE %I ON %s', rulename, CAST(ev_class AS regclass))"
        " FROM pg_rewrite JOIN pg_class ON pg_class.oid = ev_class"
        f" WHERE rulename <> '_RETURN' AND {_RELATION}",
    ),
    (
        "policy",
        "SELECT concat_ws(' ', polname, pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid)),"
        " format('POLICY %I ON %s', polname, CAST(polrelid AS regclass))"
        f" FROM pg_policy JOIN pg_class ON pg_class.oid = polrelid WHERE {_RELATION}",
    ),
    (
        "labels",
        "SELECT string_agg(enumlabel, ' | ' ORDER BY enumsortorder), format('ALTER TYPE %s RENAME VALUE ...',"
        " CAST(enumtypid AS regtype)) FROM pg_enum JOIN pg_type ON pg_type.oid = enumtypid"
        f" WHERE {_own('pg_type', 'pg_type.oid', 'typnamespace')} GROUP BY enumtypid",
    ),
    (
        "bound of a partition",
        "SELECT pg_get_expr(relpartbound, oid), 'TABLE ' || CAST(CAST(oid AS regclass) AS text)"
        f" FROM pg_class WHERE relpartbound IS NOT NULL AND {_RELATION}",
    ),
    (
        "name, or that of a column",
        "SELECT concat_ws(' | ', relname, (SELECT string_agg(attname, ' | ') FROM pg_attribute"
        " WHERE attrelid = pg_class.oid AND attnum > 0 AND NOT attisdropped)), format('ALTER TABLE %s RENAME ...',"
        f" CAST(oid AS regclass)) FROM pg_class WHERE relkind IN ('r', 'p', 'v', 'm', 'f', 'c', 'S') AND {_RELATION}",
    ),
    (
        "name",
        "SELECT typname, format('ALTER TYPE %s RENAME TO ...', CAST(oid AS regtype)) FROM pg_type"
        f" WHERE typrelid = 0 AND typcategory <> 'A' AND {_own('pg_type', 'pg_type.oid', 'typnamespace')}",
    ),
    (
        "name",
        "SELECT nspname, format('ALTER SCHEMA %I RENAME TO ...', nspname) FROM pg_namespace"
        " WHERE nspname NOT LIKE 'pg\\_%' AND nspname <> 'information_schema'",
    ),
    (
        "settings",
        "SELECT CAST(setconfig AS text), format('ALTER DATABASE %I RESET ALL', current_database())"
        " FROM pg_db_role_setting WHERE setdatabase IN (0, (SELECT oid FROM pg_database"
        " WHERE datname = current_database()))",
    ),
)
_SEQUENCES = """
SELECT format('%I.%I', schemaname, sequencename), CAST(last_value AS text), CAST(start_value AS text)
FROM pg_sequences WHERE schemaname NOT LIKE 'pg\\_%'
"""
_COMMENTS = """
SELECT description, object.type, object.identity
FROM pg_description, LATERAL pg_identify_object(classoid, objoid, objsubid) AS object
WHERE NOT EXISTS (SELECT FROM pg_depend WHERE pg_depend.classid = classoid AND objid = objoid AND deptype = 'e')
AND objoid >= 16384
UNION ALL
SELECT description, 'database', format('%I', current_database()) FROM pg_shdescription
WHERE classoid = CAST('pg_database' AS regclass)
AND objoid = (SELECT oid FROM pg_database WHERE datname = current_database())
UNION ALL
SELECT description, 'schema', 'public' FROM pg_description
WHERE classoid = CAST('pg_namespace' AS regclass) AND objoid = (SELECT oid FROM pg_namespace WHERE nspname = 'public')
"""
_LARGE = "SELECT count(*) FROM pg_largeobject_metadata"
_OF_COLUMNS = ("table column", "view column", "materialized view column", "composite type column")


def look(connection: Connection, report: Report) -> None:
    """Look at all of it; comments are cleaned already."""
    for what, query in _TEXTS:
        for text, remove in rows(connection, query):
            report.values += 1
            if text is not None and looks_like_card(text):
                _leave(report, what, remove)
    for name, last, start in rows(connection, _SEQUENCES):
        if any(value is not None and is_card_number(value) for value in (last, start)):
            report.leave(
                f"sequence {name}",
                "its value looks like a card number",
                f"ALTER SEQUENCE {name} RESTART; or --looked-at 'sequence {name}'",
            )
    ((large,),) = rows(connection, _LARGE)
    if large:
        report.leave(
            "large objects",
            f"{large} of them, which nobody can look into",
            "SELECT lo_unlink(oid) FROM pg_largeobject_metadata; or --looked-at 'large objects'",
        )
    for text, kind, identity in rows(connection, _COMMENTS):
        if looks_like_card(text):
            report.leave(f"comment on {kind} {identity}", "could not be cleaned", "remove it")


def _leave(report: Report, what: str, remove: str) -> None:
    statement = remove if remove.startswith("ALTER ") else f"DROP {remove}"
    name = remove.removeprefix("ALTER ").split(" ALTER COLUMN")[0].removesuffix(" ...")
    report.leave(
        f"{what} of {name}",
        "holds a card number",
        f"{statement}; or --looked-at '{what} of {name}'",
    )


def clean_comments(connection: Connection, report: Report) -> None:
    """Take the card numbers out of comments."""
    for text, kind, identity in rows(connection, _COMMENTS):
        report.values += 1
        if looks_like_card(text):
            statement = f"COMMENT ON {_of(kind, identity)} IS {literal(cleaned(text))}"
            if not attempt(connection, statement):
                report.changed["comments"] += 1


def _of(kind: str, identity: str) -> str:
    """Write what a comment stands at, from PostgreSQL's description of an object."""
    if kind in _OF_COLUMNS:
        return f"COLUMN {identity}"
    if kind == "domain constraint":
        name, _, domain = identity.rpartition(" on ")
        return f"CONSTRAINT {name} ON DOMAIN {domain}"
    return f"{kind.removeprefix('table ').upper()} {identity}"


def refresh(connection: Connection, report: Report) -> None:
    """Fill materialized views again, from cleaned tables; what fails is looked at as it is."""
    query = (
        "SELECT CAST(CAST(oid AS regclass) AS text) FROM pg_class"
        " WHERE relkind = 'm' AND relispopulated ORDER BY oid"
    )
    names: list[Any] = [name for (name,) in rows(connection, query)]
    for name in names:
        failed = attempt(connection, f"REFRESH MATERIALIZED VIEW {name}")
        report.notes.append(
            f"materialized view {name}: {f'not filled again, {failed}' if failed else 'filled again'}"
        )
