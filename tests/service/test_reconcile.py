"""S3-1: ``python -m reconcile`` on a real PostgreSQL and moto's S3, and among 100,000 payments."""

from __future__ import annotations

import json
import os
import random
import re
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from reconcile import __main__ as command

from service.postgres import OWNER, PASSWORD
from service.stage import BUCKET, Stage
from service.test_payments import another

if TYPE_CHECKING:
    from collections.abc import Callable

PAYMENTS = 100_000
# What Python with boto3 takes by itself is 60 MiB; the records of 100,000 payments alone are 50.
MOST_MIB = 110
RUN = Path(__file__).with_name("reconciling.py")
UNDECIDE = """
DELETE FROM payments.decisions AS one USING payments.payments AS its
WHERE its.payment_uid = one.payment_uid AND its.payment_id = :id
"""
REJECT = """
UPDATE payments.decisions AS one
SET decision = 'rejected', accepted_merchant_id = NULL, reasons = '{merchant_inactive}'
FROM payments.payments AS its WHERE its.payment_uid = one.payment_uid AND its.payment_id = :id
"""
OTHER_CHANNEL = """
UPDATE payments.decisions AS one SET channel = 'load-balancer'
FROM payments.payments AS its WHERE its.payment_uid = one.payment_uid AND its.payment_id = :id
"""
OLDER = """
UPDATE payments.decisions AS one SET decided_at = decided_at - make_interval(days => CAST(:days AS integer))
FROM payments.payments AS its WHERE its.payment_uid = one.payment_uid AND its.payment_id = :id
"""
NOTHING = {"payments": 0, "waiting": 0, "over": 0, "objects": 0, "outbox": 0, "found": {}}


def address(stage: Stage) -> str:
    """Return where the database is, as its owner."""
    server = stage.server
    return f"host={server.folder} port={server.port} dbname={stage.database} user={OWNER}"


@pytest.fixture(name="told")
def _told(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, dict[str, Any]]]:
    """Return the program, as it is run beside the database: exit code and document."""
    stage.client("s3").put_bucket_versioning(
        Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"}
    )

    def run(first: str = "", last: str = "") -> tuple[int, dict[str, Any]]:
        if not first:
            ((first, last),) = stage.sql(
                "SELECT to_char(min(received_at) AT TIME ZONE 'UTC', 'YYYY-MM-DD'),"
                " to_char(max(received_at) AT TIME ZONE 'UTC', 'YYYY-MM-DD') FROM payments.payments"
            )
        capsys.readouterr()
        with monkeypatch.context() as patched:
            for name, value in stage.environment("validate-payment").items():
                patched.setenv(name, value)
            patched.setenv("PGPASSWORD", PASSWORD)
            span = ["--bucket", BUCKET, "--from", first, "--to", last]
            code = command.main([*span, "--json", address(stage)])
        return code, json.loads(capsys.readouterr().out)

    return run


def test_payments_of_the_service_have_their_records(stage: Stage, told: Any) -> None:
    """While records wait, after the relay, and once the outbox is empty; and nothing is written."""
    stage.post(another(1))
    stage.aws.trouble.write_text("[1, 0, 0]")
    stage.post(another(2))
    stage.post(another(3, amount_minor=2_000_000))
    stage.aws.trouble.unlink()
    before = stage.sql("SELECT * FROM payments.outbox ORDER BY id")
    code, document = told()
    assert (code, document["found"], document["payments"]) == (0, {}, 3)
    assert (document["objects"], document["waiting"]) == (1, 2)
    assert stage.sql("SELECT * FROM payments.outbox ORDER BY id") == before
    stage.sql("UPDATE payments.outbox SET next_attempt_at = now()")
    assert stage.relay()["delivered"] == 3
    code, document = told()
    assert (code, document["objects"], document["outbox"]) == (0, 3, 3)
    stage.sql("DELETE FROM payments.outbox")
    assert told()[0] == 0
    assert told("2020-01-01", "2020-01-31") == (0, {"findings": [], **NOTHING})


def test_each_difference_is_found(stage: Stage, told: Any) -> None:
    """Made by hand, on the service's own payments."""
    s3 = stage.client("s3")
    for number in range(9):
        stage.post(another(number))
    texts = dict(stage.sql("SELECT object_key, record FROM payments.outbox"))
    keys = sorted(texts)
    other = keys[6].replace("pay_", "pax_")

    def of(number: int) -> dict[str, Any]:
        return {"id": another(number)["payment_id"]}

    for number in (1, 2):
        for version in s3.list_object_versions(Bucket=BUCKET, Prefix=keys[number])["Versions"]:
            s3.delete_object(Bucket=BUCKET, Key=keys[number], VersionId=version["VersionId"])
    s3.delete_object(Bucket=BUCKET, Key=keys[0])
    stage.sql("DELETE FROM payments.outbox WHERE object_key = :key", key=keys[1])
    mark = "UPDATE payments.outbox SET delivered_at = now() WHERE object_key = :key"
    stage.sql(mark, key=keys[2])
    stage.sql(REJECT, **of(3))
    change = (
        "UPDATE payments.outbox SET record = replace(record, 'USD', 'EUR') WHERE object_key = :key"
    )
    stage.sql(change, key=keys[4])
    s3.put_object(Bucket=BUCKET, Key=keys[5], Body=texts[keys[5]].replace("1999", "1998"))
    s3.put_object(Bucket=BUCKET, Key=other, Body=texts[keys[6]])
    stage.sql(UNDECIDE, **of(7))
    stage.sql(UNDECIDE, **of(8))
    stage.sql("DELETE FROM payments.payments WHERE payment_id = :id", **of(8))
    code, document = told()
    assert code == 1
    assert {(one["kind"], one["key"]) for one in document["findings"]} == {
        ("deleted", keys[0]),
        ("missing", keys[1]),
        ("not-there", keys[2]),
        ("different", keys[3]),
        ("outbox-different", keys[3]),
        ("outbox-different", keys[4]),
        ("changed", keys[4]),
        ("rewritten", keys[5]),
        ("different", keys[5]),
        ("changed", keys[5]),
        ("double", other),
        ("unknown", keys[8]),
    } | {("undecided", one["key"]) for one in document["findings"] if "00000007" in one["key"]}
    assert document["found"]["undecided"] == 1
    details = {(one["kind"], one["key"]): one["details"] for one in document["findings"]}
    assert details["different", keys[3]] == ["decision", "reasons"]
    assert details["different", keys[5]] == ["amount_minor"]


def test_what_the_bucket_let_go_of_after_its_retention_is_not_missing(
    stage: Stage, told: Any
) -> None:
    """As days of 90 later; of younger ones, and of those that wait, the record is still asked for."""
    for number in range(4):
        stage.post(another(number))
    for number, days in enumerate((100, 91, 89, 100)):
        stage.sql(OLDER, id=another(number)["payment_id"], days=days)
    # The last one waits, of the others nothing is left.
    stage.sql("DELETE FROM payments.outbox WHERE object_key NOT LIKE '%pay_00000003%'")
    stage.sql(
        "UPDATE payments.outbox SET object_key = (SELECT 'payments/'"
        " || to_char(now() AT TIME ZONE 'UTC' - interval '100 days', 'YYYY/MM/DD')"
        " || substr(object_key, 20))"
    )
    ((first, last),) = stage.sql(
        "SELECT to_char(now() AT TIME ZONE 'UTC' - interval '101 days', 'YYYY-MM-DD'),"
        " to_char(now() AT TIME ZONE 'UTC' - interval '80 days', 'YYYY-MM-DD')"
    )
    code, document = told(first, last)
    # The record that waits has another time of its decision by now.
    assert document["found"] == {"missing": 3, "outbox-different": 1}
    assert (code, document["waiting"]) == (1, 1)
    rules = [
        {"ID": "expire", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 90}},
        {"ID": "off", "Status": "Disabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 9}},
        {"ID": "else", "Status": "Enabled", "Filter": {"Prefix": "x"}, "Expiration": {"Days": 9}},
    ]
    stage.client("s3").put_bucket_lifecycle_configuration(
        Bucket=BUCKET, LifecycleConfiguration={"Rules": rules}
    )
    code, document = told(first, last)
    (finding,) = (one for one in document["findings"] if one["kind"] == "missing")
    assert (code, document["over"], document["waiting"]) == (1, 2, 1)
    assert "pay_00000002" in finding["key"]


MANY = (
    """
    INSERT INTO payments.payments (payment_id, merchant_id, amount_minor, currency,
                                   payment_method_sha256, request_sha256, received_at)
    SELECT 'pay_' || to_char(n, 'FM00000000'), 'mer_bookshop1', n, 'USD', repeat(md5(n::text), 2),
           repeat(md5('request' || n), 2), '2026-12-01 00:00+00'::timestamptz + n * interval '4 s'
    FROM generate_series(1, :count) AS n
    """,
    """
    INSERT INTO payments.decisions (payment_uid, decision, reasons, accepted_merchant_id, decided_at,
                                    channel, answer)
    SELECT payment_uid, 'accepted', '{}', merchant_id, received_at, 'api', '{}' FROM payments.payments
    """,
    # What the relay has not removed yet.
    """
    INSERT INTO payments.outbox (object_key, record, delivered_at)
    SELECT 'payments/' || to_char(decided_at AT TIME ZONE 'UTC', 'YYYY/MM/DD/') || payment_id || '/'
               || request_sha256 || '.json',
           json_build_object(
               'payment_id', payment_id, 'merchant_id', merchant_id, 'amount_minor', amount_minor,
               'currency', currency, 'payment_method_sha256', payment_method_sha256,
               'decision', decision, 'reasons', reasons, 'channel', channel, 'decided_at',
               to_char(decided_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"+00:00"'))::text,
           now()
    FROM payments.payments JOIN payments.decisions USING (payment_uid)
    """,
)


def test_differences_among_many_payments_are_found_in_bounded_memory(
    stage: Stage, tmp_path: Path
) -> None:
    """Three of each kind that rows can have, anywhere in five days; every payment is looked at once."""
    for statement in MANY:
        stage.sql(statement, **({"count": PAYMENTS} if ":count" in statement else {}))
    keys, expected = fill(stage, tmp_path / "bucket.db")
    start = time.monotonic()
    span = ["--bucket", "audit", "--from", "2026-12-01", "--to", "2026-12-05", "--json"]
    done = subprocess.run(
        [sys.executable, str(RUN), str(tmp_path / "bucket.db"), *span, address(stage)],
        capture_output=True,
        check=False,
        text=True,
        env={**os.environ, "PGPASSWORD": PASSWORD},
    )
    assert done.returncode == 1, done.stderr
    assert "error" not in done.stderr
    document = json.loads(done.stdout)
    assert {(one["kind"], one["key"]) for one in document["findings"]} == expected
    assert document["payments"] == len(keys)
    assert document["objects"] > PAYMENTS - 100
    peak = int(done.stderr.splitlines()[-1]) / 1024
    print(f"{len(keys)} payments: {peak:.0f} MiB, {time.monotonic() - start:.0f} s")
    assert peak < MOST_MIB


def fill(stage: Stage, file: Path) -> tuple[list[str], set[tuple[str, str]]]:
    """Make the bucket of the records, seed differences, and return what has to be found."""
    rows = stage.sql("SELECT object_key, record FROM payments.outbox ORDER BY object_key")
    keys = [key for key, _ in rows]
    texts = dict(rows)
    seeds = iter(random.Random(14).sample(keys, 18))
    bucket = dict(texts)
    expected: set[tuple[str, str]] = set()
    stage.sql("DELETE FROM payments.outbox WHERE id % 10 <> 0")
    left = {key for (key,) in stage.sql("SELECT object_key FROM payments.outbox")}
    for _ in range(3):
        lost, changed, doubled, unknown, undecided, row = (next(seeds) for _ in range(6))
        del bucket[lost]
        expected.add(("not-there" if lost in left else "missing", lost))
        bucket[changed] = texts[changed].replace('"USD"', '"EUR"')
        expected.add(("different", changed))
        expected |= {("changed", changed)} if changed in left else set()
        bucket[f"{doubled[:-5]}0.json"] = texts[doubled]
        expected.add(("double", f"{doubled[:-5]}0.json"))
        bucket[f"{unknown[:-5]}0.json"] = texts[unknown].replace("pay_", "pax_")
        expected.add(("unknown", f"{unknown[:-5]}0.json"))
        of = {"id": undecided.split("/")[4]}
        stage.sql(UNDECIDE, **of)
        expected.add(("undecided", undecided))
        of = {"id": row.split("/")[4]}
        stage.sql(OTHER_CHANNEL, **of)
        expected.add(("different", row))
        expected |= {("outbox-different", row)} if row in left else set()
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE objects (key TEXT PRIMARY KEY, body TEXT) WITHOUT ROWID")
        connection.executemany("INSERT INTO objects VALUES (?, ?)", bucket.items())
    return keys, expected


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"host": "/nowhere"}, "no connection: .*"),
        # The server may hang up before its reason is read.
        ({"dbname": "nobodys"}, 'no connection: (database "nobodys" does not|the server ended)'),
        ({"user": "nobody"}, "no connection: .*"),
        ({"dbname": "postgres"}, "is `dbname` the environment's database"),
        ({"host": "localhost", "sslrootcert": "/no/bundle.pem"}, "/no/bundle.pem: No such file"),
    ],
)
def test_what_stops_it_is_said(
    stage: Stage,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    changes: dict[str, str],
    says: str,
) -> None:
    """Whoever runs it learns what to change: the address, the login, the database, or the file."""
    for name, value in stage.environment("validate-payment").items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    parts = dict(part.split("=", 1) for part in address(stage).split()) | changes
    span = ["--bucket", BUCKET, "--from", "2026-12-01", "--to", "2026-12-01"]
    text = " ".join(f"{name}={value}" for name, value in parts.items())
    assert command.main([*span, text]) == command.FAILED
    said = capsys.readouterr()
    assert said.out == ""
    assert re.search(says, said.err)
    assert "Error" not in said.err, "the name of an exception says nothing"
    assert PASSWORD not in said.err
