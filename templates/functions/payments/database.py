"""One connection to PostgreSQL per execution environment, and transactions that survive its loss.

TLS is always on, with the server's name checked. A transaction is tried again, after a pause of
random length, when the database undid it (a serialization failure, a deadlock) or the connection is
gone (a failover); after a commit whose outcome is unknown only when repeating does no harm. It ends
at its deadline, whether the server answers, refuses or stands still.
"""

from __future__ import annotations

import contextlib
import importlib
import random
import struct
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar, cast

from payments.connection import Connection, open_connection
from payments.login import iam_token
from payments.settings import DatabaseSettings, required
from payments.telemetry import LOG, tracer

Result = TypeVar("Result")

# Well inside the functions' time-out, so that there is time for another try.
_SOCKET_SECONDS = 4.0
_STATEMENT_MILLISECONDS, _LOCK_MILLISECONDS = 3000, 1500
# The server gives up this much earlier than the socket, so that it is the one who says so.
_EARLIER_MILLISECONDS = 100
# A try needs at least so much.
_LEAST_SECONDS = 0.25
_SESSION = {
    "statement_timeout": str(_STATEMENT_MILLISECONDS),
    "lock_timeout": str(_LOCK_MILLISECONDS),
    # An execution environment that Lambda froze or killed must not hold locks.
    "idle_in_transaction_session_timeout": "5000",
}
_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.03, 1.0

# The server undid the transaction and keeps the connection: serialization failure, deadlock,
# unique violation (somebody else was first: the next try sees what they wrote), lock time-out.
_UNDONE = frozenset({"40001", "40P01", "23505", "55P03"})
# The schema has no such table: it is of an earlier release.
UNDEFINED_TABLE = "42P01"
# The server is going, starting, full, or after a failover the one that may not write any more.
_GOING = frozenset({"57P01", "57P02", "57P03", "57P05", "25006", "25P03", "53300"})


class DatabaseUnavailableError(Exception):
    """The transaction could not be brought to an end in time."""

    def __init__(self, code: str, *, outcome_unknown: bool) -> None:
        """Name the last error's SQLSTATE, or kind; never its message, which may quote values."""
        super().__init__(code)
        self.code = code
        # A commit was sent, and nobody said what became of it.
        self.outcome_unknown = outcome_unknown


class AgainError(Exception):
    """Raised by the work of a transaction to be undone and tried once more."""


@dataclass(kw_only=True)
class Database:
    """The database as one user sees it."""

    settings: DatabaseSettings
    user: str
    password: Callable[[], str]
    read_only: bool = False
    # With the moment at which connecting must be over.
    connect: Callable[[Database, float], Connection] = field(
        default=lambda database, until: database.open(until)
    )
    sleep: Callable[[float], None] = time.sleep
    _connection: Connection | None = field(default=None, init=False)

    @classmethod
    def of_environment(cls, *, read_only: bool = False) -> Database:
        """Log in by IAM as the user that the environment names."""
        settings = DatabaseSettings.read()
        user = required("DATABASE_USER")
        return cls(
            settings=settings,
            user=user,
            password=lambda: iam_token(settings, user),
            read_only=read_only,
        )

    def run(
        self,
        work: Callable[[Connection], Result],
        *,
        deadline: float,
        repeatable: bool = False,
    ) -> Result:
        """Run the work in a transaction; ``repeatable`` says that doing it twice does no harm.

        The work gets the connection and must do nothing but talk to it, for it may be called again.
        """
        unknown = False
        for attempt in self._attempts(deadline):
            committing = False
            try:
                with self._traced():
                    connection = self._connected(deadline)
                    connection.run(_start(deadline))
                    result = work(connection)
                    committing = True
                    connection.run("COMMIT")
            except Exception as error:
                if not isinstance(error, AgainError) and not _is_driver_error(error):
                    # The work's own: nothing of it is to be kept.
                    self._undo()
                    raise
                code = sqlstate(error)
                lost = self._undo(lost=_is_loss(error))
                unknown = unknown or (committing and lost)
                again = isinstance(error, AgainError) or lost or code in _UNDONE
                if not again or (unknown and not repeatable) or attempt.last():
                    raise DatabaseUnavailableError(code, outcome_unknown=unknown) from None
                LOG.warning("transaction tried again", code=code, attempt=attempt.number)
                attempt.pause(self.sleep)
            else:
                return result
        message = "a transaction ended neither well nor badly"
        raise AssertionError(message)

    def forget(self) -> None:
        """Drop the connection, if there is one."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(Exception):
                connection.close()

    def open(self, until: float) -> Connection:
        """Make a new connection before this moment; the token is made for this one."""
        session = dict(_SESSION)
        if self.read_only:
            session["default_transaction_read_only"] = "on"
        return open_connection(
            self.settings,
            user=self.user,
            password=self.password(),
            session=session,
            until=until,
            socket_seconds=_SOCKET_SECONDS,
        )

    def _traced(self) -> contextlib.AbstractContextManager[None]:
        where = self.settings
        return tracer().database(where.host, where.port, where.name, self.user)

    def _attempts(self, deadline: float) -> Iterator[_Attempt]:
        number = 0
        while True:
            number += 1
            yield _Attempt(number=number, deadline=deadline)

    def _connected(self, deadline: float) -> Connection:
        if self._connection is None:
            self._connection = self.connect(self, deadline)
        self._connection.until(deadline)
        return self._connection

    def _undo(self, *, lost: bool = False) -> bool:
        """Roll back; whatever does not even do that is dropped. Whether the connection is gone."""
        if not lost and self._connection is not None:
            try:
                self._connection.run("ROLLBACK")
            except Exception:  # noqa: BLE001 - whatever it is, another connection is better
                lost = True
        if lost:
            self.forget()
        return lost


@dataclass(frozen=True, kw_only=True)
class _Attempt:
    number: int
    deadline: float

    @property
    def _longest_pause(self) -> float:
        return min(_PAUSE_SECONDS * 2**self.number, _LONGEST_PAUSE_SECONDS)

    def last(self) -> bool:
        return time.monotonic() + self._longest_pause + _LEAST_SECONDS >= self.deadline

    def pause(self, sleep: Callable[[float], None]) -> None:
        # Of random length, so that those who failed together do not meet again.
        sleep(random.uniform(0, self._longest_pause))  # noqa: S311 - no secret


def _start(deadline: float) -> str:
    """Begin a transaction whose statements and locks wait no longer than there is time."""
    left = round((deadline - time.monotonic()) * 1000) - _EARLIER_MILLISECONDS
    # Zero would mean no limit.
    statement = max(1, min(left, _STATEMENT_MILLISECONDS))
    lock = max(1, min(statement - _EARLIER_MILLISECONDS, _LOCK_MILLISECONDS))
    return (
        "START TRANSACTION;"
        f" SET LOCAL statement_timeout = {statement}; SET LOCAL lock_timeout = {lock}"
    )


def sqlstate(error: BaseException) -> str:
    """Return the SQLSTATE of the server's error, or the kind of any other."""
    details: object = error.args[0] if error.args else None
    if isinstance(details, Mapping):
        return str(cast("Mapping[str, object]", details).get("C", type(error).__name__))
    return type(error).__name__


def _is_driver_error(error: Exception) -> bool:
    errors = importlib.import_module("pg8000.exceptions")
    return isinstance(error, (errors.Error, OSError, EOFError, struct.error))


def _is_loss(error: Exception) -> bool:
    """Whether the connection is of no use any more, or there never was one."""
    if isinstance(error, AgainError):
        return False
    errors = importlib.import_module("pg8000.exceptions")
    if isinstance(error, errors.DatabaseError):
        code = sqlstate(error)
        return code in _GOING or code.startswith("08")
    return True
