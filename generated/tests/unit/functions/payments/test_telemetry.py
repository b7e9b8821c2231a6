"""XR-1, MON-1, MON-3: what the functions log and trace; neither stops a payment."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from aws_lambda_powertools.metrics import MetricUnit

from payments import telemetry
from payments.telemetry import LOG, Tracer
from tests.unit.functions.events import CARDS

FUNCTIONS = Path(__file__).parents[4] / "functions"


def _lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(text) for text in capsys.readouterr().out.splitlines()]


def test_a_line_is_json_with_its_ids(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """MON-1: each line says when, where, how bad, and which request; ids end with the request."""
    monkeypatch.setenv("_X_AMZN_TRACE_ID", "Root=1-67891233-abcdef012345678912345678;Sampled=1")
    LOG.begin({"request_id": "first", "api_trace_id": None})
    LOG.add({"payment_id": "pay_0001_spring"})
    LOG.info("decided", merchant_id="mer_bookshop1")
    LOG.begin({"request_id": "second"})
    LOG.warning("later")
    first, second = _lines(capsys)
    assert (first["level"], first["message"]) == ("INFO", "decided")
    assert first["timestamp"].endswith("+00:00")
    assert first["location"].startswith("test_a_line_is_json_with_its_ids:")
    assert (first["request_id"], first["payment_id"]) == ("first", "pay_0001_spring")
    assert first["xray_trace_id"] == "1-67891233-abcdef012345678912345678"
    assert "api_trace_id" not in first
    assert (second["level"], second["request_id"]) == ("WARNING", "second")
    assert "payment_id" not in second


@pytest.mark.parametrize(
    ("level", "lines"),
    [("DEBUG", 4), ("info", 3), ("WARN", 2), ("WARNING", 2), ("ERROR", 1), ("nonsense", 3)],
)
def test_the_log_level_counts(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], level: str, lines: int
) -> None:
    """FN-2: LOG_LEVEL silences lines, and a wrong one does not."""
    monkeypatch.setenv("LOG_LEVEL", level)
    LOG.begin({})
    for write in (LOG.debug, LOG.info, LOG.warning, LOG.error):
        write("line")
    assert len(_lines(capsys)) == lines


@pytest.mark.parametrize("card", CARDS)
def test_no_line_holds_a_card_number(capsys: pytest.CaptureFixture[str], card: str) -> None:
    """FN-1: wherever it comes in: message, field, list, mapping, name, exception."""
    LOG.begin({"request_id": "one"})
    LOG.error(f"card {card}", text=card, list=[card], map={card: {"deep": [card]}})
    error = ValueError(card)
    logging.getLogger("validate-payment").error("failed with %s", card, exc_info=error)
    LOG.error("object", thing=SimpleNamespace(card=card), number=object())
    out = capsys.readouterr().out
    assert card not in out
    assert json.dumps(card).strip('"') not in out
    assert out.count("removed") >= 4


def test_metrics_that_fail_stop_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """MON-3: a wrong value is left out, not raised."""
    telemetry.measure({"Accepted": (MetricUnit.Count, "many")})  # pyright: ignore[reportArgumentType]
    assert capsys.readouterr().out == ""


@dataclass
class Recorder:
    """Stands for the SDK's recorder: keeps names and annotations."""

    annotations: dict[str, str] = field(default_factory=dict[str, str])
    sql: list[dict[str, str]] = field(default_factory=list[dict[str, str]])
    open: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    seen: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    faults: int = 0
    settings: dict[str, object] = field(default_factory=dict[str, object])
    broken: bool = False

    def configure(self, **settings: object) -> None:
        """Keep the settings."""
        self.settings = settings

    def begin_subsegment(self, name: str, namespace: str) -> Recorder:
        """Open a subsegment."""
        if self.broken:
            raise RuntimeError(name)
        self.open.append((name, namespace))
        self.seen.append((name, namespace))
        return self

    def end_subsegment(self) -> None:
        """Close the last one."""
        self.open.pop()

    def put_annotation(self, key: str, value: str) -> None:
        """Keep an annotation."""
        self.annotations[key] = value

    def set_sql(self, sql: dict[str, str]) -> None:
        """Keep which database it was."""
        self.sql.append(sql)

    def add_fault_flag(self) -> None:
        """Count a fault."""
        self.faults += 1


@pytest.fixture(name="recorder")
def _recorder(monkeypatch: pytest.MonkeyPatch) -> Recorder:
    recorder = Recorder()
    monkeypatch.setenv("AWS_XRAY_DAEMON_ADDRESS", "169.254.79.129:2000")

    def tracer(*, disabled: bool, patch_modules: tuple[str, ...]) -> SimpleNamespace:
        assert (disabled, patch_modules) == (False, ("botocore",)), "S3 would not be on the map"
        return SimpleNamespace(provider=recorder)

    module = ModuleType("aws_lambda_powertools.tracing")
    module.__dict__["Tracer"] = tracer
    monkeypatch.setitem(sys.modules, "aws_lambda_powertools.tracing", module)
    return recorder


def test_the_database_is_a_node_of_its_own(recorder: Recorder) -> None:
    """XR-1: a remote subsegment with the database's address, and no statement."""
    tracer = Tracer()
    assert recorder.settings == {"context_missing": "IGNORE_ERROR"}
    with tracer.work("validate-payment") as annotations:
        annotations.set(payment_id="pay_0001_spring", alb_trace_id=None)
        with tracer.database("db.example", 5432, "payments", "payments_app"):
            pass
    assert recorder.seen == [("validate-payment", "local"), ("payments@db.example", "remote")]
    assert recorder.annotations == {"payment_id": "pay_0001_spring"}
    assert recorder.sql == [
        {
            "url": "postgresql://db.example:5432/payments",
            "database_type": "PostgreSQL",
            "user": "payments_app",
        }
    ]
    assert (recorder.open, recorder.faults) == ([], 0)


def test_failed_work_is_marked(recorder: Recorder) -> None:
    """XR-1: on the map, what failed is red; its exception goes on."""
    with pytest.raises(ValueError, match="defect"), Tracer().work("validate-payment"):
        int("defect")
    assert (recorder.open, recorder.faults) == ([], 1)


def test_a_broken_tracer_stops_nothing(recorder: Recorder, monkeypatch: pytest.MonkeyPatch) -> None:
    """XR-1: the payment matters more than its trace."""
    recorder.broken = True
    done: list[str] = []
    with Tracer().work("validate-payment") as annotations:
        annotations.set(payment_id="pay_0001_spring")
        done.append("with a broken recorder")
    monkeypatch.setitem(sys.modules, "aws_lambda_powertools.tracing", None)
    with Tracer().work("validate-payment"):
        done.append("without the module")
    assert len(done) == 2


def test_without_a_daemon_the_sdk_is_not_even_read() -> None:
    """XR-1: tracing costs nothing where nobody listens."""
    code = (
        "import sys; from payments.telemetry import tracer\n"
        "with tracer().work('x') as annotations: annotations.set(payment_id='y')\n"
        "assert not {'aws_xray_sdk.core', 'wrapt'} & set(sys.modules)"
    )
    done = subprocess.run(  # noqa: S603 - this interpreter, with the text above
        [sys.executable, "-c", code],
        capture_output=True,
        check=False,
        env={"PYTHONPATH": str(FUNCTIONS)},
        text=True,
    )
    assert done.returncode == 0, done.stderr
