"""MON-5: how old the values of secrets are, and that nobody reads one for it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from payments.entry import UnexpectedError
from tests.unit.functions.events import CONTEXT, LambdaContext
from tests.unit.functions.secret_ages import handler
from tests.unit.functions.standins import ClientError

ARNS = {name: f"arn:aws:secretsmanager:us-east-1:123456789012:secret:{name}" for name in ("a", "b")}


class Secrets:
    """Versions of secrets by ARN, oldest first, page by page; knows no call that returns a value."""

    def __init__(self) -> None:
        """Have no secret."""
        self.versions: dict[str, list[dict[str, Any]]] = {}

    def put(self, name: str, *days: float) -> None:
        """Have values that were put so many days ago, the last one of which is current."""
        ages = [datetime.now(tz=UTC) - timedelta(days=age) for age in days]
        versions = [{"CreatedDate": age, "VersionStages": ["AWSPREVIOUS"]} for age in ages]
        # What has no stage is deprecated, and listed without the member.
        for version in versions[:-2]:
            del version["VersionStages"]
        if versions:
            versions[-1]["VersionStages"] = ["AWSCURRENT"]
        self.versions[ARNS[name]] = versions

    def get_paginator(self, operation: str) -> Secrets:
        """Page through this operation's answers."""
        assert operation == "list_secret_version_ids"
        return self

    def paginate(self, **parameters: str) -> Iterator[Mapping[str, Sequence[Any]]]:
        """Answer a version a page."""
        if parameters["SecretId"] not in self.versions:
            raise ClientError(code="AccessDeniedException")
        yield from ({"Versions": [one]} for one in self.versions[parameters["SecretId"]])
        yield {"Versions": []}


@pytest.fixture(name="secrets")
def _secrets(monkeypatch: pytest.MonkeyPatch) -> Secrets:
    secrets = Secrets()
    monkeypatch.setenv("SECRETS", json.dumps(ARNS))
    monkeypatch.setattr(handler, "client", lambda: secrets)
    monkeypatch.setattr(handler, "errors", lambda: (ClientError,))
    return secrets


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """Return what was logged."""
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_the_age_is_that_of_the_present_value(
    secrets: Secrets, capsys: pytest.CaptureFixture[str]
) -> None:
    """MON-5: a metric for each secret, under its name."""
    secrets.put("a", 400, 100, 2.5)
    secrets.put("b", 91)
    assert handler.handle({"any": "event"}, CONTEXT) == {
        "a": pytest.approx(2.5, abs=0.01),
        "b": pytest.approx(91, abs=0.01),
    }
    metrics = [line for line in lines(capsys) if "_aws" in line]
    assert [(line["secret"], round(line["SecretAge"][0], 1)) for line in metrics] == [
        ("a", 2.5),
        ("b", 91.0),
    ]
    (described,) = metrics[0]["_aws"]["CloudWatchMetrics"]
    assert sorted(described["Dimensions"][0]) == ["secret", "service"]
    assert described["Metrics"] == [{"Name": "SecretAge", "Unit": "None"}]


def test_a_secret_without_a_value_is_told(
    secrets: Secrets, capsys: pytest.CaptureFixture[str]
) -> None:
    """MON-5: nothing is old yet; the log says that people have to put one."""
    secrets.put("a")
    secrets.put("b", 1)
    assert handler.handle({}, CONTEXT)["a"] is None
    told = lines(capsys)
    assert [line["secret"] for line in told if line.get("level") == "WARNING"] == ["a"]
    assert [line["secret"] for line in told if "_aws" in line] == ["b"]


def test_one_that_cannot_be_measured_is_an_error_and_stops_no_other(
    secrets: Secrets, capsys: pytest.CaptureFixture[str]
) -> None:
    """MON-3: Lambda counts an error, which the function's alarm tells."""
    secrets.put("b", 3)
    with pytest.raises(UnexpectedError):
        handler.handle({}, CONTEXT)
    told = lines(capsys)
    assert [line["secret"] for line in told if "_aws" in line] == ["b"]
    assert any(line.get("secret") == "a" and line.get("level") == "ERROR" for line in told)


def test_it_ends_before_lambda_ends_it(secrets: Secrets) -> None:
    """MON-3: a call is not begun when there is no time for its answer."""
    secrets.put("a", 1)
    secrets.put("b", 1)
    with pytest.raises(UnexpectedError):
        handler.handle({}, LambdaContext(milliseconds=2_000))
