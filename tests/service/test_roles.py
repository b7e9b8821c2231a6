"""SEC-2, S3-1: what each database role may do, and that only the relay marks audit records and removes them."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING, Any

import pytest

from payments.connection import Connection, open_connection
from service.former import ALL, without_migrations
from service.postgres import OWNER, PASSWORD
from service.stage import OF_KEYS, OF_SUBJECTS, PAYMENT, Stage, content, forget
from service.test_payments import another, database

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

READER = [
    "SELECT * FROM callers",
    "SELECT * FROM payments",
    "SELECT * FROM decisions",
    "SELECT * FROM migrations",
]
WRITER = [
    *READER,
    "SELECT * FROM merchants",
    "SELECT * FROM outbox",
    "SELECT * FROM idempotency_keys",
    "INSERT INTO outbox (object_key, record) VALUES ('a', '{}')",
    # Of no row: see the tests below.
    "UPDATE outbox SET delivered_at = now()",
    "DELETE FROM idempotency_keys",
    "DELETE FROM outbox",
]
RELAY = [
    "SELECT * FROM migrations",
    "SELECT * FROM outbox",
    "SELECT * FROM idempotency_keys",
    "UPDATE outbox SET delivered_at = now()",
    "DELETE FROM idempotency_keys",
    "DELETE FROM outbox",
]
NOBODY = [
    "UPDATE decisions SET decision = 'accepted'",
    "DELETE FROM decisions",
    "DELETE FROM payments",
    "UPDATE payments SET amount_minor = 1",
    "TRUNCATE outbox",
    "INSERT INTO outbox (object_key, record, delivered_at) VALUES ('b', '{}', now())",
    "INSERT INTO outbox (object_key, record, next_attempt_at) VALUES ('c', '{}', 'infinity')",
    "INSERT INTO outbox (object_key, record, created_at) VALUES ('d', '{}', '2020-01-01')",
    "UPDATE outbox SET record = '{}'",
    "UPDATE merchants SET status = 'active'",
    "INSERT INTO merchants VALUES ('mer_mine0001', 'active')",
    "DELETE FROM migrations",
    "INSERT INTO callers VALUES ('api', 'mine', 'mer_bookshop1')",
    "UPDATE callers SET merchant_id = 'mer_mine0001'",
    "DELETE FROM callers",
    "CREATE TABLE mine (id int)",
    "CREATE TABLE public.mine (id int)",
    "CREATE TEMP TABLE mine (id int)",
    "DROP TABLE outbox",
    "ALTER TABLE outbox DISABLE ROW LEVEL SECURITY",
    "CREATE ROLE mine",
    "SET ROLE payments_owner",
    "COPY payments TO PROGRAM 'cat'",
]


@pytest.mark.parametrize(
    ("user", "allowed"),
    [("payments_app", WRITER), ("payments_app_read", READER), ("payments_app_relay", RELAY)],
)
def test_roles_may_do_what_they_need_and_nothing_else(
    stage: Stage, user: str, allowed: list[str]
) -> None:
    """SEC-2: of all statements here, exactly these."""
    settings = database(stage).settings
    done: list[str] = []
    for statement in sorted({*WRITER, *NOBODY}):
        connection = open_connection(
            settings, user=user, password="", session={}, until=time.monotonic() + 5
        )
        try:
            connection.run(statement)
            done.append(statement)
        except Exception as error:  # noqa: BLE001 - looked at
            details: Any = error.args[0]
            assert details["C"] in {"42501", "0A000"}, (statement, details)
        finally:
            connection.close()
    assert done == sorted(allowed)


MARKS = (
    # The words of the release before.
    """
    UPDATE outbox SET delivered_at = now(), attempts = attempts + 1, last_error = NULL
    WHERE id = (SELECT id FROM outbox WHERE id = 1 AND delivered_at IS NULL FOR UPDATE SKIP LOCKED)
    """,
    "UPDATE outbox SET delivered_at = now() - interval '8 days'",
    "UPDATE outbox SET next_attempt_at = 'infinity'",
    "DELETE FROM outbox",
)


def test_only_the_relay_marks_and_removes_records(stage: Stage) -> None:
    """S3-1: what the writing role says of a record changes nothing, in the words of the release before too."""
    stage.post()
    before = stage.sql("SELECT * FROM payments.outbox")
    with connected(stage, "payments_app") as writer:
        with pytest.raises(Exception, match="42501"):
            writer.run("SET ROLE payments_relay")
        for statement in MARKS:
            writer.run(statement)
            assert stage.sql("SELECT * FROM payments.outbox") == before, statement
        stage.sql("UPDATE payments.outbox SET next_attempt_at = now()")
        assert stage.relay()["delivered"] == 1
        # What was delivered cannot be made to wait again either.
        writer.run("UPDATE outbox SET delivered_at = NULL")
        stage.sql("UPDATE payments.outbox SET delivered_at = now() - interval '8 days'")
        writer.run("DELETE FROM outbox")
        assert stage.sql("SELECT count(*) FROM payments.outbox") == [[1]]
    assert stage.relay()["purged"] == 1
    assert stage.sql("SELECT count(*) FROM payments.outbox") == [[0]]
    assert PAYMENT["payment_id"] in str(stage.records())


def test_the_relay_keeps_records_for_a_week_after_it_marked_them(stage: Stage) -> None:
    """S3-1: the day of a mark is that of the server's clock."""
    stage.post()
    with connected(stage, "payments_app_relay") as relay:
        relay.run("DELETE FROM outbox")
        with pytest.raises(Exception, match="42501"):
            relay.run("UPDATE outbox SET delivered_at = now() - interval '8 days'")
        relay.run("UPDATE outbox SET delivered_at = now()")
        relay.run("UPDATE outbox SET delivered_at = NULL")
        relay.run("DELETE FROM outbox")
    assert stage.sql("SELECT count(*) FROM payments.outbox WHERE delivered_at > now()") == [[0]]
    assert stage.sql("SELECT count(*) FROM payments.outbox WHERE delivered_at <= now()") == [[1]]


def test_payments_go_on_while_the_relay_gets_its_own_role(empty_stage: Stage, folder: Path) -> None:
    """Before and after migration 7, in functions of both versions, no record is lost or doubled."""
    stage = empty_stage
    with without_migrations(folder, 7):
        # Of these a later migration says more.
        stage.migrate(merchants=None)
        stage.sql("INSERT INTO payments.merchants VALUES ('mer_bookshop1', 'active')")
        for channel, credentials in (("api", OF_KEYS), ("load-balancer", OF_SUBJECTS)):
            for credential, merchants in credentials.items():
                for merchant in merchants:
                    # As the release before wrote them.
                    values = f"('{channel}', '{credential}', '{merchant}')"
                    stage.sql(f"INSERT INTO payments.callers VALUES {values}")  # noqa: S608 - names of the tests
        # The new functions on the old schema: payments go on, and the relay has no login that may mark.
        stage.server.superuser("DROP ROLE IF EXISTS payments_app_relay")
        assert content(stage.post())["decision"] == "accepted"
        assert stage.relay()["waiting"] is None
    assert stage.migrate()["applied"] == ALL[6:]
    forget()
    # The functions of the release before on the new schema: they mark what they delivered, in vain.
    assert content(stage.post(another(2)))["decision"] == "accepted"
    with connected(stage, "payments_app") as writer:
        for statement in MARKS:
            writer.run(statement)
    records = stage.records()
    assert len(records) == 2
    stage.sql("UPDATE payments.outbox SET next_attempt_at = now()")
    done = stage.relay()
    assert (done["delivered"], done["different"], done["waiting"]) == (2, 0, 0)
    assert stage.records() == records


def test_rights_that_somebody_gives_by_hand_do_not_last(stage: Stage) -> None:
    """S3-1: until the next migration a member of the relay's role may what the relay may."""
    stage.post()
    owner = open_connection(
        database(stage).settings,
        user=OWNER,
        password=PASSWORD,
        session={},
        until=time.monotonic() + 5,
    )
    owner.run("GRANT payments_relay TO payments_app")
    owner.close()
    with connected(stage, "payments_app") as writer:
        writer.run(MARKS[0])
    assert stage.sql("SELECT count(*) FROM payments.outbox WHERE delivered_at IS NULL") == [[0]]
    stage.migrate()
    stage.post(another(2))
    with connected(stage, "payments_app") as writer:
        writer.run("UPDATE outbox SET delivered_at = now()")
    assert stage.sql("SELECT count(*) FROM payments.outbox WHERE delivered_at IS NULL") == [[1]]


@contextlib.contextmanager
def connected(stage: Stage, user: str) -> Iterator[Connection]:
    """Have a connection as this user."""
    settings = database(stage).settings
    connection = open_connection(
        settings, user=user, password="", session={}, until=time.monotonic() + 20
    )
    try:
        yield connection
    finally:
        connection.close()
