"""What an endpoint that is not AWS cannot show: tests that must fail there, each with its reason.

PAYSTAGE_ENDPOINT_LACKS names a file, ``{"test_network.py::test_something": "the reason"}``; a name without
the parameters in brackets stands for all of them. These tests run all the same: one that passes fails
the run, so that the list gets shorter as the endpoint gets better. On AWS nothing may be listed.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import cast

import pytest

VARIABLE = "PAYSTAGE_ENDPOINT_LACKS"
ENDPOINT = "AWS_ENDPOINT_URL"
FOLDER = Path(__file__).parent


def read() -> dict[str, str]:
    """Return the reasons by the names of the tests; nothing where nothing is lacking."""
    path = os.environ.get(VARIABLE)
    if not path:
        return {}
    if not os.environ.get(ENDPOINT):
        message = f"{VARIABLE} is set, but {ENDPOINT} is not: on AWS every test has to pass"
        raise pytest.UsageError(message)
    try:
        reasons: object = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        message = f"{VARIABLE} names a file that cannot be read: {error}"
        raise pytest.UsageError(message) from error
    if not isinstance(reasons, Mapping):
        message = f"{VARIABLE} names a file that is no JSON object"
        raise pytest.UsageError(message)
    known = cast("Mapping[str, str]", reasons)
    wrong = [name for name, reason in known.items() if not (_exists(name) and reason)]
    if wrong:
        message = f"{VARIABLE} names no test, or gives no reason: {', '.join(wrong)}"
        raise pytest.UsageError(message)
    return dict(known)


def _exists(name: str) -> bool:
    file, _, test = name.partition("::")
    path = FOLDER / file
    function = test.partition("[")[0]
    return path.is_file() and f"\ndef {function}(" in path.read_text(encoding="utf-8")


def expect_failures(items: Sequence[pytest.Item]) -> None:
    """Mark the tests that cannot hold at this endpoint: they have to fail."""
    reasons = read()
    for item in items:
        if item.path.parent != FOLDER:
            continue
        name = f"{item.path.name}::{item.name}"
        reason = reasons.get(name) or reasons.get(name.partition("[")[0])
        if reason:
            item.add_marker(pytest.mark.xfail(reason=reason, strict=True))


def summary(reports: Sequence[pytest.TestReport]) -> list[str]:
    """Return a line for each test that failed as it had to, with the reason."""
    return [
        f"{report.nodeid.rpartition('/')[2]}: {getattr(report, 'wasxfail', '')}"
        for report in reports
    ]
