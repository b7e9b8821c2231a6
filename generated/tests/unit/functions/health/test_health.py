"""FN-1, LB-3: the health function answers both doors and nothing else."""

from __future__ import annotations

import json
import runpy
from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest

Event = dict[str, object]
FOLDER = Path(__file__).parents[4] / "functions" / "health"
LOAD_BALANCER: Event = {
    "elb": {"targetGroupArn": "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/x/1"}
}
API: Event = {"requestId": "c6af9ac6-7b61-11e6-9a41-93e8deadbeef"}


@pytest.fixture(name="handle", scope="module")
def _handle() -> Callable[[Event, object], Event]:
    return cast(
        "Callable[[Event, object], Event]", runpy.run_path(f"{FOLDER}/handler.py")["handle"]
    )


def _event(context: Event, method: str = "GET", path: str = "/health") -> Event:
    return {"httpMethod": method, "path": path, "requestContext": context, "headers": {}}


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("context", [API, LOAD_BALANCER], ids=["api", "load balancer"])
def test_answers_the_health_check(
    handle: Callable[[Event, object], Event], context: Event, method: str
) -> None:
    """LB-3: a health check through either door gets a plain 200."""
    answer = handle(_event(context, method), None)
    assert answer["statusCode"] == 200
    assert json.loads(str(answer["body"])) == {"status": "ok"}


def test_speaks_the_dialect_of_its_door(handle: Callable[[Event, object], Event]) -> None:
    """LB-2: a target group that sends lists gets lists; API Gateway gets no member it rejects."""
    lists = {
        **_event(LOAD_BALANCER),
        "multiValueHeaders": {"user-agent": ["ELB-HealthChecker/2.0"]},
    }
    del lists["headers"]
    answer = handle(lists, None)
    assert answer["statusDescription"] == "200 OK"
    assert answer["multiValueHeaders"] == {
        "Cache-Control": ["no-store"],
        "Content-Type": ["application/json"],
    }
    assert "headers" not in answer

    answer = handle({**_event(API), "multiValueHeaders": {"accept": ["*/*"]}}, None)
    assert set(answer) == {"statusCode", "isBase64Encoded", "body", "headers"}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/", 404), ("GET", "/health/deep", 404), ("POST", "/health", 405)],
)
def test_refuses_everything_else(
    handle: Callable[[Event, object], Event], method: str, path: str, status: int
) -> None:
    """API-2: an unknown path or method is a problem (RFC 9457), not a success."""
    answer = handle(_event(API, method, path), None)
    assert answer["statusCode"] == status
    assert json.loads(str(answer["body"]))["status"] == status
    headers = cast("dict[str, str]", answer["headers"])
    assert headers["Content-Type"] == "application/problem+json"
    assert ("Allow" in headers) == (status == 405)


@pytest.mark.parametrize("event", [{}, {"headers": None, "requestContext": None}])
def test_survives_an_empty_event(handle: Callable[[Event, object], Event], event: Event) -> None:
    """FN-1: an event without any of the usual members is answered too."""
    assert handle(event, None)["statusCode"] == 404
