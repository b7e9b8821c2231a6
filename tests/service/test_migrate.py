"""MIG-1: migrations on a real PostgreSQL, as the owner that RDS would make: no superuser."""

from __future__ import annotations

import contextlib
import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from migrate import handler
from migrate.handler import MigrationError
from payments.connection import open_connection
from service.postgres import OWNER, PASSWORD
from service.stage import MERCHANTS, PAYMENT, Stage, content, forget
from service.test_payments import another, database

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ALL = sorted(path.stem for path in (handler.FOLDER / "migrations").glob("*.sql"))


@contextlib.contextmanager
def without_migrations(folder: Path, first: int) -> Iterator[None]:
    """Take away the migrations from this number on."""
    later = {path: path.read_text(encoding="utf-8") for path in folder.glob("*.sql")}
    later = {path: sql for path, sql in later.items() if int(path.name[:4]) >= first}
    for path in later:
        path.unlink()
    yield
    for path, sql in later.items():
        path.write_text(sql, encoding="utf-8")


def tables(stage: Stage) -> set[str]:
    """Return what is in the schema."""
    rows = stage.sql("SELECT relname FROM pg_class WHERE relnamespace = 'payments'::regnamespace")
    return {name for (name,) in rows}


def test_an_empty_database_is_made_ready_once(empty_stage: Stage) -> None:
    assert empty_stage.migrate() == {"applied": ALL, "version": len(ALL)}
    before = empty_stage.sql("SELECT * FROM payments.migrations ORDER BY version")
    assert empty_stage.migrate() == {"applied": [], "version": len(ALL)}
    assert empty_stage.sql("SELECT * FROM payments.migrations ORDER BY version") == before
    empty_stage.bring_in()
    assert content(empty_stage.post())["decision"] == "accepted"


def test_runs_at_the_same_time_apply_nothing_twice(empty_stage: Stage) -> None:
    """`pulumi up` may call more than once."""
    with empty_stage.acting("migrate"), ThreadPoolExecutor(4) as pool:
        event = {"application_user": "payments_app", "merchants": MERCHANTS}
        done = list(pool.map(lambda _: handler.handle(event, empty_stage.context()), range(4)))
    assert sorted(str(one["applied"]) for one in done) == sorted(["[]", "[]", "[]", str(ALL)])


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("CREATE TABLE added (id int); SELECT 1 / 0;", "division by zero"),
        ("CREATE TABLE added (id int); SELECT no_such_column FROM payments;", "no_such_column"),
        ("CREATE TABLE added (id int); CREATE TABL", "syntax error"),
        (
            "CREATE TABLE added (id int); INSERT INTO merchants VALUES ('mer_bookshop1', 'active');",
            "duplicate key",
        ),
    ],
)
def test_a_failed_migration_leaves_nothing_and_says_why(
    stage: Stage, folder: Path, sql: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = tables(stage)
    number = len(ALL) + 1
    (folder / f"{number:04}_good.sql").write_text("CREATE TABLE good (id int);", encoding="utf-8")
    (folder / f"{number + 1:04}_bad.sql").write_text(sql, encoding="utf-8")
    (folder / f"{number + 2:04}_later.sql").write_text(
        "CREATE TABLE later (id int);", encoding="utf-8"
    )
    with pytest.raises(MigrationError, match=message) as raised:
        stage.migrate()
    assert f"{number + 1:04}_bad failed and was rolled back" in str(raised.value)
    assert raised.value.__suppress_context__
    # The one before stands: each is a transaction of its own.
    assert tables(stage) - before == {"good"}
    assert stage.sql("SELECT max(version) FROM payments.migrations") == [[number]]
    # What it quotes is the server's message: not the rows, not the password.
    told = str(raised.value) + capsys.readouterr().out
    assert "(merchant_id)=" not in told
    assert PASSWORD not in told
    (folder / f"{number + 1:04}_bad.sql").write_text(
        "CREATE TABLE added (id int);", encoding="utf-8"
    )
    assert stage.migrate()["version"] == number + 2
    assert tables(stage) - before == {"good", "added", "later"}


def test_a_changed_migration_is_refused(stage: Stage, folder: Path) -> None:
    path = folder / f"{ALL[0]}.sql"
    path.write_text(path.read_text(encoding="utf-8") + "\n-- more", encoding="utf-8")
    with pytest.raises(MigrationError, match=f"{ALL[0]} was changed after it was applied"):
        stage.migrate()


def test_a_database_of_a_later_version_is_refused(stage: Stage, folder: Path) -> None:
    (folder / f"{ALL[-1]}.sql").unlink()
    with pytest.raises(MigrationError, match=f"the database is at {ALL[-1]}"):
        stage.migrate()


def test_merchants_become_what_the_spec_says(stage: Stage) -> None:
    stage.migrate(merchants={"mer_bookshop1": "suspended", "mer_new00001": "active"})
    assert stage.sql("SELECT merchant_id, status FROM payments.merchants ORDER BY 1") == [
        ["mer_asleep01", "suspended"],
        ["mer_bookshop1", "suspended"],
        ["mer_new00001", "active"],
    ]
    with pytest.raises(MigrationError, match="violates check constraint"):
        stage.migrate(merchants={"no merchant": "active", "mer_other001": "active"})
    assert len(stage.sql("SELECT FROM payments.merchants")) == 3


def test_another_name_takes_the_rights_along(stage: Stage) -> None:
    stage.migrate(application_user="acme_app")
    assert stage.sql(
        "SELECT member.rolname FROM pg_auth_members JOIN pg_roles member ON member.oid = member"
        " JOIN pg_roles granted ON granted.oid = roleid WHERE granted.rolname = 'payments_writer'"
        " AND member.rolname <> 'payments_owner'"
    ) == [["acme_app"]]
    # Who may not even connect is told so, and nothing of the payment is lost.
    assert stage.post()["statusCode"] == 503
    stage.migrate()
    forget()
    assert stage.post()["statusCode"] == 200


def test_on_rds_the_users_log_in_by_iam(stage: Stage) -> None:
    """There a role of this name makes tokens the only way in; the owner must never have it."""
    stage.server.superuser("CREATE ROLE rds_iam NOLOGIN")
    stage.server.superuser(f"GRANT rds_iam TO {OWNER} WITH ADMIN OPTION")
    try:
        stage.migrate()
        members = stage.sql(
            "SELECT member.rolname FROM pg_auth_members JOIN pg_roles member ON member.oid = member"
            " JOIN pg_roles granted ON granted.oid = roleid WHERE granted.rolname = 'rds_iam'"
            " AND member.rolname <> 'payments_owner' ORDER BY 1"
        )
        assert members == [["payments_app"], ["payments_app_read"]]
    finally:
        stage.server.superuser("DROP ROLE rds_iam")


def test_a_wrong_password_is_reported_without_its_value(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(handler.time, "sleep", pauses.append)
    secret = json.dumps({"username": OWNER, "password": "hunter2 is wrong"})
    stage.client("secretsmanager").put_secret_value(SecretId=stage.secret_arn, SecretString=secret)
    with pytest.raises(MigrationError, match="password authentication failed") as raised:
        stage.migrate()
    assert "hunter2" not in str(raised.value)
    # It may be just rotating.
    assert len(pauses) == 1


def test_a_schema_that_is_open_to_all_is_reported(
    empty_stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before PostgreSQL 15 everybody may make tables in `public`, and only its owner can end that."""
    empty_stage.server.superuser(
        "ALTER SCHEMA public OWNER TO postgres; GRANT CREATE ON SCHEMA public TO PUBLIC",
        empty_stage.database,
    )
    empty_stage.migrate()
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["message"][:35] for line in lines if line["level"] == "WARNING"] == [
        "everybody may make tables in the sc"
    ]


OLD_DECISION = """
WITH payment AS (
    INSERT INTO payments (payment_id, merchant_id, amount_minor, currency, payment_method_sha256,
                          request_sha256, received_at)
    VALUES (:payment_id, 'mer_bookshop1', 100, 'USD', :digest, :digest, now())
    RETURNING payment_uid
)
INSERT INTO decisions (payment_uid, decision, reasons, accepted_merchant_id, decided_at, door, answer)
SELECT payment_uid, 'accepted', CAST('{}' AS text[]), 'mer_bookshop1', now(), :door, '{}' FROM payment
"""


def decide_as_before(stage: Stage, payment_id: str, door: str | None) -> None:
    """Write a decision as the functions did that knew the first three migrations only."""
    connection = open_connection(
        database(stage).settings,
        user="payments_app",
        password="",
        session={},
        until=time.monotonic() + 5,
    )
    try:
        connection.run(OLD_DECISION, payment_id=payment_id, digest="0" * 64, door=door)
    finally:
        connection.close()


def test_channel_replaces_door_while_functions_of_both_versions_run(
    empty_stage: Stage, folder: Path
) -> None:
    """Before and after migration 4, functions of both versions write decisions."""
    stage = empty_stage
    with without_migrations(folder, 4):
        assert stage.migrate()["version"] == 3
        decide_as_before(stage, "old_before", "load-balancer")
        assert content(stage.post())["decision"] == "accepted"
    assert stage.migrate()["applied"] == ALL[3:]
    stage.bring_in()
    forget()
    decide_as_before(stage, "old_after0", "load-balancer")
    assert content(stage.post(another(2)))["decision"] == "accepted"
    rows = stage.sql(
        "SELECT payment_id, channel FROM payments.payments JOIN payments.decisions"
        " USING (payment_uid) ORDER BY payment_uid"
    )
    assert [channel for _, channel in rows] == ["load-balancer", "api", "load-balancer", "api"]
    assert {record["channel"] for record in stage.records().values()} == {"api"}
    # A decision without a channel is refused, as before.
    with pytest.raises(Exception, match="23502"):
        decide_as_before(stage, "old_nowhere", None)


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
    ("user", "allowed"), [("payments_app", WRITER), ("payments_app_read", READER)]
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


def test_records_that_wait_cannot_be_removed(stage: Stage) -> None:
    """S3-1: not even by the role that removes delivered ones, and not before their time."""
    stage.aws.trouble.write_text("[1, 0, 0]")
    stage.post()
    writer = database(stage)
    settings = writer.settings
    connection = open_connection(
        settings, user="payments_app", password="", session={}, until=time.monotonic() + 5
    )
    connection.run("DELETE FROM outbox")
    assert stage.sql("SELECT count(*) FROM payments.outbox") == [[1]]
    stage.aws.trouble.unlink()
    forget()
    stage.sql("UPDATE payments.outbox SET next_attempt_at = now()")
    assert stage.relay()["delivered"] == 1
    connection.run("DELETE FROM outbox")
    assert stage.sql("SELECT count(*) FROM payments.outbox") == [[1]]
    # What was delivered cannot be made to wait again either.
    connection.run("UPDATE outbox SET delivered_at = NULL")
    assert stage.sql("SELECT count(*) FROM payments.outbox WHERE delivered_at IS NULL") == [[0]]
    stage.sql("UPDATE payments.outbox SET delivered_at = now() - interval '8 days'")
    stage.relay()
    assert stage.sql("SELECT count(*) FROM payments.outbox") == [[0]]
    assert content(stage.post(another(2)))["decision"] == "accepted"
    assert PAYMENT["payment_id"] in str(stage.records())
    connection.close()
