"""Brings the database to the state that this code expects; `pulumi up` calls it.

It calls twice: for the tables, the users and the merchants; and once there are API keys, for whom these and
client certificates stand.

Each migration runs once, in a transaction of its own that also records it; one outside a transaction is
taken up again where it broke off. What fails, fails the call with the server's message.
"""

from __future__ import annotations

import contextlib
import functools
import re
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar, cast

from payments.arriving import refuse_unscrubbed
from payments.connection import Connection, open_connection
from payments.database import sqlstate
from payments.entry import Context, deadline
from payments.login import LoginError, managed_secret
from payments.migrating import in_transaction, message_of, migrate
from payments.migrations import MigrationError, read_migrations
from payments.settings import DatabaseSettings, required
from payments.telemetry import LOG, tracer

Result = TypeVar("Result")

FOLDER = Path(__file__).parent
_ROLE = re.compile(r"[a-z_][a-z0-9_]{0,56}")
_STATUSES = frozenset({"active", "suspended", "closed"})
_CREDENTIALS_REFUSED = frozenset({"28P01", "28000"})

_OPEN_TO_ALL = """
SELECT has_schema_privilege('payments_reader', 'public', 'CREATE')
WHERE EXISTS (SELECT FROM pg_namespace WHERE nspname = 'public')
"""
_CALLER = """
INSERT INTO callers (channel, credential, merchant_id, issuers)
VALUES (:channel, :credential, :merchant_id, CAST(:issuers AS text[]))
"""
# What the spec says counts when it says something else than the last time. What it said before there was a column
# for that, nobody knows: then it lets nobody sell who may not.
_NAMED = """
INSERT INTO merchants (merchant_id, status, declared)
SELECT merchant_id, status, status
FROM unnest(CAST(:ids AS text[]), CAST(:statuses AS text[])) AS named (merchant_id, status)
ON CONFLICT (merchant_id) DO UPDATE SET
    status = CASE
        WHEN merchants.declared IS NULL AND excluded.status = 'active' THEN merchants.status
        ELSE excluded.status
    END,
    declared = excluded.declared,
    updated_at = now()
WHERE merchants.declared IS DISTINCT FROM excluded.declared
"""
_LEFT = """
UPDATE merchants SET
    status = CASE status WHEN 'active' THEN 'suspended' ELSE status END,
    declared = 'absent',
    updated_at = now()
WHERE declared <> 'absent' AND NOT merchant_id = ANY (CAST(:ids AS text[]))
RETURNING merchant_id
"""
_BY_HAND = """
SELECT merchant_id FROM merchants
WHERE CASE declared WHEN 'absent' THEN status = 'active' ELSE status IS DISTINCT FROM declared END
ORDER BY merchant_id LIMIT 100
"""


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
        until = deadline(context)
        connection = _connect(settings, until)
        try:
            with tracer().database(settings.host, settings.port, settings.name, "owner"):
                refuse_unscrubbed(connection)
                applied, version = migrate(connection, migrations, until)
                set_up(connection, until)
        finally:
            # Closing also rolls back what failed; that it fails itself must not hide the reason.
            with contextlib.suppress(Exception):
                connection.close()
    LOG.info("database migrated", applied=applied, version=version)
    return {"applied": applied, "version": version}


def _input(event: Mapping[str, object]) -> tuple[str, Mapping[str, str] | None]:
    user, merchants = event.get("application_user"), event.get("merchants")
    if not isinstance(user, str) or not _ROLE.fullmatch(user):
        message = "application_user: the name of a role in lower case"
        raise MigrationError(message)
    if merchants is None:
        # Nothing is said of them, which is not that there are none.
        return user, None
    if not isinstance(merchants, Mapping):
        message = "merchants: ids with their status"
        raise MigrationError(message)
    for merchant, status in cast("Mapping[str, object]", merchants).items():
        if status not in _STATUSES:
            message = f"merchants.{merchant}: one of {', '.join(sorted(_STATUSES))}"
            raise MigrationError(message)
    return user, cast("Mapping[str, str]", merchants)


def read_callers(value: object) -> Sequence[Mapping[str, object]]:
    """Read who may act for whom: by channel, credentials, the merchants of each, and who may have issued it, in the same order."""
    callers: list[Mapping[str, object]] = []
    for channel, pairs in _items(value, "callers"):
        columns = dict(_items(pairs, f"callers.{channel}"))
        credentials = _texts(columns.get("credentials"), f"callers.{channel}.credentials")
        merchants = _lists(columns, "merchants", channel, credentials)
        # Where no merchant names any, there is no such column.
        unnamed: list[list[str]] = [[] for _ in credentials]
        issuers = _lists({"issuers": unnamed, **columns}, "issuers", channel, credentials)
        for credential, own, of_one in zip(credentials, merchants, issuers, strict=True):
            callers += [
                {
                    "channel": channel,
                    "credential": credential,
                    "merchant_id": merchant,
                    "issuers": list(of_one) or None,
                }
                for merchant in own
            ]
    return callers


def _lists(
    columns: Mapping[str, object], name: str, channel: str, credentials: Sequence[str]
) -> Sequence[Sequence[str]]:
    lists = columns.get(name)
    if not isinstance(lists, Sequence) or len(lists) != len(credentials):  # pyright: ignore[reportUnknownArgumentType]
        message = f"callers.{channel}.{name}: a list for each credential"
        raise MigrationError(message)
    return [_texts(one, f"callers.{channel}.{name}") for one in cast("Sequence[object]", lists)]


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
        try:
            user, password = managed_secret(arn, until=until)
        except LoginError as error:
            raise MigrationError(str(error)) from None
        try:
            return open_connection(settings, user=user, password=password, session={}, until=until)
        except Exception as error:  # noqa: BLE001 - see message_of
            # While it rotates, a fresh read may still give the old password for some seconds.
            if last or sqlstate(error) not in _CREDENTIALS_REFUSED:
                message = f"no connection to the database: {message_of(error)}"
                raise MigrationError(message) from None
            time.sleep(2)
    message = "no connection to the database"
    raise MigrationError(message)


def _set_up(
    user: str, merchants: Mapping[str, str] | None, connection: Connection, until: float
) -> None:
    """Make the login roles and the reference data what the spec says."""

    def work() -> Sequence[Sequence[Any]] | None:
        connection.run(
            "SELECT set_config('payments.application_user', :application_user, true)",
            application_user=user,
        )
        connection.run((FOLDER / "roles.sql").read_text(encoding="utf-8"))
        if merchants is not None:
            _bring_in_merchants(connection, merchants)
        return connection.run(_OPEN_TO_ALL)

    if _done(work, connection, until, "roles and merchants") == [[True]]:
        # Only its owner can take the right back, and the server does not fail for who is not.
        LOG.warning("everybody may make tables in the schema public, which belongs to another user")


def _bring_in_merchants(connection: Connection, merchants: Mapping[str, str]) -> None:
    """Make the merchants what the spec says of those whom it names; who left it is suspended."""
    ids = list(merchants)
    connection.run(_NAMED, ids=ids, statuses=list(merchants.values()))
    left = connection.run(_LEFT, ids=ids) or []
    if left:
        LOG.info("merchants left the spec", merchants=sorted(str(row[0]) for row in left))
    by_hand = connection.run(_BY_HAND) or []
    if by_hand:
        LOG.warning(
            "merchants have another status than the spec says",
            merchants=[row[0] for row in by_hand],
        )


def _bring_in(
    callers: Sequence[Mapping[str, object]], connection: Connection, until: float
) -> None:
    """Make the callers what the spec says, all of them at one moment."""

    def work() -> None:
        connection.run("DELETE FROM callers")
        for caller in callers:
            connection.run(_CALLER, **caller)
        # From then on a table without callers means that there are none, not that they are still to come.
        connection.run("COMMENT ON TABLE callers IS 'brought in by the deployment'")

    _done(work, connection, until, "callers")
    LOG.info("callers brought in", callers=len(callers))


def _done(work: Callable[[], Result], connection: Connection, until: float, what: str) -> Result:
    try:
        return in_transaction(connection, until, work)
    except Exception as error:  # noqa: BLE001 - see message_of
        message = f"{what} were left as they were: {message_of(error)}"
        raise MigrationError(message) from None
