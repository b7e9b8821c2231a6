"""Applies migrations while payments go through.

What changes a table waits for those who use it, and everybody else waits behind it: so it gives up
soon, lets them through, and tries again as long as there is time.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar, cast

from payments.connection import Connection
from payments.database import sqlstate
from payments.migrations import Migration, MigrationError, missing
from payments.telemetry import LOG

Result = TypeVar("Result")

# One run at a time; any number that no other program takes.
_LOCK = 0x7061_7973_7461_6765
# Less than a payment waits for a lock.
_LOCK_MILLISECONDS = 1000
# Lock time-out, deadlock.
_IN_THE_WAY = frozenset({"55P03", "40P01"})
_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.5, 4.0
_LOOK_SECONDS = 0.2
# A try needs at least so much. The server gives up this much earlier than the socket.
_LEAST_SECONDS, _EARLIER_SECONDS = 0.5, 0.1

_PREPARE = """
CREATE SCHEMA IF NOT EXISTS payments;
CREATE TABLE IF NOT EXISTS payments.migrations (
    version integer PRIMARY KEY,
    name text NOT NULL,
    sha256 text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now(),
    milliseconds integer NOT NULL
);
-- Functions of earlier releases record none: what they bring along expands.
DO $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM pg_attribute
        WHERE attrelid = 'payments.migrations'::regclass AND attname = 'kind' AND NOT attisdropped
    ) THEN
        ALTER TABLE payments.migrations ADD COLUMN kind text NOT NULL DEFAULT 'expand'
            CHECK (kind IN ('expand', 'contract'));
    END IF;
END
$$
"""
_APPLIED = "SELECT version, name, sha256, kind FROM migrations ORDER BY version"
_RECORD = """
INSERT INTO migrations (version, name, sha256, kind, milliseconds)
VALUES (CAST(:version AS integer), :name, :sha256, :kind, CAST(:milliseconds AS integer))
"""
# Of an index that is half made, and of one that is ready.
_VALID = """
SELECT indisvalid AND indisready FROM pg_index
WHERE indexrelid = to_regclass('payments.' || quote_ident(:name))
"""


def migrate(
    connection: Connection, migrations: Sequence[Migration], until: float
) -> tuple[list[str], int]:
    """Apply what is missing; return the names, and the version at which the database is then."""
    try:
        _wait_for_others(connection, until)
        in_transaction(connection, until, lambda: connection.run(_PREPARE))
        rows = connection.run(_APPLIED) or []
    except MigrationError:
        raise
    except Exception as error:  # noqa: BLE001 - see message_of
        message = f"the migrations could not be looked up: {message_of(error)}"
        raise MigrationError(message) from None
    applied: list[str] = []
    for migration in missing(rows, migrations):
        _apply(connection, migration, until)
        applied.append(migration.name)
    return applied, max(len(rows), len(migrations))


def _wait_for_others(connection: Connection, until: float) -> None:
    """Let another run come to its end, as long as there is time.

    By asking again: who makes an index concurrently waits for each statement that began before, and
    so would for one that waits here.
    """
    while connection.run("SELECT pg_try_advisory_lock(CAST(:lock AS bigint))", lock=_LOCK) != [
        [True]
    ]:
        if time.monotonic() + _LOOK_SECONDS >= until:
            message = "another run has not come to its end: `up` again goes on from there"
            raise MigrationError(message)
        time.sleep(_LOOK_SECONDS)


def in_transaction(connection: Connection, until: float, work: Callable[[], Result]) -> Result:
    """Run the work in a transaction that waits for no lock for long, again while there is time.

    After any other error it is open still; closing the connection ends it.
    """
    pause = _PAUSE_SECONDS
    while True:
        try:
            left = round((until - _EARLIER_SECONDS - time.monotonic()) * 1000)
            connection.run(
                f"START TRANSACTION; SET LOCAL lock_timeout = {_LOCK_MILLISECONDS};"
                # What goes on after this function has gone would keep its locks. Zero is no limit.
                f" SET LOCAL statement_timeout = {max(1, left)}"
            )
            result = work()
            connection.run("COMMIT")
        except Exception as error:
            code = sqlstate(error)
            if code not in _IN_THE_WAY or time.monotonic() + pause + _LEAST_SECONDS >= until:
                raise
            connection.run("ROLLBACK")
            LOG.warning("a lock was not given in time: tried again", code=code)
            # Of random length, so that those who failed together do not meet again.
            time.sleep(random.uniform(pause / 2, pause))  # noqa: S311 - no secret
            pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)
        else:
            return result


def message_of(error: Exception) -> str:
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


def _apply(connection: Connection, migration: Migration, until: float) -> None:
    start = time.monotonic()

    def record() -> None:
        connection.run(
            _RECORD,
            version=migration.version,
            name=migration.name,
            sha256=migration.sha256,
            kind=migration.kind.value,
            milliseconds=round((time.monotonic() - start) * 1000),
        )

    def whole() -> None:
        connection.run(migration.sql)
        record()

    try:
        if migration.in_transaction:
            in_transaction(connection, until, whole)
        else:
            _outside(connection, migration)
            in_transaction(connection, until, record)
    except Exception as error:  # noqa: BLE001 - see message_of
        left = (
            "was rolled back" if migration.in_transaction else "is taken up again by the next run"
        )
        message = f"{migration.name} failed and {left}: {message_of(error)}"
        raise MigrationError(message) from None
    LOG.info("migration applied", migration=migration.name)


def _outside(connection: Connection, migration: Migration) -> None:
    """Make or drop an index in no transaction, whatever an earlier run left of it.

    It stands in nobody's way, however long it waits and works. When this function's time is over, the
    server goes on with it, and with the lock of this run: the next one waits for both.
    """
    connection.run("SET lock_timeout = 0; SET statement_timeout = 0")
    index = migration.index
    if index is not None and connection.run(_VALID, name=index) == [[False]]:
        LOG.warning("an index was left half made: made again", migration=migration.name)
        connection.run(f"DROP INDEX CONCURRENTLY IF EXISTS payments.{index}")
    connection.run(migration.sql)
