"""FN-1: an answer before the function's time is over, true, whatever stands still behind it."""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from health import handler as health
from migrate import handler as migrate
from payment_status import handler as payment_status
from payments import connection as connection_module
from payments import database as database_module
from payments import outbox as outbox_module
from payments.connection import open_connection
from payments.settings import DatabaseSettings
from service.postgres import make_certificates
from service.stage import Context, Stage, content, forget
from service.test_payments import another, database

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

SECONDS = 3.0
# What is left of the function's time when it answers.
RESERVE = 0.5


@contextlib.contextmanager
def in_time(seconds: float = SECONDS) -> Iterator[None]:
    """Fail when it takes longer than the function has."""
    start = time.monotonic()
    yield
    assert time.monotonic() - start < seconds - RESERVE


@pytest.mark.parametrize("warm", [True, False], ids=["on a connection", "while connecting"])
def test_a_database_that_stands_still_is_told_in_time(stage: Stage, *, warm: bool) -> None:
    stage.post()
    stage.status("pay_0001_spring")
    if not warm:
        forget()
    with stage.server.frozen():
        with in_time():
            answer = stage.post(another(2), seconds=SECONDS)
        assert (answer["statusCode"], content(answer)["status"]) == (503, 503)
        assert answer["headers"]["Retry-After"]
        with in_time(), stage.acting("payment-status"):
            event = {"httpMethod": "GET", "path": "/payments/pay_0001_spring"}
            told: Any = payment_status.handle(event, Context(seconds=SECONDS))
        assert told["statusCode"] == 503
    assert content(stage.post(another(2)))["decision"] == "accepted"
    assert stage.sql("SELECT count(*) FROM payments.payments") == [[2]]


def test_a_secret_that_nobody_gives_is_told_in_time(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """MIG-1: Secrets Manager that takes the call and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        host, port = silent.getsockname()
        monkeypatch.setenv("AWS_ENDPOINT_URL_SECRETS_MANAGER", f"http://{host}:{port}")
        for seconds in (SECONDS, 4 * SECONDS):
            with (
                in_time(seconds),
                stage.acting("migrate"),
                pytest.raises(migrate.MigrationError, match="secret cannot be read now"),
            ):
                migrate.handle({"application_user": "payments_app"}, Context(seconds=seconds))


def test_the_deep_check_and_the_migration_end_in_time_too(stage: Stage) -> None:
    with stage.server.frozen():
        with in_time(), stage.acting("health"):
            event = {"httpMethod": "GET", "path": "/health/deep", "requestContext": {}}
            told: Any = health.handle(event, Context(seconds=SECONDS))
        assert content(told)["checks"]["database"]["status"] == "failing"
        with (
            in_time(),
            stage.acting("migrate"),
            pytest.raises(migrate.MigrationError, match="no answer in the time"),
        ):
            migrate.handle({"application_user": "payments_app"}, Context(seconds=SECONDS))


def at_commit(monkeypatch: pytest.MonkeyPatch, before: Callable[[], None]) -> None:
    """Do something right before the first commit is sent."""
    real = database_module.open_connection
    done: list[str] = []

    def opening(*where: Any, **how: Any) -> Any:
        connection = real(*where, **how)
        run = connection.run

        def running(sql: str, **parameters: object) -> Any:
            if sql == "COMMIT" and not done:
                done.append(sql)
                before()
            return run(sql, **parameters)

        connection.run = running  # pyright: ignore[reportAttributeAccessIssue]
        return connection

    monkeypatch.setattr(database_module, "open_connection", opening)


def test_a_commit_that_nobody_answers_is_no_decision_yet(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server has the commit when it stands still: 503, and the next request finds the decision."""
    with contextlib.ExitStack() as stack:
        at_commit(monkeypatch, lambda: stack.enter_context(stage.server.frozen()))
        with in_time():
            answer = stage.post(seconds=SECONDS)
        assert answer["statusCode"] == 503
    again = stage.post()
    assert content(again)["decision"] == "accepted"
    assert stage.sql("SELECT count(*) FROM payments.payments") == [[1]]
    assert stage.sql("SELECT count(*) FROM payments.outbox") == [[1]]


def test_a_late_commit_beside_a_slow_bucket_is_told(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It stands, so it is what the caller hears; the relay delivers its record."""
    stage.post(another(1))
    forget()
    stage.aws.trouble.write_text(json.dumps([0, 1, 0]))
    at_commit(monkeypatch, lambda: time.sleep(1.0))
    # Time to connect again, also on a busy machine.
    with in_time(2 * SECONDS):
        answer = stage.post(seconds=2 * SECONDS)
    assert content(answer)["decision"] == "accepted"
    stage.aws.trouble.unlink()
    stage.sql("UPDATE payments.outbox SET next_attempt_at = now()")
    assert stage.relay()["delivered"] == len(stage.records()) == 2


def test_a_database_that_stands_still_after_the_decision_keeps_nobody_waiting(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is asked of it any more."""
    real = outbox_module.AuditTrail.write
    with contextlib.ExitStack() as stack:

        def writing(*this: Any, **how: Any) -> Any:
            done = real(*this, **how)
            stack.enter_context(stage.server.frozen())
            return done

        monkeypatch.setattr(outbox_module.AuditTrail, "write", writing)
        with in_time(4.0):
            answer = stage.post()
        assert content(answer)["decision"] == "accepted"
    assert len(stage.records()) == 1


@pytest.mark.parametrize("released", [True, False])
def test_a_lock_of_a_migration_ends_in_a_decision_or_in_503(
    stage: Stage, *, released: bool
) -> None:
    """Whichever comes first: its end, or that of the time."""
    stage.post(another(1))
    locked, release = threading.Event(), threading.Event()

    def migrating(connection: Any) -> None:
        connection.run("LOCK TABLE payments.decisions IN ACCESS EXCLUSIVE MODE")
        locked.set()
        release.wait(1.0 if released else 20)

    owner = database(stage, "postgres")
    thread = threading.Thread(
        target=lambda: owner.run(migrating, deadline=time.monotonic() + 30), daemon=True
    )
    thread.start()
    assert locked.wait(10)
    with in_time():
        answer = stage.post(seconds=SECONDS)
    release.set()
    thread.join()
    assert answer["statusCode"] == (200 if released else 503), answer
    assert content(stage.post())["decision"] == "accepted"


def test_a_server_that_answers_drop_by_drop_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No piece of the answer comes late, and all of it never."""
    make_certificates(tmp_path)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(tmp_path / "server.pem", tmp_path / "server.key")
    listener = socket.create_server(("127.0.0.1", 0))

    def dripping() -> None:
        with contextlib.suppress(OSError):
            plain, _ = listener.accept()
            plain.recv(8)
            plain.sendall(b"S")
            wire = context.wrap_socket(plain, server_side=True)
            # A notice without an end.
            wire.sendall(b"N\x00\x00\xff\xff")
            while True:
                wire.sendall(b"x")
                time.sleep(0.1)

    threading.Thread(target=dripping, daemon=True).start()
    settings = DatabaseSettings(
        host="localhost",
        port=listener.getsockname()[1],
        name="payments",
        region="us-east-1",
        authorities=tmp_path / "authority.pem",
    )

    def opening() -> None:
        open_connection(
            settings,
            user="x",
            password="",
            session={},
            until=time.monotonic() + 1,
            socket_seconds=5,
        )

    with in_time(2.0), pytest.raises(Exception, match=r"over|timed out|network error"):
        opening()
    # So is a name server.
    monkeypatch.setattr(
        connection_module.socket, "getaddrinfo", lambda *_, **__: time.sleep(9) or []
    )
    with in_time(2.0), pytest.raises(TimeoutError, match="looked up"):
        opening()
    listener.close()
