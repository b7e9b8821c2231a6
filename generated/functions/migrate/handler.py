"""Brings the database to the state that this code expects; `pulumi up` calls it.

It calls twice: for the tables, the users and the merchants; and once there are API keys, for whom these and
client certificates stand.

Each migration runs once, in a transaction of its own that also records it. One that fails leaves
nothing behind, and fails the call with the server's message.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import re
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from payments.connection import Connection, open_connection
from payments.database import sqlstate
from payments.entry import Context, deadline
from payments.login import managed_secret
from payments.settings import DatabaseSettings, required
from payments.telemetry import LOG, tracer

FOLDER = Path(__file__).parent
_FILE = re.compile(r"(\d{4})_([a-z0-9_]+)\.sql")
_ROLE = re.compile(r"[a-z_][a-z0-9_]{0,57}")
_STATUSES = frozenset({"active", "suspended", "closed"})
# One run at a time; any number that no other program takes.
_LOCK = 0x7061_7973_7461_6765
_LOCK_SECONDS = 20
_CREDENTIALS_REFUSED = frozenset({"28P01", "28000"})

_PREPARE = """
CREATE SCHEMA IF NOT EXISTS payments;
CREATE TABLE IF NOT EXISTS payments.migrations (
    version integer PRIMARY KEY,
    name text NOT NULL,
    sha256 text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now(),
    milliseconds integer NOT NULL
)
"""
_RECORD = """
INSERT INTO migrations (version, name, sha256, milliseconds)
VALUES (CAST(:version AS integer), :name, :sha256, CAST(:milliseconds AS integer))
"""
_OPEN_TO_ALL = """
SELECT has_schema_privilege('payments_reader', 'public', 'CREATE')
WHERE EXISTS (SELECT FROM pg_namespace WHERE nspname = 'public')
"""
_CALLER = """
INSERT INTO callers (channel, credential, merchant_id) VALUES (:channel, :credential, :merchant_id)
"""
_MERCHANT = """
INSERT INTO merchants (merchant_id, status) VALUES (:merchant_id, :status)
ON CONFLICT (merchant_id) DO UPDATE SET status = excluded.status, updated_at = now()
WHERE merchants.status <> excluded.status
"""


class MigrationError(Exception):
    """The database was left as the last successful migration made it; `up` shows the message."""


@dataclass(frozen=True, kw_only=True)
class Migration:
    """One file of SQL."""

    version: int
    name: str
    sql: str

    @property
    def sha256(self) -> str:
        """Digest by which a later change of the file is noticed."""
        return hashlib.sha256(self.sql.encode()).hexdigest()


def handle(event: Mapping[str, object], context: Context) -> Mapping[str, object]:
    """Apply what is missing; tell what was applied and which version that makes."""
    LOG.begin({"request_id": context.aws_request_id, "correlation_id": context.aws_request_id})
    callers = event.get("callers")
    if callers is None:
        set_up = functools.partial(_set_up, *_input(event))
    else:
        set_up = functools.partial(_bring_in, read_callers(callers))
    migrations = read_migrations(FOLDER / "migrations")
    settings = DatabaseSettings.read()
    with tracer().work("migrate"):
        connection = _connect(settings, deadline(context))
        try:
            with tracer().database(settings.host, settings.port, settings.name, "owner"):
                applied = _migrate(connection, migrations)
                set_up(connection)
        finally:
            # Closing also rolls back what failed; that it fails itself must not hide the reason.
            with contextlib.suppress(Exception):
                connection.close()
    version = migrations[-1].version
    LOG.info("database migrated", applied=applied, version=version)
    return {"applied": applied, "version": version}


def read_migrations(folder: Path) -> Sequence[Migration]:
    """Read the files in their order; numbers must go up without a gap."""
    migrations: list[Migration] = []
    for path in sorted(folder.glob("*.sql")):
        found = _FILE.fullmatch(path.name)
        if found is None or int(found[1]) != len(migrations) + 1:
            expected = f"{len(migrations) + 1:04}"
            message = f"{path.name}: expected NNNN_name.sql with the number {expected}"
            raise MigrationError(message)
        migrations.append(
            Migration(version=int(found[1]), name=path.stem, sql=path.read_text(encoding="utf-8"))
        )
    if not migrations:
        message = "there are no migrations"
        raise MigrationError(message)
    return migrations


def _input(event: Mapping[str, object]) -> tuple[str, Mapping[str, str]]:
    user, merchants = event.get("application_user"), event.get("merchants", {})
    if not isinstance(user, str) or not _ROLE.fullmatch(user):
        message = "application_user: the name of a role in lower case"
        raise MigrationError(message)
    if not isinstance(merchants, Mapping):
        message = "merchants: ids with their status"
        raise MigrationError(message)
    for merchant, status in cast("Mapping[str, object]", merchants).items():
        if status not in _STATUSES:
            message = f"merchants.{merchant}: one of {', '.join(sorted(_STATUSES))}"
            raise MigrationError(message)
    return user, cast("Mapping[str, str]", merchants)


def read_callers(value: object) -> Sequence[Mapping[str, str]]:
    """Read who may act for whom: by channel, credentials and the merchants of each, in the same order."""
    callers: list[Mapping[str, str]] = []
    for channel, pairs in _items(value, "callers"):
        columns = dict(_items(pairs, f"callers.{channel}"))
        credentials = _texts(columns.get("credentials"), f"callers.{channel}.credentials")
        merchants = columns.get("merchants")
        if not isinstance(merchants, Sequence) or len(merchants) != len(credentials):  # pyright: ignore[reportUnknownArgumentType]
            message = f"callers.{channel}.merchants: a list for each credential"
            raise MigrationError(message)
        for credential, own in zip(credentials, cast("Sequence[object]", merchants), strict=True):
            callers += [
                {"channel": channel, "credential": credential, "merchant_id": merchant}
                for merchant in _texts(own, f"callers.{channel}.merchants")
            ]
    return callers


def _items(value: object, name: str) -> Iterable[tuple[str, object]]:
    if isinstance(value, Mapping):
        return cast("Mapping[str, object]", value).items()
    message = f"{name}: an object"
    raise MigrationError(message)


def _texts(value: object, name: str) -> Sequence[str]:
    if isinstance(value, list) and all(isinstance(one, str) for one in cast("list[object]", value)):
        return cast("list[str]", value)
    message = f"{name}: a list of texts"
    raise MigrationError(message)


def _connect(settings: DatabaseSettings, until: float) -> Connection:
    arn = required("DATABASE_SECRET_ARN")
    for last in (False, True):
        user, password = managed_secret(arn)
        try:
            return open_connection(settings, user=user, password=password, session={}, until=until)
        except Exception as error:  # noqa: BLE001 - see _message
            # While it rotates, a fresh read may still give the old password for some seconds.
            if last or sqlstate(error) not in _CREDENTIALS_REFUSED:
                message = f"no connection to the database: {_message(error)}"
                raise MigrationError(message) from None
            time.sleep(2)
    message = "no connection to the database"
    raise MigrationError(message)


def _migrate(connection: Connection, migrations: Sequence[Migration]) -> list[str]:
    try:
        # Another run is waited for as long as there is time, a payment's lock not so long.
        connection.run("SELECT pg_advisory_lock(CAST(:lock AS bigint))", lock=_LOCK)
        connection.run(f"SET lock_timeout = '{_LOCK_SECONDS}s'")
        connection.run(_PREPARE)
        rows = connection.run("SELECT version, name, sha256 FROM migrations ORDER BY version") or []
    except Exception as error:  # noqa: BLE001 - see _message
        message = f"the migrations could not be looked up: {_message(error)}"
        raise MigrationError(message) from None
    _compare(rows, migrations)
    applied: list[str] = []
    for migration in migrations[len(rows) :]:
        _apply(connection, migration)
        applied.append(migration.name)
    return applied


def _compare(rows: Sequence[Sequence[Any]], migrations: Sequence[Migration]) -> None:
    """Refuse a database that other migrations made than the ones that are here."""
    if len(rows) > len(migrations):
        message = f"the database is at {rows[-1][1]}, which this version does not know"
        raise MigrationError(message)
    for (version, name, sha256), migration in zip(rows, migrations, strict=False):
        if (version, name, sha256) != (migration.version, migration.name, migration.sha256):
            message = f"{migration.name} was changed after it was applied: add a new one instead"
            raise MigrationError(message)


def _apply(connection: Connection, migration: Migration) -> None:
    start = time.monotonic()
    try:
        connection.run("START TRANSACTION")
        connection.run(migration.sql)
        connection.run(
            _RECORD,
            version=migration.version,
            name=migration.name,
            sha256=migration.sha256,
            milliseconds=round((time.monotonic() - start) * 1000),
        )
        connection.run("COMMIT")
    except Exception as error:  # noqa: BLE001 - see _message
        message = f"{migration.name} failed and was rolled back: {_message(error)}"
        raise MigrationError(message) from None
    LOG.info("migration applied", migration=migration.name)


def _set_up(user: str, merchants: Mapping[str, str], connection: Connection) -> None:
    """Make the login roles and the reference data what the spec says."""
    try:
        connection.run("START TRANSACTION")
        connection.run(
            "SELECT set_config('payments.application_user', :application_user, true)",
            application_user=user,
        )
        connection.run((FOLDER / "roles.sql").read_text(encoding="utf-8"))
        for merchant_id, status in merchants.items():
            connection.run(_MERCHANT, merchant_id=merchant_id, status=status)
        open_to_all = connection.run(_OPEN_TO_ALL)
        connection.run("COMMIT")
    except Exception as error:  # noqa: BLE001 - see _message
        message = f"roles and merchants were left as they were: {_message(error)}"
        raise MigrationError(message) from None
    if open_to_all == [[True]]:
        # Only its owner can take the right back, and the server does not fail for who is not.
        LOG.warning("everybody may make tables in the schema public, which belongs to another user")


def _bring_in(callers: Sequence[Mapping[str, str]], connection: Connection) -> None:
    """Make the callers what the spec says, all of them at one moment."""
    try:
        connection.run("START TRANSACTION")
        connection.run("DELETE FROM callers")
        for caller in callers:
            connection.run(_CALLER, **caller)
        connection.run("COMMIT")
    except Exception as error:  # noqa: BLE001 - see _message
        message = f"callers were left as they were: {_message(error)}"
        raise MigrationError(message) from None
    LOG.info("callers brought in", callers=len(callers))


def _message(error: Exception) -> str:
    """Return the server's message without the details, which quote rows; of others only the kind.

    Whatever goes wrong here, `up` prints it and the state may keep it: nothing else may be quoted.
    """
    details: object = error.args[0] if error.args else None
    if isinstance(details, Mapping):
        fields = cast("Mapping[str, object]", details)
        return f"{fields.get('M')} (SQLSTATE {fields.get('C')})"
    if isinstance(error, TimeoutError) or isinstance(error.__cause__, TimeoutError):
        return "the database gave no answer in the time that this function has"
    return type(error).__name__
