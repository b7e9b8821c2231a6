"""MIG-1: functions of two releases on one database, and migrations while payments go through."""

from __future__ import annotations

import contextlib
import dataclasses
import shutil
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from migrate import handler
from payments.connection import open_connection
from service.before import unpack
from service.environment import Killed, Worker
from service.stage import (
    FUNCTIONS,
    LOGINS_BEFORE,
    MERCHANTS,
    OF_KEYS,
    OF_SUBJECTS,
    SUBJECT,
    Stage,
    api_event,
    content,
    key_context,
)
from service.test_payments import another, database

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Future
    from pathlib import Path

NEXT = len(list((handler.FOLDER / "migrations").glob("*.sql"))) + 1
PATIENCE_SECONDS = 60
EXPAND, CONTRACT = "-- migration: expand\n", "-- migration: contract\n"
OUTSIDE = "-- migration: expand, outside a transaction\n"


class Release:
    """The functions of one release, each an execution environment of its own."""

    def __init__(self, stage: Stage, folder: Path, log: Path) -> None:
        """Start none yet."""
        self.stage, self.folder, self.log = stage, folder, log
        self._make = lambda function: Worker(stage, function, log, folder)
        self._workers: dict[str, Worker] = {}

    def worker(self, function: str) -> Worker:
        """Return the function's environment."""
        if function not in self._workers:
            self._workers[function] = self._make(function)
        return self._workers[function]

    def call(self, function: str, event: dict[str, Any], seconds: float = 10.0) -> dict[str, Any]:
        """Call a function that must answer."""
        told = self.worker(function).call(event, seconds)
        assert "answer" in told, told
        return told["answer"]

    def migrate(self) -> dict[str, Any]:
        """Call what `pulumi up` calls, both times."""
        event = {"application_user": "payments_app", "merchants": MERCHANTS}
        told = self.call("migrate", event, 300)
        callers = {
            channel: {"credentials": list(of), "merchants": list(of.values())}
            for channel, of in (("api", OF_KEYS), ("load-balancer", OF_SUBJECTS))
        }
        self.call("migrate", {"callers": callers}, 300)
        return told

    def pay(self, number: int) -> dict[str, Any]:
        """Send a payment, and return its answer."""
        return self.call("validate-payment", api_event(another(number)))

    def stop(self) -> None:
        """End all."""
        for worker in self._workers.values():
            worker.stop()


@pytest.fixture(name="old")
def _old(empty_stage: Stage, tmp_path: Path) -> Iterator[Release]:
    before = dataclasses.replace(empty_stage, logins=LOGINS_BEFORE)
    made = Release(before, unpack(tmp_path / "old"), tmp_path / "log")
    yield made
    made.stop()


@pytest.fixture(name="new")
def _new(empty_stage: Stage, tmp_path: Path) -> Iterator[Release]:
    """Return the present functions, with migrations that a test can change."""
    shutil.copytree(
        FUNCTIONS, tmp_path / "new", ignore=shutil.ignore_patterns("__pycache__", ".*_cache")
    )
    made = Release(empty_stage, tmp_path / "new", tmp_path / "log")
    yield made
    made.stop()


def add(release: Release, sql: str, number: int = NEXT, name: str = "added") -> None:
    """Give a release another migration."""
    path = release.folder / "migrate" / "migrations" / f"{number:04}_{name}.sql"
    path.write_text(sql, encoding="utf-8")


def all_work(release: Release, number: int) -> None:
    """Have a payment decided, recorded, told and relayed, and the deep check made."""
    assert content(release.pay(number))["decision"] == "accepted"
    told = release.call(
        "payment-status",
        {
            "httpMethod": "GET",
            "path": f"/payments/{another(number)['payment_id']}",
            "requestContext": key_context(),
        },
    )
    assert content(told)["decision"] == "accepted"
    relayed = release.call("audit-relay", {}, 30)
    assert (relayed["refused"], relayed["different"]) == (0, 0)
    event = {"httpMethod": "GET", "path": "/health/deep", "requestContext": {}}
    # Its time is short, and a busy machine may need more for the first one.
    wait_until(lambda: content(release.call("health", event))["status"] == "ok")


@contextlib.contextmanager
def paying(release: Release) -> Iterator[list[tuple[float, dict[str, Any]]]]:
    """Send one payment after the other meanwhile; give how long each took, and its answer."""
    # An execution environment answers one request at a time: here is another one.
    payer = Release(release.stage, release.folder, release.log)
    answers: list[tuple[float, dict[str, Any]]] = []
    done = threading.Event()
    failures: list[BaseException] = []

    def pay() -> None:
        number = 1000
        try:
            while not done.is_set():
                number += 1
                start = time.monotonic()
                answer = payer.pay(number)
                answers.append((time.monotonic() - start, answer))
        except BaseException as failure:  # noqa: BLE001 - raised below
            failures.append(failure)

    thread = threading.Thread(target=pay, daemon=True)
    thread.start()
    try:
        wait_until(lambda: bool(answers or failures))
        yield answers
        # At least one goes through afterwards.
        count = len(answers)
        wait_until(lambda: len(answers) > count + 1 or bool(failures))
    finally:
        done.set()
        thread.join()
        payer.stop()
    assert failures == []


def wait_until(holds: Callable[[], bool]) -> None:
    """Fail when it takes too long."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


@contextlib.contextmanager
def holding(stage: Stage, mode: str) -> Iterator[None]:
    """Hold a lock on the payments, as a long query does."""
    connection = open_connection(
        database(stage).settings,
        user="payments_app",
        password="",
        session={},
        until=time.monotonic() + 2 * PATIENCE_SECONDS,
    )
    try:
        connection.run("START TRANSACTION")
        connection.run(f"LOCK TABLE payments IN {mode} MODE")
        yield
    finally:
        connection.close()


def all_accepted(answers: list[tuple[float, dict[str, Any]]]) -> bool:
    """Whether each payment was."""
    return {content(answer).get("decision") for _, answer in answers} == {"accepted"}


def test_functions_of_the_release_before_go_on_on_the_new_schema(
    empty_stage: Stage, old: Release, new: Release
) -> None:
    old.migrate()
    all_work(old, 1)
    with paying(old) as answers:
        new.migrate()
    assert all_accepted(answers)
    all_work(old, 2)
    all_work(new, 3)
    # Whatever one decided is the other's answer too.
    assert content(new.pay(2)) == content(old.pay(2))
    assert content(old.pay(3)) == content(new.pay(3))
    assert empty_stage.sql(
        "SELECT count(*) FROM payments.payments WHERE payment_id < 'pay_00001'"
    ) == [[3]]
    # Whoever delivered a record, and whatever the release before marked: the new relay has compared all of them.
    empty_stage.sql("UPDATE payments.outbox SET next_attempt_at = now()")
    relayed = new.call("audit-relay", {}, 30)
    assert (relayed["different"], relayed["waiting"]) == (0, 0)
    ((count,),) = empty_stage.sql("SELECT count(*) FROM payments.payments")
    assert len(empty_stage.records()) == count


def test_new_functions_work_on_the_schema_of_the_release_before(old: Release, new: Release) -> None:
    """As when code arrives before the schema, or a deployment ends between them."""
    old.migrate()
    with paying(new) as answers:
        all_work(new, 1)
        all_work(old, 2)
    assert all_accepted(answers)


def test_both_releases_answer_either_form_of_the_load_balancers_events(
    old: Release, new: Release
) -> None:
    """LB-2: target groups send lists of values from one moment on, whichever functions are there."""
    new.migrate()
    sent = {"content-type": "application/json", "x-amzn-mtls-clientcert-subject": SUBJECT}
    for number, release in enumerate((old, new), 1):
        for lists in (False, True):
            event = api_event(another(10 * number + lists), requestContext={"elb": {}})
            event |= {"headers": None if lists else sent, "multiValueHeaders": None}
            if lists:
                event["multiValueHeaders"] = {name: [value] for name, value in sent.items()}
            told = release.call("validate-payment", event)
            assert content(told)["decision"] == "accepted"
            assert ("headers" in told, "multiValueHeaders" in told) == (not lists, lists)


def test_a_release_comes_back_after_one_that_expanded(
    empty_stage: Stage, new: Release, tmp_path: Path
) -> None:
    """A stack is rolled back by the release before: its migrations are behind the database."""
    later = Release(empty_stage, tmp_path / "later", tmp_path / "log")
    shutil.copytree(new.folder, later.folder)
    add(later, f"{EXPAND}ALTER TABLE payments ADD COLUMN note text;")
    assert later.migrate()["version"] == NEXT
    with paying(later) as answers:
        assert new.migrate() == {"applied": [], "version": NEXT}
        all_work(new, 1)
    # And forward again.
    assert later.migrate() == {"applied": [], "version": NEXT}
    add(later, f"{CONTRACT}ALTER TABLE payments DROP COLUMN note;", NEXT + 1, "ends")
    assert later.migrate()["version"] == NEXT + 1
    assert all_accepted(answers)
    told = new.worker("migrate").call({"application_user": "payments_app"}, 300)
    assert f"the database is at {NEXT + 1:04}_ends" in told["error"]
    assert f"{NEXT + 1:04}_ends took away what this version may use" in told["error"]
    later.stop()


def test_what_takes_away_names_its_kind(empty_stage: Stage, new: Release) -> None:
    add(new, f"{CONTRACT}ALTER TABLE payments DROP COLUMN received_at;")
    new.migrate()
    kinds = empty_stage.sql("SELECT kind FROM payments.migrations ORDER BY version")
    assert kinds == [*[["expand"]] * (NEXT - 1), ["contract"]]


def test_payments_pass_a_migration_that_waits_for_a_lock(empty_stage: Stage, new: Release) -> None:
    """Who waits for a long query lets payments through again and again, until the query is over."""
    new.migrate()
    add(new, f"{EXPAND}ALTER TABLE payments ADD COLUMN note text;")
    refused = "SELECT count(*) FROM pg_locks WHERE NOT granted AND mode = 'AccessExclusiveLock'"
    with paying(new) as answers, holding(empty_stage, "ACCESS SHARE"):
        migrating = in_background(new.migrate)
        counts: list[int] = []
        for _ in range(3):
            wait_until(lambda: empty_stage.sql(refused) != [[0]])
            wait_until(lambda: empty_stage.sql(refused) == [[0]])
            # It gave up: now those go through who waited behind it.
            counts.append(len(answers))
            wait_until(lambda: len(answers) > counts[-1])
        assert not migrating.done()
    assert migrating.result(PATIENCE_SECONDS)["applied"] == [f"{NEXT:04}_added"]
    assert all_accepted(answers)
    # With a second for the lock, and far from the payments' own nine.
    assert max(seconds for seconds, _ in answers) < 5


INDEX = "CREATE INDEX CONCURRENTLY IF NOT EXISTS payments_received ON payments (received_at);"
STATE = """
SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('payments.payments_received')
"""


def in_background(work: Callable[[], dict[str, Any]]) -> Future[dict[str, Any]]:
    """Do it in a thread."""
    pool = ThreadPoolExecutor(1)
    done = pool.submit(work)
    pool.shutdown(wait=False)
    return done


def test_an_index_is_made_beside_payments(empty_stage: Stage, new: Release) -> None:
    new.migrate()
    add(new, OUTSIDE + INDEX)
    with paying(new) as answers, holding(empty_stage, "ROW EXCLUSIVE"):
        migrating = in_background(new.migrate)
        wait_until(lambda: empty_stage.sql(STATE) == [[False]])
        count = len(answers)
        wait_until(lambda: len(answers) > count + 5)
        assert not migrating.done()
    assert migrating.result(PATIENCE_SECONDS)["applied"] == [f"{NEXT:04}_added"]
    assert empty_stage.sql(STATE) == [[True]]
    assert all_accepted(answers)


def test_an_index_that_broke_off_is_made_again(empty_stage: Stage, new: Release) -> None:
    """The server ends the connection in the middle, as a fail-over does: what is left is of no use."""
    new.migrate()
    add(new, OUTSIDE + INDEX)
    with holding(empty_stage, "ROW EXCLUSIVE"):
        migrating = in_background(
            lambda: new.worker("migrate").call({"application_user": "payments_app"}, 300)
        )
        wait_until(lambda: empty_stage.sql(STATE) == [[False]])
        empty_stage.sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'CREATE INDEX%'"
            " OR query LIKE '-- migration%'"
        )
        told = migrating.result(PATIENCE_SECONDS)
    assert "is taken up again by the next run" in told["error"]
    assert empty_stage.sql(STATE) == [[False]]
    ((before,),) = empty_stage.sql("SELECT to_regclass('payments.payments_received')::oid")
    assert new.migrate()["applied"] == [f"{NEXT:04}_added"]
    assert empty_stage.sql(STATE) == [[True]]
    ((after,),) = empty_stage.sql("SELECT to_regclass('payments.payments_received')::oid")
    assert after != before
    assert new.migrate()["applied"] == []


def test_an_index_outlives_the_function_that_made_it(empty_stage: Stage, new: Release) -> None:
    """The function is killed, as by its time-out: the server goes on, and the next run waits for it."""
    new.migrate()
    add(new, OUTSIDE + INDEX)
    with holding(empty_stage, "ROW EXCLUSIVE"):
        killed = in_background(
            lambda: new.worker("migrate").call({"application_user": "payments_app"}, 300)
        )
        wait_until(lambda: empty_stage.sql(STATE) == [[False]])
        new.worker("migrate").kill()
        with pytest.raises(Killed):
            killed.result(PATIENCE_SECONDS)
        again = in_background(new.migrate)
        # It asks again and again, and holds no snapshot that the index would have to wait for.
        asking = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_try_advisory%'"
        wait_until(lambda: empty_stage.sql(asking + " AND pid <> pg_backend_pid()") == [[1]])
        ((before,),) = empty_stage.sql("SELECT to_regclass('payments.payments_received')::oid")
    assert again.result(PATIENCE_SECONDS)["applied"] == [f"{NEXT:04}_added"]
    assert empty_stage.sql(STATE) == [[True]]
    assert empty_stage.sql("SELECT to_regclass('payments.payments_received')::oid") == [[before]]
