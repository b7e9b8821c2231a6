"""The dashboard: what it shows, and how it is laid out."""

from __future__ import annotations

from collections.abc import Sequence

from tests.unit.kinds import (
    API,
    BALANCER,
    DASHBOARD,
    DATABASE,
    FUNCTION,
    STAGE,
    WEB_ACL,
)
from tests.unit.measured import METRICS
from tests.unit.mock_aws import REGION
from tests.unit.resources import Recording
from tests.unit.values import as_list, as_map, as_number, as_text, as_texts, parse_json

# These are looked up when their alarm tells of them.
LOOKED_UP = {"CPUCreditBalance", "UnHealthyHostCount"}
STATISTICS = {"Average", "Maximum", "Minimum", "Sum", "p95", "p99"}


def _widgets(recording: Recording) -> list[dict[str, object]]:
    body = as_map(parse_json(recording.one(DASHBOARD).text("dashboard_body")))
    return [dict(as_map(widget)) for widget in as_list(body.get("widgets"))]


def _spelled_out(metrics: Sequence[object]) -> list[tuple[str, ...]]:
    """Write out what a dashboard abbreviates: a dot repeats the word in the line above."""
    lines: list[tuple[str, ...]] = []
    for metric in metrics:
        words = as_texts(metric)
        above = lines[-1] if lines else ()
        lines.append(
            tuple(above[place] if word == "." else word for place, word in enumerate(words))
        )
    return lines


def test_dashboard_shows_every_service(recording: Recording) -> None:
    """MON-1, MON-5: load, errors and latency of each function and each service are on the page."""
    known: dict[str, set[tuple[str, ...]]] = {
        "AWS/Lambda": {
            ("FunctionName", function.text("name")) for function in recording.of(FUNCTION)
        },
        "AWS/ApiGateway": {
            (
                *("ApiName", recording.one(API).text("name")),
                *("Stage", recording.one(STAGE).text("stage_name")),
            ),
        },
        "AWS/RDS": {("DBInstanceIdentifier", recording.one(DATABASE).text("identifier"))},
        "AWS/ApplicationELB": {
            ("LoadBalancer", as_text(recording.one(BALANCER).outputs["arn_suffix"])),
        },
    }
    for acl in recording.of(WEB_ACL):
        known["AWS/WAFV2"] = {("WebACL", acl.text("name"), "Region", REGION, "Rule", "ALL")}
    expected = {
        (namespace, metric, *dimensions)
        for namespace, resources in known.items()
        for metric in METRICS[namespace] - LOOKED_UP
        for dimensions in resources
    }
    shown: set[tuple[str, ...]] = set()
    for widget in _widgets(recording):
        metrics = as_list(as_map(widget.get("properties")).get("metrics"))
        assert metrics, widget
        lines = _spelled_out(metrics)
        assert len(set(lines)) == len(lines), widget
        shown |= set(lines)
    assert shown == expected


def test_dashboard_is_laid_out(recording: Recording) -> None:
    """MON-1: widgets stand side by side without gaps, with a title, in this region's terms."""
    cells: list[tuple[int, int]] = []
    sizes = {(widget.get("width"), widget.get("height")) for widget in _widgets(recording)}
    assert len(sizes) == 1
    for widget in _widgets(recording):
        assert widget.get("type") == "metric", widget
        properties = as_map(widget.get("properties"))
        assert len(as_text(properties.get("title"))) >= 3, widget
        assert properties.get("region") == REGION, widget
        assert properties.get("stat") in STATISTICS, widget
        assert as_number(properties.get("period")) % 60 == 0, widget
        x, y, width, height = (
            int(as_number(widget.get(side))) for side in ("x", "y", "width", "height")
        )
        assert 0 <= x < x + width <= 24, widget
        cells += [(column, row) for column in range(x, x + width) for row in range(y, y + height)]
    assert len(set(cells)) == len(cells), "widgets overlap"
    # Filled from the top, each row from the left.
    assert all(y == 0 or (x, y - 1) in set(cells) for x, y in set(cells))
    assert all(x == 0 or (x - 1, y) in set(cells) for x, y in set(cells))
