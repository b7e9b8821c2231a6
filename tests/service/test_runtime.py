"""FN-1: what the deployed Python makes of JSON that no payment is, as its parser has other limits than that of other versions."""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from service.stage import PAYMENT, Stage, content

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest

ROOT = Path(__file__).parents[2]
# Below and above what any parser takes: Python's own recursion ends at 1,000, that of its parser in C elsewhere.
DEPTHS = (3, 30, 100, 330, 500, 900, 976, 990, 1_000, 1_500, 3_000, 10_000, 16_000, 32_000)


def deep() -> Iterator[str]:
    """Give bodies that are JSON, and deeper than a payment."""
    for depth in DEPTHS:
        if 2 * depth <= 65_000:
            yield "[" * depth + "]" * depth
            yield json.dumps(PAYMENT)[:-1] + ',"metadata":' + "[" * depth + "]" * depth + "}"
        if 6 * depth <= 65_000:
            yield '{"a":' * depth + "1" + "}" * depth
            yield '{"metadata":' + '{"a":' * depth + "1" + "}" * depth + "}"


def huge() -> Iterator[str]:
    """Give bodies of few members that are large, or stand for something large."""
    for number in ("9" * 4_301, "9" * 60_000, "1e400", "-1e400", "1e-400", "0." + "9" * 60_000):
        yield json.dumps({**PAYMENT, "amount_minor": 0}).replace(": 0", f": {number}")
    yield json.dumps([1] * 20_000)
    yield json.dumps({str(number): 1 for number in range(5_000)})
    yield json.dumps({**PAYMENT, "description": "x" * 60_000})


def test_deep_and_huge_json_is_malformed(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    """Each is a 400, and none a defect."""
    for body in (*deep(), *huge()):
        answer = stage.post(body)
        assert answer["statusCode"] == 400, body[:60]
        assert content(answer)["type"].endswith(":malformed-body")
    assert "unexpected error" not in capsys.readouterr().out
    assert stage.sql("SELECT count(*) FROM payments.payments") == [[0]]


def test_this_is_the_python_that_is_deployed() -> None:
    """FN-1: where the run is to be on it (`make test-service`)."""
    source = (ROOT / "generated/components/functions/validate_payment.py").read_text("utf-8")
    (deployed,) = re.findall(r'runtime="python(3\.\d+)"', source)
    running = f"{sys.version_info.major}.{sys.version_info.minor}"
    assert re.fullmatch(r"3\.\d+", deployed)
    if os.environ.get("TEST_PYTHON") == "deployed":
        assert running == deployed
