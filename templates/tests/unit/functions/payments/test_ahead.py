"""FN-1: what a payment needs is read while Lambda starts the function, and nowhere else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

FUNCTIONS = Path(__file__).parents[4] / "functions"
SCRIPT = """
import importlib, json, sys
importlib.import_module(sys.argv[1])
print(json.dumps(sorted(sys.modules)))
"""
DATABASE = {"pg8000.native", "botocore.auth"}
HANDLERS = {
    "validate_payment": {*DATABASE, "boto3"},
    "payment_status": DATABASE,
    "audit_relay": {*DATABASE, "boto3"},
    "health": set[str](),
}


def _read_by(handler: str, **variables: str) -> set[str]:
    done = subprocess.run(  # noqa: S603 - this interpreter
        [sys.executable, "-c", SCRIPT, f"{handler}.handler"],
        capture_output=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(FUNCTIONS), **variables},
        text=True,
    )
    return set(json.loads(done.stdout))


@pytest.mark.parametrize("handler", HANDLERS)
def test_lambda_reads_ahead_what_the_first_request_needs(handler: str) -> None:
    """The tracing's modules only where there is somebody to report to."""
    read = _read_by(
        handler,
        AWS_LAMBDA_INITIALIZATION_TYPE="on-demand",
        AWS_XRAY_DAEMON_ADDRESS="127.0.0.1:2000",
    )
    assert HANDLERS[handler] <= read
    assert ("aws_xray_sdk.core" in read) == bool(HANDLERS[handler])


def test_elsewhere_nothing_is_read_ahead() -> None:
    """A test of a rule needs no driver."""
    assert not _read_by("validate_payment") & {"pg8000.native", "boto3"}


def test_health_checks_read_none_of_it() -> None:
    """They come all the time, to a function with little memory."""
    read = _read_by("health", AWS_LAMBDA_INITIALIZATION_TYPE="on-demand")
    assert not read & {"pg8000", "boto3", "botocore", "aws_lambda_powertools"}
