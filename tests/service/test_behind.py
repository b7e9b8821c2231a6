"""What is behind the functions: logins, certificates, health, and an audit bucket in trouble."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import iso4217
import pytest

from audit_relay import handler as audit_relay
from migrate import handler as migrate
from payments import outbox, trail
from payments.connection import open_connection
from payments.currencies import EXPONENTS, PUBLISHED
from payments.database import Database, DatabaseUnavailableError
from payments.settings import RDS_AUTHORITIES, DatabaseSettings
from service.postgres import BY_TOKEN, TOKEN, make_certificates
from service.stage import BUCKET, Context, Stage, content, forget
from service.test_payments import another, database


def connect(settings: DatabaseSettings, user: str = "payments_app", password: str = "") -> None:
    """Connect as the functions do, and ask something."""
    connection = open_connection(
        settings, user=user, password=password, session={}, until=time.monotonic() + 5
    )
    assert connection.run("SELECT 1") == [[1]]
    connection.close()


def with_settings(stage: Stage, **changes: Any) -> DatabaseSettings:
    """Return the stage's settings with changes."""
    settings = database(stage).settings
    return DatabaseSettings(**{**vars(settings), **changes})


def test_the_server_of_another_authority_is_refused(stage: Stage, tmp_path: Path) -> None:
    """DB-4: nothing is sent to it, least of all a token."""
    connect(with_settings(stage))
    make_certificates(tmp_path)
    for authorities in (RDS_AUTHORITIES, tmp_path / "authority.pem"):
        with pytest.raises(Exception, match=r"CERTIFICATE_VERIFY_FAILED|communication error"):
            connect(with_settings(stage, authorities=authorities))


def test_a_server_of_another_name_is_refused(stage: Stage) -> None:
    """DB-4: a certificate of the right authority is not enough."""
    with pytest.raises(Exception, match=r"mismatch|communication error|IP address"):
        connect(with_settings(stage, host="127.0.0.1"))


def test_a_token_of_more_than_a_kilobyte_comes_through(stage: Stage) -> None:
    """FN-2: the server asks for the whole of it."""
    stage.server.superuser(f"GRANT CONNECT ON DATABASE {stage.database} TO {BY_TOKEN}")
    connect(with_settings(stage), BY_TOKEN, TOKEN)
    with pytest.raises(Exception, match="28P01"):
        connect(with_settings(stage), BY_TOKEN, TOKEN[:-1])


def test_sessions_have_their_limits(stage: Stage) -> None:
    """DB-2: no statement, lock or forgotten transaction holds on for ever."""
    names = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
    reader = database(stage, "payments_app_read", read_only=True)

    def look(connection: Any) -> list[str]:
        return [connection.run(f"SHOW {name}")[0][0] for name in (*names, "transaction_read_only")]

    assert reader.run(look, deadline=time.monotonic() + 5) == ["3s", "1500ms", "5s", "on"]
    with pytest.raises(DatabaseUnavailableError, match="57014"):
        reader.run(
            lambda connection: connection.run("SELECT pg_sleep(9)"), deadline=time.monotonic() + 9
        )


def test_the_deep_check_reports_what_is_unavailable(stage: Stage) -> None:
    """LB-3: with the version that the database is at."""
    answer = stage.health()
    assert answer["statusCode"] == 200, answer
    checks = content(answer)["checks"]
    migrations = Path(migrate.__file__).with_name("migrations")
    newest = len(list(migrations.glob("*.sql")))
    assert (checks["database"]["status"], checks["database"]["version"]) == ("ok", newest)
    assert checks["audit"]["status"] == "ok"
    stage.client("s3").delete_bucket(Bucket=BUCKET)
    answer = stage.health()
    assert (answer["statusCode"], content(answer)["checks"]["audit"]["error"]) == (
        503,
        "AuditUnavailableError",
    )


@pytest.mark.parametrize(
    "trouble", [[1, 0, 0], [0, 1, 0], [0, 0, 1]], ids=["refused", "slow", "unheard"]
)
def test_a_bucket_in_trouble_loses_nothing(stage: Stage, trouble: list[float]) -> None:
    """S3-1: the decision is told in time; its record is delivered later, once, as it was written."""
    stage.aws.trouble.write_text(json.dumps(trouble))
    start = time.monotonic()
    answers = [content(stage.post(another(number))) for number in range(3)]
    assert [answer["decision"] for answer in answers] == ["accepted"] * 3
    # One waits for the slow bucket, the others do not.
    assert time.monotonic() - start < 6
    assert stage.sql("SELECT count(*) FROM payments.outbox WHERE delivered_at IS NULL") == [[3]]
    done = stage.relay()
    assert (done["delivered"], done["waiting"], done["oldest_seconds"] > 0) == (0, 3, True)
    stage.aws.trouble.unlink()
    stage.sql("UPDATE payments.outbox SET next_attempt_at = now()")
    done = stage.relay()
    assert (done["delivered"], done["waiting"], done["oldest_seconds"]) == (3, 0, 0)
    written = dict(stage.sql("SELECT object_key, record FROM payments.outbox"))
    assert stage.records() == {key: json.loads(text) for key, text in written.items()}


def test_a_record_that_differs_is_an_alarm(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    """S3-1: as after a restore, when a payment is decided again; the same record is a delivery."""
    for number in (1, 2):
        stage.post(another(number))
    kept = stage.records()
    stage.sql("UPDATE payments.outbox SET delivered_at = NULL, next_attempt_at = now()")
    stage.sql(
        "UPDATE payments.outbox SET record = replace(record, 'accepted', 'rejected') WHERE id = 1"
    )
    capsys.readouterr()
    done = stage.relay()
    assert (done["delivered"], done["different"], done["waiting"]) == (1, 1, 1)
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["AuditDifference"] == [1.0]
    assert stage.records() == kept
    assert stage.sql("SELECT id, last_error FROM payments.outbox WHERE delivered_at IS NULL") == [
        [1, "AuditDifference"]
    ]


def test_refused_records_wait_longer_each_time(stage: Stage) -> None:
    """S3-1: an S3 that is away for long is not asked for every record every minute."""
    stage.aws.trouble.write_text("[1, 0, 0]")
    stage.post()
    waits: list[float] = []
    for _ in range(3):
        stage.sql("UPDATE payments.outbox SET next_attempt_at = now()")
        stage.relay()
        ((wait,),) = stage.sql(
            "SELECT extract(epoch FROM next_attempt_at - now()) FROM payments.outbox"
        )
        waits.append(float(wait))
    assert [round(wait / 5) for wait in waits] == [1, 2, 4]
    assert stage.sql("SELECT last_error, attempts FROM payments.outbox") == [["InternalError", 3]]


def test_the_relay_leaves_new_records_to_the_function(stage: Stage) -> None:
    """S3-1: it is not in the way of a payment that is being answered."""
    stage.aws.trouble.write_text("[1, 0, 0]")
    stage.post()
    stage.aws.trouble.unlink()
    assert (stage.relay()["delivered"], stage.relay()["waiting"]) == (0, 1)
    ((seconds,),) = stage.sql(
        "SELECT extract(epoch FROM next_attempt_at - created_at) FROM payments.outbox"
    )
    assert float(seconds) == 30


OLD_ROWS = """
INSERT INTO payments.outbox (object_key, record, delivered_at)
SELECT 'old/' || n, '{}', now() - interval '8 days' FROM generate_series(1, 9000) AS n;
INSERT INTO payments.idempotency_keys
SELECT 'acme', md5(n::text) || md5(n::text), repeat('0', 64), '{}', now() - interval '2 hours'
FROM generate_series(1, 9000) AS n
"""
PURGED = ("outbox", "idempotency_keys")
# A batch takes this long on any machine: all of them together need several runs of a second.
SLOW_BATCHES = """
CREATE FUNCTION payments.slowly() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(0.05); RETURN NULL; END';
CREATE TRIGGER slowly BEFORE DELETE ON payments.outbox FOR EACH STATEMENT EXECUTE FUNCTION payments.slowly();
"""


def test_the_purge_goes_in_batches_and_reports(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """S3-1: one run does as much as it has time for, and the next ones the rest."""
    stage.post(key="key-1")
    stage.sql("UPDATE payments.outbox SET next_attempt_at = now()")
    assert stage.relay()["delivered"] == 1
    capsys.readouterr()
    stage.sql(OLD_ROWS)
    for statement in SLOW_BATCHES.strip().split(";\n"):
        stage.sql(statement.rstrip(";"))
    monkeypatch.setattr(outbox, "_PURGE_BATCH", 500)
    purged: list[int] = []

    def left(table: str) -> int:
        ((count,),) = stage.sql(f"SELECT count(*) FROM payments.{table}")  # noqa: S608 - a constant
        return count

    # On a busy machine, many a run has time for no batch at all.
    for _ in range(2_000):
        with stage.acting("audit-relay"):
            purged.append(audit_relay.handle({}, Context(seconds=1.0))["purged"])  # pyright: ignore[reportArgumentType]
        metrics = json.loads(capsys.readouterr().out.splitlines()[-1])
        assert (metrics["OutboxDepth"], metrics["Purged"]) == ([0.0], [float(purged[-1])])
        if [left(table) for table in PURGED] == [1, 1]:
            break
    assert [left(table) for table in PURGED] == [1, 1]
    assert len(purged) > 1
    # Of a batch whose answer came after the end of a run, as on a busy machine, that run cannot tell.
    unheard, part = divmod(18_000 - sum(purged), 500)
    assert part == 0
    assert 0 <= unheard < len(purged)


def test_two_relays_share_the_work(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """S3-1: what one has in hand, the other leaves alone; and no row is locked while S3 is asked."""
    for number in range(3):
        stage.post(another(number))
    stage.sql("UPDATE payments.outbox SET next_attempt_at = now()")
    monkeypatch.setattr(outbox, "_BATCH", 2)
    real, others = trail.AuditTrail.confirm, list[int]()

    def confirming(*this: Any, **how: Any) -> bool:
        if not others:
            others.append(0)
            relay = database(stage, "payments_app_relay")
            rows = relay.run(
                lambda connection: connection.run(
                    "SELECT id FROM outbox WHERE next_attempt_at <= now() FOR UPDATE NOWAIT"
                ),
                deadline=time.monotonic() + 5,
            )
            others[0] = len(rows or [])
        return real(*this, **how)

    monkeypatch.setattr(trail.AuditTrail, "confirm", confirming)
    done = stage.relay()
    assert (others, done["delivered"], done["waiting"]) == ([1], 3, 0)


def test_each_record_is_compared_before_it_is_marked(stage: Stage) -> None:
    """S3-1: the function that delivered it marks nothing; what went missing since is delivered again."""
    for number in range(25):
        stage.post(another(number))
    written = stage.records()
    assert len(written) == 25
    assert stage.sql("SELECT count(*) FROM payments.outbox WHERE delivered_at IS NULL") == [[25]]
    lost = sorted(written)[7]
    stage.client("s3").delete_object(Bucket=BUCKET, Key=lost)
    stage.sql("UPDATE payments.outbox SET next_attempt_at = now()")
    assert stage.relay()["delivered"] == 25
    assert stage.records() == written


def test_a_record_is_never_overwritten(stage: Stage) -> None:
    """S3-1: whatever lies there already stays."""
    stage.post()
    ((key, record),) = stage.records().items()
    with stage.acting("validate-payment"):
        written = trail.AuditTrail.connect(BUCKET).write(key, "{}", deadline=time.monotonic() + 5)
    assert not written
    assert stage.records() == {key: record}


def test_the_database_comes_back(stage: Stage) -> None:
    """DB-2: while it is away, 503; then, without anybody's help, decisions again."""
    stage.post(key="key-1")
    stage.server.kill()
    try:
        answer = stage.post(another(2))
        assert (answer["statusCode"], content(answer)["status"]) == (503, 503)
    finally:
        stage.server.start()
    assert content(stage.post(key="key-1"))["decision"] == "accepted"
    assert content(stage.post(another(2)))["decision"] == "accepted"
    assert len(stage.records()) == 2


def test_tokens_are_made_for_each_connection(stage: Stage) -> None:
    """FN-2: signed for the host, the port and the user that they are for."""
    with stage.acting("validate-payment"):
        made = Database.of_environment()
        tokens = [made.password() for _ in range(2)]
    assert all(token.startswith(f"localhost:{stage.server.port}/?") for token in tokens)
    assert all("DBUser=payments_app" in token and "X-Amz-Expires=900" in token for token in tokens)
    forget()


def test_currencies_are_those_of_iso_4217() -> None:
    """FN-1: all that have minor units, with their number, as the maintenance agency lists them."""
    entries = list(iso4217.raw_xml.iter("CcyNtry"))
    listed = {entry.findtext("Ccy"): entry.findtext("CcyMnrUnts") or "" for entry in entries}
    counted = {code: int(units) for code, units in listed.items() if code and units.isdecimal()}
    assert counted == EXPONENTS
    assert iso4217.__published__ == PUBLISHED
