"""Takes away what must not come along: logins, grants, functions with their owner's rights, ways to other servers."""

from __future__ import annotations

from collections.abc import Sequence

from scrub.connection import Connection, attempt, quoted, rows
from scrub.report import Report

# The schema of this environment's own tables, and where development's of the same name goes.
OURS, THEIRS = "payments", "development_payments"

_OTHERS = """
SELECT nspname FROM pg_namespace WHERE nspname IN ('payments', 'development_payments')
"""
# RDS's own roles, PostgreSQL's, the server's owner, and who does this.
_ROLES = """
SELECT rolname FROM pg_roles
WHERE rolname <> current_user AND rolname NOT LIKE 'pg\\_%' AND rolname NOT LIKE 'rds%' AND oid <> 10
ORDER BY rolname
"""
_LOGINS = """
SELECT rolname FROM pg_roles
WHERE rolcanlogin AND rolname <> current_user AND rolname NOT LIKE 'rds%' AND oid <> 10 ORDER BY rolname
"""
_NOT_OF_AN_EXTENSION = """
NOT EXISTS (SELECT FROM pg_depend WHERE classid = CAST('{0}' AS regclass) AND objid = {0}.oid AND deptype = 'e')
"""
_DEFINERS = f"""
SELECT CAST(CAST(oid AS regprocedure) AS text) FROM pg_proc
WHERE prosecdef AND pronamespace <> CAST('pg_catalog' AS regnamespace) AND {_NOT_OF_AN_EXTENSION.format("pg_proc")}
ORDER BY 1
"""
# Of each kind: what exists, as the statement that removes it.
_REMOVED = (
    "SELECT format('DROP EVENT TRIGGER %I', evtname) FROM pg_event_trigger"
    f" WHERE {_NOT_OF_AN_EXTENSION.format('pg_event_trigger')}",
    "SELECT format('DROP SERVER %I CASCADE', srvname) FROM pg_foreign_server",
    "SELECT format('DROP FOREIGN DATA WRAPPER %I CASCADE', fdwname) FROM pg_foreign_data_wrapper"
    f" WHERE {_NOT_OF_AN_EXTENSION.format('pg_foreign_data_wrapper')}",
    "SELECT format('DROP PUBLICATION %I', pubname) FROM pg_publication",
    "SELECT format('DROP POLICY %I ON %s', polname, CAST(polrelid AS regclass)) FROM pg_policy"
    " WHERE polroles <> CAST('{0}' AS oid[])",
    "SELECT format('ALTER TABLE %s NO FORCE ROW LEVEL SECURITY', CAST(oid AS regclass)) FROM pg_class"
    " WHERE relforcerowsecurity",
    "SELECT format('ALTER DATABASE %I RESET ALL', current_database()) FROM pg_db_role_setting"
    " WHERE setrole = 0 AND setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())",
    "SELECT format('ALTER ROLE CURRENT_USER IN DATABASE %I RESET ALL', current_database())"
    " FROM pg_db_role_setting WHERE setrole = CAST(quote_ident(current_user) AS regrole)",
)
_STILL_PUBLIC = f"""
SELECT format('REVOKE ALL ON ROUTINE %s FROM PUBLIC', CAST(oid AS regprocedure)) FROM pg_proc
WHERE pronamespace NOT IN (SELECT oid FROM pg_namespace WHERE nspname IN ('pg_catalog', 'information_schema'))
AND (proacl IS NULL OR EXISTS (SELECT FROM aclexplode(proacl) WHERE grantee = 0))
AND {_NOT_OF_AN_EXTENSION.format("pg_proc")}
UNION ALL
SELECT format('REVOKE ALL ON %s %s FROM PUBLIC', CASE relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END,
              CAST(oid AS regclass))
FROM pg_class
WHERE relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND relnamespace NOT IN (SELECT oid FROM pg_namespace
      WHERE nspname IN ('pg_catalog', 'information_schema'))
AND (EXISTS (SELECT FROM aclexplode(relacl) WHERE grantee = 0) OR EXISTS (
     SELECT FROM pg_attribute, aclexplode(attacl) WHERE attrelid = pg_class.oid AND grantee = 0))
AND {_NOT_OF_AN_EXTENSION.format("pg_class")}
UNION ALL
SELECT format('REVOKE ALL ON SCHEMA %I FROM PUBLIC', nspname) FROM pg_namespace
WHERE nspname NOT IN ('pg_catalog', 'information_schema')
AND EXISTS (SELECT FROM aclexplode(nspacl) WHERE grantee = 0)
"""
_PUBLIC = f"""
{_STILL_PUBLIC}
UNION ALL
SELECT format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database())
UNION ALL
SELECT format('ALTER DEFAULT PRIVILEGES %s REVOKE ALL ON %s FROM PUBLIC',
              CASE WHEN defaclnamespace <> 0 THEN 'IN SCHEMA ' || CAST(CAST(defaclnamespace AS regnamespace) AS text) END,
              CASE defaclobjtype WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES' WHEN 'f' THEN 'FUNCTIONS'
                                 WHEN 'T' THEN 'TYPES' ELSE 'SCHEMAS' END)
FROM pg_default_acl, aclexplode(defaclacl)
WHERE grantee = 0 AND defaclrole = CAST(quote_ident(current_user) AS regrole)
"""


def take_over(connection: Connection, report: Report) -> None:
    """Make everything the master user's own, and end every other login of the copy's instance."""
    for (role,) in rows(connection, _ROLES):
        name = quoted(role)
        own = (
            f"GRANT {name} TO CURRENT_USER",
            f"REASSIGN OWNED BY {name} TO CURRENT_USER",
            f"DROP OWNED BY {name}",
        )
        failed = next(filter(None, (attempt(connection, one) for one in own)), "")
        if not attempt(connection, f"DROP ROLE {name}"):
            report.notes.append(f"role {role}: dropped")
        elif not attempt(connection, f"ALTER ROLE {name} NOLOGIN PASSWORD NULL"):
            report.notes.append(f"role {role}: may no longer log in ({failed or 'owns more'})")


def remove(connection: Connection, report: Report) -> None:
    """Remove or disarm what acts with other rights, or reaches other servers."""
    for query in _REMOVED:
        _run_all(connection, [statement for (statement,) in rows(connection, query)], report)
    definers = [f"ALTER ROUTINE {name} SECURITY INVOKER" for (name,) in rows(connection, _DEFINERS)]
    _run_all(connection, definers, report)
    _run_all(connection, [statement for (statement,) in rows(connection, _PUBLIC)], report)


def move_aside(connection: Connection, report: Report) -> None:
    """Give development's schema `payments` another name: this environment has its own."""
    found = {name for (name,) in rows(connection, _OTHERS)}
    if OURS in found:
        _run_all(connection, [f"ALTER SCHEMA {OURS} RENAME TO {THEIRS}"], report)
        query = "SELECT nspname FROM pg_namespace WHERE nspname = 'payments'"
        if rows(connection, query):
            way = f"ALTER SCHEMA {OURS} RENAME TO ..."
            report.leave(f"schema {OURS}", "this environment has its own of this name", way)


def _run_all(connection: Connection, statements: Sequence[str], report: Report) -> None:
    for statement in statements:
        failed = attempt(connection, statement)
        report.notes.append(f"{statement}{f': failed, {failed}' if failed else ''}")


def look(connection: Connection, report: Report) -> None:
    """Look whether anything of it is left."""
    for (role,) in rows(connection, _LOGINS):
        report.leave(f"login {role}", "can still log in", f"ALTER ROLE {quoted(role)} NOLOGIN")
    for (name,) in rows(connection, _DEFINERS):
        report.leave(f"function {name}", "runs with its owner's rights", f"DROP ROUTINE {name}")
    for query in _REMOVED:
        for (statement,) in rows(connection, query):
            report.leave(statement, "could not be done", "do it as the owner")
    for (statement,) in rows(connection, _STILL_PUBLIC):
        report.leave(statement, "could not be done", "do it as the owner")


def other_sessions(connection: Connection) -> int:
    """Count who else uses the database: nobody uses a copy."""
    ((others,),) = rows(
        connection,
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        " AND pid <> pg_backend_pid() AND backend_type = 'client backend'",
    )
    return int(others)
