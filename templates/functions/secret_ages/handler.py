"""Measures how old the values of secrets are, and reads none; a schedule calls it, with any event."""

from __future__ import annotations

import functools
import importlib
import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit

from payments.entry import Context, deadline, defects
from payments.login import aws_session
from payments.settings import required
from payments.telemetry import LOG, measure, tracer

_DAY_SECONDS = 24 * 60 * 60
_CONNECT_SECONDS, _READ_SECONDS = 1, 2


class UnmeasuredError(RuntimeError):
    """Some secrets could not be measured; the log says which."""


def handle(event: Mapping[str, object], context: Context) -> Mapping[str, object]:
    """Tell the age of each secret's value in days; one that could not be measured is an error."""
    del event
    LOG.begin({"request_id": context.aws_request_id, "correlation_id": context.aws_request_id})
    ages: dict[str, float | None] = {}
    with defects(context.aws_request_id), tracer().work("secret-ages"):
        until = deadline(context)
        secrets: dict[str, str] = json.loads(required("SECRETS"))
        for secret, arn in secrets.items():
            if time.monotonic() + _CONNECT_SECONDS + _READ_SECONDS > until:
                LOG.error("no time is left to measure a secret", secret=secret)
                continue
            try:
                changed = _put(arn)
            except errors() as error:
                LOG.error("a secret cannot be measured", secret=secret, error=type(error).__name__)
                continue
            ages[secret] = None if changed is None else _days(changed)
            _tell(secret, ages[secret])
        if len(ages) < len(secrets):
            raise UnmeasuredError
    return ages


def _tell(secret: str, age: float | None) -> None:
    if age is None:
        LOG.warning("a secret has no value yet", secret=secret)
        return
    LOG.info("secret measured", secret=secret, age_days=round(age, 1))
    # CloudWatch has no unit of days.
    measure({"SecretAge": (MetricUnit.NoUnit, age)}, secret=secret)


def _days(since: datetime) -> float:
    return (datetime.now(tz=UTC) - since).total_seconds() / _DAY_SECONDS


def _put(arn: str) -> datetime | None:
    """Return when the present value was put; another change of the secret, such as of a tag, does not count."""
    pages = client().get_paginator("list_secret_version_ids").paginate(SecretId=arn)
    for page in pages:
        for version in page["Versions"]:
            if "AWSCURRENT" in version.get("VersionStages", ()):
                moment: datetime = version["CreatedDate"]
                return moment
    return None


@functools.cache
def client() -> Any:  # noqa: ANN401 - botocore brings no types
    """Return the client of Secrets Manager, which is kept."""
    config = importlib.import_module("botocore.config").Config(
        connect_timeout=_CONNECT_SECONDS,
        read_timeout=_READ_SECONDS,
        retries={"total_max_attempts": 1, "mode": "standard"},
    )
    return aws_session().create_client("secretsmanager", config=config)


@functools.cache
def errors() -> tuple[type[Exception], ...]:
    """Return what a call raises: its own errors and those of the way to it."""
    exceptions = importlib.import_module("botocore.exceptions")
    return exceptions.ClientError, exceptions.BotoCoreError
