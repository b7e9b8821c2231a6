"""S3-1, MON-3: what a run of the relay tells."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from pg8000.exceptions import DatabaseError  # pyright: ignore[reportMissingTypeStubs] - it brings none

from payments.database import Connection, Database
from payments.entry import UnexpectedError
from tests.unit.functions.audit_relay import handler
from tests.unit.functions.events import CONTEXT, LambdaContext
from tests.unit.functions.standins import SETTINGS, Store
from tests.unit.functions.start import AUDIT, DATABASE, IN_LAMBDA, TRACING, modules_read


@dataclass
class Waiting:
    """A connection to an outbox of some records."""

    records: dict[int, str] = field(default_factory=dict[int, str])
    refused: dict[int, object] = field(default_factory=dict[int, object])
    statements: list[str] = field(default_factory=list[str])
    # Rows to purge.
    old: int = 0
    # Raised by the statements that contain the text.
    failure: Exception | None = None
    failing: str = ""

    def run(self, sql: str, **parameters: Any) -> Sequence[Sequence[Any]] | None:  # noqa: ANN401 - a stand-in
        """Answer as PostgreSQL would."""
        self.statements.append(sql)
        if self.failure is not None and self.failing in sql:
            raise self.failure
        if "DELETE" in sql:
            gone = min(self.old, parameters["batch"])
            self.old -= gone
            return [[gone]]
        if "object_key" in sql:
            due = [identity for identity in self.records if identity not in self.refused]
            return [[n, f"payments/{n}.json", self.records[n]] for n in due[: parameters["batch"]]]
        if "last_error = NULL" in sql:
            for identity in parameters["ids"]:
                del self.records[identity]
        elif "UPDATE outbox" in sql:
            self.refused[parameters["id"]] = parameters["error"]
        elif "count(*)" in sql:
            return [[len(self.records), 61.5 if self.records else 0]]
        return []

    def until(self, moment: float) -> None:
        """Wait for nothing anyway."""

    def close(self) -> None:
        """Do nothing."""


@pytest.fixture(name="waiting")
def _waiting(monkeypatch: pytest.MonkeyPatch, store: Store) -> Waiting:
    waiting = Waiting()

    def connect(_: Database, __: float) -> Connection:
        return waiting

    database = Database(settings=SETTINGS, user="payments_app_relay", password=str, connect=connect)
    monkeypatch.setattr(handler, "database", lambda: database)
    monkeypatch.setattr(handler, "trail", lambda: store.trail)
    return waiting


@pytest.fixture(name="store")
def _store() -> Store:
    return Store()


def test_delivers_batch_after_batch(
    waiting: Waiting, store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    """S3-1: until nothing is due; then the metrics say so."""
    waiting.records = {number: f'{{"n":{number}}}' for number in range(45)}
    assert handler.handle({"any": "event"}, CONTEXT) == {
        "delivered": 45,
        "refused": 0,
        "different": 0,
        "purged": 0,
        "waiting": 0,
        "oldest_seconds": 0.0,
    }
    assert len(store.objects) == 45
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["OutboxAge"] for line in lines if "_aws" in line] == [[0.0]]
    assert any("DELETE FROM idempotency_keys" in sql for sql in waiting.statements)


def test_a_refused_record_does_not_stop_the_others(
    waiting: Waiting, store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    """S3-1: it waits for its next turn, and the metrics say for how long it does."""
    waiting.records = {1: "{}", 2: "{}"}
    store.failing = {"payments/1.json": "InternalError"}
    done = handler.handle({}, CONTEXT)
    assert (done["delivered"], done["refused"], done["waiting"]) == (1, 1, 1)
    assert waiting.refused == {1: "InternalError"}
    metrics = [json.loads(line) for line in capsys.readouterr().out.splitlines()][-1]
    assert (metrics["OutboxDepth"], metrics["OutboxAge"]) == ([1.0], [61.5])
    units = {
        metric["Name"]: metric["Unit"]
        for metric in metrics["_aws"]["CloudWatchMetrics"][0]["Metrics"]
    }
    assert (units["OutboxDepth"], units["OutboxAge"]) == ("Count", "Seconds")


def test_a_record_that_is_there_is_compared(
    waiting: Waiting, store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    """S3-1: the same one is marked; another one is an alarm, and is not; a missing one is written."""
    waiting.records = {1: '{"n":1}', 2: '{"n":2}', 3: '{"n":3}'}
    store.objects = {"payments/1.json": b'{"n":1}', "payments/2.json": b'{"n":"another"}'}
    done = handler.handle({}, CONTEXT)
    assert (done["delivered"], done["different"], done["refused"]) == (2, 1, 0)
    assert (waiting.refused, set(waiting.records)) == ({2: "AuditDifference"}, {2})
    assert store.objects["payments/2.json"] == b'{"n":"another"}'
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    (error,) = [line for line in lines if line.get("level") == "ERROR"]
    assert (error["message"][:20], error["outbox_id"]) == ("audit record differs", 2)
    assert "another" not in json.dumps(lines)
    assert [line["AuditDifference"] for line in lines if "_aws" in line] == [[1.0]]


def test_an_absent_bucket_is_not_asked_for_every_record(waiting: Waiting, store: Store) -> None:
    """S3-1: one batch of refusals is enough for one run."""
    waiting.records = dict.fromkeys(range(30), "{}")
    store.failing = dict.fromkeys((f"payments/{number}.json" for number in range(30)), "SlowDown")
    done = handler.handle({}, CONTEXT)
    assert (done["delivered"], done["refused"], done["waiting"]) == (0, 10, 30)


def test_stops_in_time(waiting: Waiting) -> None:
    """FN-1: what is not done by then is done by the next run."""
    waiting.records = dict.fromkeys(range(20), "{}")
    waiting.old = 5000
    done = handler.handle({}, LambdaContext(milliseconds=0))
    assert (done["delivered"], done["purged"], done["waiting"]) == (0, 0, 20)


def test_cleans_up_batch_after_batch(waiting: Waiting) -> None:
    """S3-1: each a transaction of its own, so that a million rows end no run without a result."""
    waiting.old = 2500
    assert handler.handle({}, CONTEXT)["purged"] == 2500
    assert sum("DELETE FROM outbox" in sql for sql in waiting.statements) == 3
    assert sum("DELETE FROM idempotency_keys" in sql for sql in waiting.statements) == 1
    assert sum(sql == "COMMIT" for sql in waiting.statements) == 6


@pytest.mark.parametrize(
    ("failing", "known"),
    [
        ("DELETE", {"OutboxAge", "OutboxDepth"}),
        ("object_key", {"OutboxAge"}),
        ("count(*)", set[str]()),
    ],
)
def test_a_run_that_is_cut_short_tells_how_far_it_got(
    waiting: Waiting, capsys: pytest.CaptureFixture[str], failing: str, known: set[str]
) -> None:
    """MON-3: what is unknown is left out, for the alarm takes silence for trouble."""
    waiting.records = {1: "{}"}
    waiting.failing, waiting.failure = failing, ValueError("defect")
    with pytest.raises(UnexpectedError):
        handler.handle({}, CONTEXT)
    lines = [json.loads(text) for text in capsys.readouterr().out.splitlines()]
    (metrics,) = [line for line in lines if "_aws" in line]
    assert metrics["Delivered"] == [0.0 if failing == "object_key" else 1.0]
    assert known <= metrics.keys()
    assert ("OutboxAge" in metrics) == bool(known)


def test_a_relay_that_is_not_let_in_waits_for_the_migration(
    waiting: Waiting, capsys: pytest.CaptureFixture[str]
) -> None:
    """MON-3: it says so, and nothing of the records' age, which the alarm takes for trouble."""
    waiting.failure = DatabaseError({"C": "28000"})
    # It tries again for as long as it has time.
    done = handler.handle({}, LambdaContext(milliseconds=1_000))
    assert (done["delivered"], done["waiting"], done["oldest_seconds"]) == (0, None, None)
    lines = [json.loads(text) for text in capsys.readouterr().out.splitlines()]
    (metrics,) = [line for line in lines if "_aws" in line]
    assert not {"OutboxAge", "OutboxDepth"} & metrics.keys()
    assert [line["code"] for line in lines if line.get("level") == "ERROR"] == ["28000"]


def test_a_defect_is_counted_and_quotes_nothing(
    waiting: Waiting, capsys: pytest.CaptureFixture[str]
) -> None:
    """MON-3: an unexpected error reaches Lambda's error metric without the text that caused it."""
    waiting.failure = ValueError("record with a secret")
    with pytest.raises(UnexpectedError) as raised:
        handler.handle({}, CONTEXT)
    assert str(raised.value) == CONTEXT.aws_request_id
    assert raised.value.__suppress_context__
    lines = [json.loads(text) for text in capsys.readouterr().out.splitlines()]
    (line,) = [line for line in lines if line.get("message") == "unexpected error"]
    assert (line["level"], line["error"]) == ("ERROR", "ValueError")
    assert "secret" not in json.dumps(lines)


def test_lambda_reads_ahead_what_the_first_record_needs() -> None:
    """FN-1: while it starts the function; elsewhere nothing is read that a test does not need."""
    assert modules_read(handler, **IN_LAMBDA) >= DATABASE | AUDIT | TRACING
    assert not (DATABASE | AUDIT | TRACING) & modules_read(handler)
