"""What a payment writes: the amounts by which the price list counts it."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pytest

    from service.stage import Stage

PRICES = Path(__file__).parents[2] / "src" / "catalogue" / "prices.toml"
# START, END and REPORT of Lambda's own log, as JSON.
OF_THE_PLATFORM = 3 * 300


def row(of: str, layer: str) -> dict[str, Any]:
    """Return what the price list says of a payment."""
    rows = tomllib.loads(PRICES.read_text())["payment"]
    (found,) = [one for one in rows if (one["of"], one["layer"]) == (of, layer)]
    return found


def test_a_payment_writes_what_the_price_list_counts(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    """One call: its lines in the log, its metrics, and one audit record."""
    capsys.readouterr()
    assert stage.post(key="key-1")["statusCode"] == 200
    lines = capsys.readouterr().out.splitlines()
    written = sum(len(line) + 1 for line in lines if line)
    counted = row("logs", "functions")["amount"] * 1e9
    assert 0.8 * counted < written + OF_THE_PLATFORM <= 1.1 * counted, written
    (directive,) = [json.loads(line) for line in lines if '"_aws"' in line]
    (namespace,) = directive["_aws"]["CloudWatchMetrics"]
    dimensions, metrics = namespace["Dimensions"], namespace["Metrics"]
    assert len(dimensions) * len(metrics) == row("metrics", "functions")["amount"]
    assert len(stage.records()) == row("audit records", "audit")["amount"]
