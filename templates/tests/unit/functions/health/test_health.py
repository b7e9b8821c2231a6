"""FN-1, LB-3: the health function answers API Gateway and load balancer; only the deep check looks behind."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import cast

import pytest

from payments.database import DatabaseUnavailableError
from tests.unit.functions.events import CONTEXT, Event
from tests.unit.functions.health import handler
from tests.unit.functions.standins import ClientError, Store
from tests.unit.functions.start import FUNCTIONS, IN_LAMBDA

LOAD_BALANCER: Event = {
    "elb": {"targetGroupArn": "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/x/1"}
}
API: Event = {"requestId": "c6af9ac6-7b61-11e6-9a41-93e8deadbeef"}


def _event(context: Event, method: str = "GET", path: str = "/health") -> Event:
    return {"httpMethod": method, "path": path, "requestContext": context, "headers": {}}


def _handle(event: Event) -> Event:
    return cast("Event", handler.handle(event, CONTEXT))


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("context", [API, LOAD_BALANCER], ids=["api", "load balancer"])
def test_answers_the_health_check(context: Event, method: str) -> None:
    """LB-3: a health check through either entry point gets a plain 200."""
    answer = _handle(_event(context, method))
    assert answer["statusCode"] == 200
    assert json.loads(answer["body"]) == {"status": "ok"}


def test_answers_in_the_form_of_its_entry_point() -> None:
    """LB-2: a target group that sends lists gets lists; API Gateway gets no member it rejects."""
    lists = {
        **_event(LOAD_BALANCER),
        "multiValueHeaders": {"user-agent": ["ELB-HealthChecker/2.0"]},
    }
    del lists["headers"]
    answer = _handle(lists)
    assert answer["statusDescription"] == "200 OK"
    assert answer["multiValueHeaders"]["Content-Type"] == ["application/json"]
    assert "headers" not in answer

    answer = _handle({**_event(API), "multiValueHeaders": {"accept": ["*/*"]}})
    assert set(answer) == {"statusCode", "isBase64Encoded", "body", "headers"}


@pytest.mark.parametrize(
    ("context", "method", "path", "status"),
    [
        (API, "GET", "/", 404),
        (API, "POST", "/health", 405),
        (API, "POST", "/health/deep", 405),
        (LOAD_BALANCER, "GET", "/health/deep", 404),
    ],
)
def test_refuses_everything_else(context: Event, method: str, path: str, status: int) -> None:
    """API-2: an unknown path or method is a problem; the load balancer, without IAM, has no deep check."""
    answer = _handle(_event(context, method, path))
    assert answer["statusCode"] == status
    assert json.loads(answer["body"])["status"] == status
    assert answer["headers"]["Content-Type"] == "application/problem+json"
    assert ("Allow" in answer["headers"]) == (status == 405)


@pytest.mark.parametrize("event", [{}, {"headers": None, "requestContext": None}])
def test_survives_an_empty_event(event: Event) -> None:
    """FN-1: an event without any of the usual members is answered too."""
    assert _handle(event)["statusCode"] == 404


class _Database:
    def __init__(self, outcome: object) -> None:
        self.outcome = outcome

    def run(self, work: object, *, deadline: float, repeatable: bool) -> object:
        """Return the rows, or raise the failure."""
        assert callable(work)
        assert deadline > 0
        assert repeatable
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


@pytest.mark.parametrize(
    ("database", "bucket", "failing"),
    [
        ([[3]], [], set[str]()),
        (DatabaseUnavailableError("57P01", outcome_unknown=False), [], {"database"}),
        ([[3]], [ClientError("503")], {"audit"}),
        (OSError("host db.internal"), [ClientError("404")], {"database", "audit"}),
    ],
)
def test_the_deep_check_looks_behind(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    database: object,
    bucket: list[Exception],
    failing: set[str],
) -> None:
    """LB-3: it says which part fails and how long each took, by kinds and codes alone."""
    monkeypatch.setattr(handler, "database", lambda: _Database(database))
    monkeypatch.setattr(handler, "trail", lambda: Store(failures=bucket).trail)
    answer = _handle(_event(API, path="/health/deep"))
    assert answer["statusCode"] == (503 if failing else 200)
    content = json.loads(answer["body"])
    assert content["status"] == ("failing" if failing else "ok")
    assert {name for name, check in content["checks"].items() if check["status"] != "ok"} == failing
    assert all(check["milliseconds"] >= 0 for check in content["checks"].values())
    if not failing:
        assert content["checks"]["database"]["version"] == 3
    (line,) = [json.loads(text) for text in capsys.readouterr().out.splitlines()]
    assert (line["level"], set(line["failing"])) == ("ERROR" if failing else "INFO", failing)
    assert "db.internal" not in answer["body"] + json.dumps(line)


@pytest.mark.parametrize(
    ("variable", "left"), [("DATABASE_HOST", {"audit"}), ("AUDIT_BUCKET", {"database"})]
)
def test_only_what_is_used_is_checked(
    monkeypatch: pytest.MonkeyPatch, variable: str, left: set[str]
) -> None:
    """FN-4: the function has rights to what the spec says, and to nothing else."""
    monkeypatch.setattr(handler, "database", lambda: _Database([[3]]))
    monkeypatch.setattr(handler, "trail", lambda: Store().trail)
    monkeypatch.delenv(variable)
    answer = _handle(_event(API, path="/health/deep"))
    assert set(json.loads(answer["body"])["checks"]) == left


def test_the_shallow_check_reads_no_library() -> None:
    """FN-1: it is called all the time, in a function with little memory, and starts in no time."""
    code = (
        "import sys; sys.path[:0] = sys.argv[1:]; import handler\n"
        "handler.handle({'httpMethod': 'GET', 'path': '/health'}, None)\n"
        "heavy = {'boto3', 'botocore', 'pg8000', 'aws_lambda_powertools', 'aws_xray_sdk', 'ssl'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)"
    )
    done = subprocess.run(  # noqa: S603 - this interpreter, with the text above
        [sys.executable, "-c", code, str(Path(str(handler.__file__)).parent), str(FUNCTIONS)],
        capture_output=True,
        check=False,
        env={**os.environ, **IN_LAMBDA},
        text=True,
    )
    assert done.returncode == 0, done.stderr
