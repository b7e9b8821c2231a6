"""XR-1, MON-1, MON-3: what the payment validation logs and traces; neither stops a payment."""

from __future__ import annotations

import importlib
import json
import sys
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

from tests.unit.functions.validate_payment.service import (
    CARDS,
    CONTEXT,
    PAYMENT,
    TRACE,
    Service,
    api_event,
    balancer_event,
)

if TYPE_CHECKING:
    from collections.abc import Iterable


def test_health_checks_stay_out_of_the_log(
    service: Service, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """MON-1: at the usual level, health checks write no lines."""
    monkeypatch.setenv("LOG_LEVEL", "INFO")
    service.handle(balancer_event("", httpMethod="GET", path="/health"))
    assert capsys.readouterr().out == ""


def test_a_defect_is_counted_and_quotes_nothing(
    service: Service, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """MON-3: an unexpected error reaches Lambda's error metric without the text that caused it."""

    def fail(**_: object) -> None:
        message = f"cannot store {CARDS[0]}"
        raise RuntimeError(message)

    monkeypatch.setattr(service.store, "put_object", fail)
    with pytest.raises(service.handler.UnexpectedError) as raised:
        service.post(PAYMENT)
    assert str(raised.value) == CONTEXT.aws_request_id
    assert raised.value.__suppress_context__
    (line,) = [json.loads(text) for text in capsys.readouterr().out.splitlines()]
    assert (line["level"], line["error"]) == ("ERROR", "RuntimeError")
    assert "cannot store" not in json.dumps(line)


@pytest.mark.parametrize(
    ("level", "lines"), [("DEBUG", 1), ("INFO", 1), ("WARN", 0), ("ERROR", 0), ("nonsense", 1)]
)
def test_the_log_level_counts(
    service: Service,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    level: str,
    lines: int,
) -> None:
    """FN-2: LOG_LEVEL silences lines, and a wrong one does not."""
    monkeypatch.setenv("LOG_LEVEL", level)
    service.post(PAYMENT)
    assert len(capsys.readouterr().out.splitlines()) == lines


class Recorder:
    """Stands for the SDK's recorder: keeps names and annotations."""

    def __init__(self) -> None:
        """Start with nothing recorded."""
        self.annotations: dict[str, str] = {}
        self.open: list[str] = []
        self.faults = 0
        self.settings: dict[str, object] = {}

    def configure(self, **settings: object) -> None:
        """Keep the settings."""
        self.settings = settings

    def patch(self, modules: Iterable[str]) -> None:
        """Keep what is traced."""
        self.open.extend(modules)

    def begin_subsegment(self, name: str) -> Recorder:
        """Open a subsegment."""
        self.open.append(name)
        return self

    def end_subsegment(self) -> None:
        """Close the last one."""
        self.open.pop()

    def put_annotation(self, key: str, value: str) -> None:
        """Keep an annotation."""
        self.annotations[key] = value

    def add_fault_flag(self) -> None:
        """Count a fault."""
        self.faults += 1


@pytest.fixture(name="recorder")
def _recorder(monkeypatch: pytest.MonkeyPatch) -> Recorder:
    recorder = Recorder()
    core = ModuleType("aws_xray_sdk.core")
    core.__dict__.update(xray_recorder=recorder, patch=recorder.patch)
    monkeypatch.setitem(sys.modules, "aws_xray_sdk", ModuleType("aws_xray_sdk"))
    monkeypatch.setitem(sys.modules, "aws_xray_sdk.core", core)
    return recorder


def test_traces_carry_the_payment_id(
    service: Service, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """XR-1: a transaction is found by its payment id and joined to the load balancer's log."""
    monkeypatch.setenv("AWS_XRAY_DAEMON_ADDRESS", "169.254.79.129:2000")
    monkeypatch.setattr(service.handler, "TRACER", importlib.import_module("telemetry").Tracer())
    assert recorder.open == ["botocore"], "calls to S3 would not be on the map"
    assert recorder.settings == {"context_missing": "IGNORE_ERROR"}
    service.handle(balancer_event(json.dumps(PAYMENT)))
    assert recorder.annotations == {
        "payment_id": "pay_0001_spring",
        "decision": "accepted",
        "door": "load-balancer",
        "alb_trace_id": TRACE,
    }
    service.handle(api_event(json.dumps({**PAYMENT, "payment_id": CARDS[0]})))
    assert CARDS[0] not in recorder.annotations.values()
    recorder.annotations.clear()
    service.store.failures = ["SlowDown"]
    service.post({**PAYMENT, "payment_id": "pay_0002_spring"})
    assert recorder.annotations == {"payment_id": "pay_0002_spring", "door": "api"}
    assert (recorder.open, recorder.faults) == (["botocore"], 0)
    monkeypatch.setattr(service.store, "put_object", None)
    with pytest.raises(service.handler.UnexpectedError):
        service.post({**PAYMENT, "payment_id": "pay_0003_spring"})
    assert (recorder.open, recorder.faults) == (["botocore"], 1)


def test_without_a_daemon_the_sdk_is_not_even_read(
    service: Service, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """XR-1: tracing costs nothing where nobody listens."""
    monkeypatch.setattr(service.handler, "TRACER", importlib.import_module("telemetry").Tracer())
    service.post(PAYMENT)
    assert recorder.settings == {}
    assert recorder.annotations == {}


def test_a_broken_sdk_stops_no_payment(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """XR-1: the payment matters more than its trace."""
    monkeypatch.setenv("AWS_XRAY_DAEMON_ADDRESS", "169.254.79.129:2000")
    monkeypatch.setitem(sys.modules, "aws_xray_sdk.core", None)
    monkeypatch.setattr(service.handler, "TRACER", importlib.import_module("telemetry").Tracer())
    assert service.post(PAYMENT)["statusCode"] == 200

    class Broken(Recorder):
        def begin_subsegment(self, name: str) -> Recorder:
            raise RuntimeError(name)

    core = ModuleType("aws_xray_sdk.core")
    broken = Broken()
    core.__dict__.update(xray_recorder=broken, patch=broken.patch)
    monkeypatch.setitem(sys.modules, "aws_xray_sdk.core", core)
    monkeypatch.setattr(service.handler, "TRACER", importlib.import_module("telemetry").Tracer())
    assert service.post(PAYMENT)["statusCode"] == 200
