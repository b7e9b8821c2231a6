"""The integration tests of the generated project against an endpoint, as a team runs them: in a process of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.stack import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping

GENERATED = ROOT / "generated"
# What the endpoint cannot show, with reasons.
LACKS = Path(__file__).with_name("lacks.json")
# Moto takes any.
ANY_KEY = "testing"
# What is no output of the stack: files with a caller's certificate and key.
CALLER = "caller"
# Traces arrive at once here, or never.
TRACE_SECONDS = 1
_INTERNAL_OR_USAGE = 2


class SuiteError(AssertionError):
    """The suite could not be run, or not all of it passed; the message says what."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of the tests, by their names: ``test_api.py::test_requests_are_traced``."""

    passed: tuple[str, ...] = ()
    # With what was wrong.
    failed: Mapping[str, str] = field(default_factory=dict[str, str])
    # Those that failed as they had to, with the reason.
    lacking: Mapping[str, str] = field(default_factory=dict[str, str])
    seconds: float = 0.0

    def __str__(self) -> str:
        """In one line, and a line for each failure."""
        counted = (
            f"{len(self.passed)} integration tests passed, {len(self.failed)} failed, "
            f"{len(self.lacking)} cannot pass at this endpoint, {self.seconds:.0f} s"
        )
        return "\n".join([counted, *(f"{test}: {why}" for test, why in self.failed.items())])


def run(  # noqa: PLR0913 - what a team may choose, and what a test does
    outputs: Mapping[str, Any],
    endpoint: str,
    selection: tuple[str, ...] = (),
    *,
    project: Path = GENERATED,
    lacks: Path = LACKS,
    key: str = ANY_KEY,
) -> Outcome:
    """Run the tests, or those that are named (``test_keys.py``), with the outputs of a stack; without a key, as nobody."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        told, report = Path(folder) / "outputs.json", Path(folder) / "report.xml"
        told.write_text(json.dumps({k: v for k, v in outputs.items() if k != CALLER}))
        done = subprocess.run(
            [
                *(sys.executable, "-m", "pytest", "--quiet", "-p", "no:cacheprovider"),
                f"--junit-xml={report}",
                *(f"tests/integration/{name}" for name in selection or ("",)),
            ],
            cwd=project,
            env={**_environment(endpoint, told, lacks, key), **shown(outputs)},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode >= _INTERNAL_OR_USAGE or not report.exists():
            message = f"the tests did not run:\n{done.stdout}\n{done.stderr}"
            raise SuiteError(message)
        return _read(ET.parse(report).getroot(), time.monotonic() - started)  # noqa: S314 - of our own making


def shown(outputs: Mapping[str, Any]) -> dict[str, str]:
    """Return the variables by which the tests show a certificate to the load balancer."""
    names = ("PAYSTAGE_CLIENT_CERTIFICATE", "PAYSTAGE_CLIENT_KEY")
    return dict(zip(names, outputs.get(CALLER, ()), strict=False))


def _environment(endpoint: str, outputs: Path, lacks: Path, key: str) -> dict[str, str]:
    kept = ("HOME", "PATH", "TMPDIR", "LANG", "VIRTUAL_ENV")
    return {
        **{name: os.environ[name] for name in kept if name in os.environ},
        "AWS_ENDPOINT_URL": endpoint,
        **({"AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": key} if key else {}),
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "PAYSTAGE_OUTPUTS": str(outputs),
        "PAYSTAGE_ENDPOINT_LACKS": str(lacks),
        "PAYSTAGE_TRACE_SECONDS": str(TRACE_SECONDS),
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def _read(report: ET.Element, seconds: float) -> Outcome:
    passed: list[str] = []
    failed: dict[str, str] = {}
    lacking: dict[str, str] = {}
    for case in report.iter("testcase"):
        name = f"{case.get('classname', '').rpartition('.')[2]}.py::{case.get('name')}"
        trouble = [child for child in case if child.tag in {"failure", "error"}]
        left_out = case.find("skipped")
        if trouble:
            failed[name] = trouble[0].get("message", "")
        elif left_out is None:
            passed.append(name)
        elif left_out.get("type") == "pytest.xfail":
            lacking[name] = left_out.get("message", "")
        else:
            # Nothing may be left out in silence.
            failed[name] = f"skipped: {left_out.get('message', '')}"
    return Outcome(passed=tuple(passed), failed=failed, lacking=lacking, seconds=seconds)
