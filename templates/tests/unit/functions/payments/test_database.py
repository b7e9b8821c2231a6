"""DB-2: when a transaction is tried again, and when it must not be."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from pg8000.exceptions import DatabaseError, InterfaceError  # pyright: ignore[reportMissingTypeStubs] - it brings none

from payments.database import AgainError, Connection, Database, DatabaseUnavailableError
from tests.unit.functions.standins import SETTINGS


@dataclass
class Server:
    """Hands out connections; fails the statements that a test names."""

    failures: dict[str, list[Exception]] = field(default_factory=dict[str, list[Exception]])
    connections: int = 0
    closed: int = 0
    committed: int = 0
    pauses: list[float] = field(default_factory=list[float])
    statements: list[str] = field(default_factory=list[str])

    def run(self, sql: str, **_: object) -> Sequence[Sequence[Any]] | None:
        """Fail if it is this statement's turn."""
        self.statements.append(sql)
        # A transaction begins together with its limits.
        name = sql.partition(";")[0]
        if self.failures.get(name):
            raise self.failures[name].pop(0)
        self.committed += sql == "COMMIT"
        return [[1]]

    def until(self, moment: float) -> None:
        """Wait for nothing anyway."""

    def close(self) -> None:
        """Count."""
        self.closed += 1

    @property
    def database(self) -> Database:
        """A database of this server."""

        def connect(_: Database, __: float) -> Connection:
            self.connections += 1
            if self.failures.get("connect"):
                raise self.failures["connect"].pop(0)
            return self

        return Database(
            settings=SETTINGS,
            user="payments_app",
            password=lambda: "token",
            connect=connect,
            sleep=self.pauses.append,
        )


def _soon() -> float:
    return time.monotonic() + 5


def _work(connection: Connection) -> str:
    connection.run("WORK")
    return "done"


def test_one_connection_is_used_again() -> None:
    """DB-2: for the life of the execution environment."""
    server = Server()
    database = server.database
    for _ in range(3):
        assert database.run(_work, deadline=_soon()) == "done"
    assert (server.connections, server.committed, server.pauses) == (1, 3, [])


@pytest.mark.parametrize("repeatable", [False, True])
@pytest.mark.parametrize(
    ("statement", "failure", "connections"),
    [
        ("connect", InterfaceError("Can't create a connection"), 2),
        ("connect", DatabaseError({"C": "57P03"}), 2),
        ("connect", DatabaseError({"C": "53300"}), 2),
        ("START TRANSACTION", InterfaceError("network error"), 2),
        ("START TRANSACTION", DatabaseError({"C": "57P01"}), 2),
        ("WORK", DatabaseError({"C": "25006"}), 2),
        ("WORK", DatabaseError({"C": "08006"}), 2),
        ("WORK", BrokenPipeError(), 2),
        ("WORK", TimeoutError(), 2),
        ("WORK", DatabaseError({"C": "40001"}), 1),
        ("WORK", DatabaseError({"C": "40P01"}), 1),
        ("WORK", DatabaseError({"C": "55P03"}), 1),
        ("WORK", AgainError(), 1),
        ("COMMIT", DatabaseError({"C": "40001"}), 1),
    ],
)
def test_what_was_surely_undone_is_tried_again(
    statement: str, failure: Exception, connections: int, *, repeatable: bool
) -> None:
    """DB-2: on another connection when this one is gone, on the same one when it is not."""
    server = Server(failures={statement: [failure]})
    assert server.database.run(_work, deadline=_soon(), repeatable=repeatable) == "done"
    assert (server.connections, server.committed) == (connections, 1)
    assert len(server.pauses) == 1
    assert ("ROLLBACK" in server.statements) == (connections == 1)


@pytest.mark.parametrize(
    "failure", [InterfaceError("network error"), DatabaseError({"C": "57P01"}), TimeoutError()]
)
def test_a_commit_without_an_answer_is_repeated_only_where_it_does_no_harm(
    failure: Exception,
) -> None:
    """DB-2: it may have been carried out."""
    server = Server(failures={"COMMIT": [failure]})
    with pytest.raises(DatabaseUnavailableError) as raised:
        server.database.run(_work, deadline=_soon())
    assert raised.value.outcome_unknown
    assert server.statements.count("WORK") == 1
    server = Server(failures={"COMMIT": [failure]})
    assert server.database.run(_work, deadline=_soon(), repeatable=True) == "done"
    assert server.statements.count("WORK") == 2


@pytest.mark.parametrize("code", ["42P01", "42501", "57014", "28P01", "23514", "53100"])
def test_what_does_not_pass_is_not_repeated(code: str) -> None:
    """DB-2: a missing permission or a full disk is reported immediately, by its code alone."""
    server = Server(failures={"WORK": [DatabaseError({"C": code, "M": "secret"})]})
    with pytest.raises(DatabaseUnavailableError, match=f"^{code}$") as raised:
        server.database.run(_work, deadline=_soon(), repeatable=True)
    assert raised.value.__suppress_context__
    assert not raised.value.outcome_unknown
    assert server.statements[-1] == "ROLLBACK"


def test_it_ends_in_time() -> None:
    """FN-1: whatever happens, the caller gets an answer before Lambda ends the function."""
    server = Server(failures={"WORK": [DatabaseError({"C": "40001"}) for _ in range(999)]})
    database = dataclasses.replace(server.database, sleep=time.sleep)
    start = time.monotonic()
    with pytest.raises(DatabaseUnavailableError, match="40001"):
        database.run(_work, deadline=start + 0.4, repeatable=True)
    assert time.monotonic() - start < 0.5


@pytest.mark.parametrize(
    ("seconds", "statement", "lock"), [(9.0, 3000, 1500), (2.0, 1900, 1500), (0.9, 800, 700)]
)
def test_the_server_waits_no_longer_than_there_is_time(
    seconds: float, statement: int, lock: int
) -> None:
    """FN-1: neither for a statement nor for a lock; a limit of zero would be none."""
    server = Server()
    server.database.run(_work, deadline=time.monotonic() + seconds)
    words = server.statements[0].split()
    assert words[:2] == ["START", "TRANSACTION;"]
    limits = dict(zip(words[4::5], words[6::5], strict=True))
    assert 0 <= statement - int(limits["statement_timeout"].rstrip(";")) < 50
    assert 0 <= lock - int(limits["lock_timeout"]) < 50
    server.database.run(_work, deadline=time.monotonic())
    assert server.statements[3].count("= 1;") + server.statements[3].endswith("= 1") == 2


def test_what_became_of_an_earlier_try_is_not_forgotten() -> None:
    """DB-2: a commit without an answer stays unknown when the next try finds no server at all."""
    server = Server()
    server.failures = {
        "COMMIT": [InterfaceError("network error")],
        "connect": [],
        "WORK": [],
    }
    database = server.database

    def work(connection: Connection) -> None:
        connection.run("WORK")
        server.failures["connect"] = [InterfaceError("no host") for _ in range(99)]

    database = dataclasses.replace(database, sleep=time.sleep)
    with pytest.raises(DatabaseUnavailableError, match="InterfaceError") as raised:
        database.run(work, deadline=time.monotonic() + 0.6, repeatable=True)
    assert raised.value.outcome_unknown


def test_pauses_grow_and_differ() -> None:
    """DB-2: those who failed together must not meet again."""
    server = Server(failures={"WORK": [DatabaseError({"C": "40001"}) for _ in range(9)]})
    server.database.run(_work, deadline=_soon(), repeatable=True)
    assert len(set(server.pauses)) == 9
    assert max(server.pauses) <= 1.0
    assert max(server.pauses[:2]) <= 0.12


@pytest.mark.parametrize("rollback", [[], [InterfaceError("network error")]])
def test_the_works_own_errors_undo_it(rollback: list[Exception]) -> None:
    """DB-2: an exception that is not the database's goes on as it is."""
    server = Server(failures={"ROLLBACK": rollback})
    database = server.database

    def fail(_: Connection) -> None:
        message = "defect"
        raise ValueError(message)

    broken = bool(rollback)
    with pytest.raises(ValueError, match="defect"):
        database.run(fail, deadline=_soon())
    assert (server.committed, server.closed) == (0, broken)
    assert database.run(_work, deadline=_soon()) == "done"
    assert server.connections == (2 if broken else 1)


def test_a_login_is_made_for_every_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """FN-2: a token lives for minutes; TLS, time-outs and the role's limits are always on."""
    opened: list[dict[str, Any]] = []

    def opening(*_: object, **asked: object) -> Connection:
        opened.append(asked)
        return Server()

    monkeypatch.setattr("payments.database.open_connection", opening)
    tokens: Callable[[], str] = iter(["first", "second"]).__next__
    database = Database(settings=SETTINGS, user="payments_app", password=tokens, read_only=True)
    database.run(_work, deadline=_soon())
    database.forget()
    database.run(_work, deadline=_soon())
    assert [asked["password"] for asked in opened] == ["first", "second"]
    session = opened[0]["session"]
    assert session["default_transaction_read_only"] == "on"
    assert int(session["lock_timeout"]) < int(session["statement_timeout"])
    assert int(session["statement_timeout"]) / 1000 < opened[0]["socket_seconds"]
    assert int(session["idle_in_transaction_session_timeout"]) > 0
