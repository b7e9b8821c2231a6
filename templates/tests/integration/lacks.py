"""What an endpoint that is not AWS cannot show: tests that must fail there, each with its reason and its failure.

PAYSTAGE_ENDPOINT_LACKS names a file, ``{"test_network.py::test_something": {"why": "the reason", "failure": "text"}}``;
a name without the parameters in brackets stands for all of them. These tests run all the same: one that
passes fails the run, so that the list gets shorter as the endpoint gets better, and so does one that fails
with another message. On AWS nothing may be listed.
"""

from __future__ import annotations

import json
import os
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import pytest

VARIABLE = "PAYSTAGE_ENDPOINT_LACKS"
ENDPOINT = "AWS_ENDPOINT_URL"
FOLDER = Path(__file__).parent


class ExpectedFailureError(Exception):
    """A test failed as the list says."""


@dataclass(frozen=True)
class Lack:
    """Why a test must fail, and what its failure says."""

    why: str
    failure: str


LACK = pytest.StashKey[Lack]()


def read() -> dict[str, Lack]:
    """Return what is lacking by the names of the tests; nothing where nothing is."""
    path = os.environ.get(VARIABLE)
    if not path:
        return {}
    if not os.environ.get(ENDPOINT):
        message = f"{VARIABLE} is set, but {ENDPOINT} is not: on AWS every test has to pass"
        raise pytest.UsageError(message)
    try:
        listed: object = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        message = f"{VARIABLE} names a file that cannot be read: {error}"
        raise pytest.UsageError(message) from error
    if not isinstance(listed, Mapping):
        message = f"{VARIABLE} names a file that is no JSON object"
        raise pytest.UsageError(message)
    lacks = {name: _lack(entry) for name, entry in cast("Mapping[str, object]", listed).items()}
    known = {name: lack for name, lack in lacks.items() if lack is not None and _exists(name)}
    if wrong := [name for name in lacks if name not in known]:
        message = f'{VARIABLE} needs tests that exist, each with {{"why": …, "failure": …}}: {", ".join(wrong)}'
        raise pytest.UsageError(message)
    return known


def _lack(entry: object) -> Lack | None:
    """Read one entry; None where it does not say both."""
    if not isinstance(entry, Mapping):
        return None
    texts = cast("Mapping[str, object]", entry)
    why, failure = texts.get("why"), texts.get("failure")
    if not (isinstance(why, str) and isinstance(failure, str)):
        return None
    return Lack(why, failure) if why.strip() and failure.strip() else None


def _exists(name: str) -> bool:
    file, _, test = name.partition("::")
    path = FOLDER / file
    function = test.partition("[")[0]
    return path.is_file() and f"\ndef {function}(" in path.read_text(encoding="utf-8")


def expect_failures(items: Sequence[pytest.Item]) -> None:
    """Mark the tests that cannot hold at this endpoint: they have to fail, and as it is said."""
    lacks = read()
    for item in items:
        if item.path.parent != FOLDER:
            continue
        name = f"{item.path.name}::{item.name}"
        lack = lacks.get(name) or lacks.get(name.partition("[")[0])
        if lack:
            item.stash[LACK] = lack
            mark = pytest.mark.xfail(raises=ExpectedFailureError, reason=lack.why, strict=True)
            item.add_marker(mark)


def phase(item: pytest.Item) -> Generator[None, object, object]:
    """Run a phase of a test, and tell the failure that is expected from any other."""
    try:
        return (yield)
    except (Exception, pytest.fail.Exception) as error:
        lack = item.stash.get(LACK, None)
        if lack is None or lack.failure not in f"{type(error).__name__}: {error}":
            raise
        raise ExpectedFailureError(lack.failure) from error


def summary(reports: Sequence[pytest.TestReport]) -> list[str]:
    """Return a line for each test that failed as it had to, with the reason."""
    return [
        f"{report.nodeid.rpartition('/')[2]}: {getattr(report, 'wasxfail', '')}"
        for report in reports
    ]
