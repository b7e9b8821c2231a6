"""MIG-1: migrations on a real PostgreSQL, as the owner that RDS would make: no superuser."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from migrate import handler
from migrate.handler import MigrationError
from payments.connection import open_connection
from service.former import ALL, without_migrations
from service.postgres import OWNER, PASSWORD
from service.stage import MERCHANTS, PAYMENT, Stage, content, forget
from service.test_payments import another, database

if TYPE_CHECKING:
    from pathlib import Path


def add(folder: Path, name: str, sql: str) -> None:
    """Write a migration that expands."""
    (folder / f"{name}.sql").write_text(f"-- migration: expand\n{sql}", encoding="utf-8")


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
    add(folder, f"{number:04}_good", "CREATE TABLE good (id int);")
    add(folder, f"{number + 1:04}_bad", sql)
    add(folder, f"{number + 2:04}_later", "CREATE TABLE later (id int);")
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
    add(folder, f"{number + 1:04}_bad", "CREATE TABLE added (id int);")
    assert stage.migrate()["version"] == number + 2
    assert tables(stage) - before == {"good", "added", "later"}


def test_a_changed_migration_is_refused(stage: Stage, folder: Path) -> None:
    path = folder / f"{ALL[0]}.sql"
    path.write_text(path.read_text(encoding="utf-8") + "\n-- more", encoding="utf-8")
    with pytest.raises(MigrationError, match=f"{ALL[0]} was changed after it was applied"):
        stage.migrate()


def test_a_later_version_that_took_something_away_is_refused(stage: Stage, folder: Path) -> None:
    """One that only expanded is taken: see `test_releases.py`."""
    later = folder / f"{len(ALL) + 1:04}_less.sql"
    later.write_text("-- migration: contract\nALTER TABLE decisions DROP COLUMN door;")
    stage.migrate()
    later.unlink()
    with pytest.raises(MigrationError, match=f"the database is at {later.stem}"):
        stage.migrate()


def test_the_kind_is_recorded_in_a_database_that_knew_none(stage: Stage) -> None:
    stage.sql("ALTER TABLE payments.migrations DROP COLUMN kind")
    assert stage.migrate()["applied"] == []
    assert stage.sql("SELECT DISTINCT kind FROM payments.migrations") == [["expand"]]


def statuses(stage: Stage) -> dict[str, str]:
    """Return the status of each merchant."""
    rows = stage.sql("SELECT merchant_id, status FROM payments.merchants ORDER BY 1")
    return {str(merchant): str(status) for merchant, status in rows}


def by_hand(stage: Stage, status: str, merchant: str = "mer_bookshop1") -> None:
    """Change a status as a person does."""
    stage.sql(
        "UPDATE payments.merchants SET status = :status WHERE merchant_id = :merchant",
        status=status,
        merchant=merchant,
    )


def test_merchants_become_what_the_spec_says(stage: Stage) -> None:
    stage.migrate(merchants={"mer_bookshop1": "suspended", "mer_new00001": "active"})
    assert statuses(stage) == {
        "mer_asleep01": "suspended",
        "mer_bookshop1": "suspended",
        "mer_new00001": "active",
    }
    with pytest.raises(MigrationError, match="violates check constraint"):
        stage.migrate(merchants={"no merchant": "active", "mer_other001": "active"})
    assert len(statuses(stage)) == 3


def test_who_leaves_the_spec_is_suspended_and_comes_back_with_it(stage: Stage) -> None:
    """And what was paid stays."""
    assert content(stage.post())["decision"] == "accepted"
    stage.migrate(merchants={"mer_asleep01": "closed"})
    assert statuses(stage) == {"mer_asleep01": "closed", "mer_bookshop1": "suspended"}
    rejected = content(stage.post(another(2)))
    assert (rejected["decision"], rejected["reasons"]) == ("rejected", ["merchant_not_active"])
    assert content(stage.status(PAYMENT["payment_id"]))["decision"] == "accepted"
    # Who is closed stays closed when nothing names it any more.
    stage.migrate(merchants={})
    assert statuses(stage) == {"mer_asleep01": "closed", "mer_bookshop1": "suspended"}
    stage.migrate()
    assert statuses(stage) == MERCHANTS
    assert content(stage.post(another(3)))["decision"] == "accepted"


def test_what_was_done_by_hand_stays_until_the_spec_says_something_else(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    by_hand(stage, "suspended")
    stage.migrate()
    stage.migrate(merchants={**MERCHANTS, "mer_new00001": "active"})
    assert statuses(stage)["mer_bookshop1"] == "suspended"
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    (warned, _) = [line for line in lines if line["level"] == "WARNING"]
    assert warned["merchants"] == ["mer_bookshop1"]
    # The spec agrees, and then says something else of this one.
    stage.migrate(merchants={**MERCHANTS, "mer_bookshop1": "suspended"})
    stage.migrate()
    assert statuses(stage)["mer_bookshop1"] == "active"
    # Who left the spec and may go on by hand, goes on.
    stage.migrate(merchants={})
    by_hand(stage, "active")
    stage.migrate(merchants={})
    assert statuses(stage)["mer_bookshop1"] == "active"


def test_a_call_that_says_nothing_of_merchants_changes_none(stage: Stage) -> None:
    with stage.acting("migrate"):
        handler.handle({"application_user": "payments_app"}, stage.context())
    assert statuses(stage) == MERCHANTS


def test_what_was_done_by_hand_before_it_was_known_what_the_spec_said_lets_nobody_sell(
    stage: Stage,
) -> None:
    """The first deployment with this column: who was suspended stays so, and nobody is taken for gone."""
    stage.sql("UPDATE payments.merchants SET declared = NULL")
    stage.sql("INSERT INTO payments.merchants VALUES ('mer_byhand01', 'active', now())")
    by_hand(stage, "suspended")
    stage.migrate(merchants={"mer_bookshop1": "active", "mer_asleep01": "closed"})
    assert statuses(stage) == {
        "mer_asleep01": "closed",
        "mer_bookshop1": "suspended",
        "mer_byhand01": "active",
    }
    assert stage.sql("SELECT declared FROM payments.merchants ORDER BY merchant_id") == [
        ["closed"],
        ["active"],
        [None],
    ]


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
        assert members == [["payments_app"], ["payments_app_read"], ["payments_app_relay"]]
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
        # Of these a later migration says more.
        assert stage.migrate(merchants=None)["version"] == 3
        stage.sql("INSERT INTO payments.merchants VALUES ('mer_bookshop1', 'active')")
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
