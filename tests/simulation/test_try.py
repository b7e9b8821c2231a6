"""`make try` as people use it: start it, copy its lines, press Ctrl-C."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.request
from typing import TYPE_CHECKING

import psutil
import pytest

from simulation.conftest import ROOT, SPEC

if TYPE_CHECKING:
    from collections.abc import Iterator

STOP_SECONDS = 20


class Tried:
    """The program, and what it has printed up to its last line."""

    def __init__(self) -> None:
        """Start it, and wait until it says how it is stopped."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "simulation", str(SPEC)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": "tests:templates/functions"},
            # A signal to its whole group, as a terminal sends it, must not reach the tests.
            start_new_session=True,
        )
        assert self._process.stdout is not None
        self.lines: list[str] = []
        for line in self._process.stdout:
            self.lines.append(line.rstrip("\n"))
            if line.startswith("Ctrl-C"):
                return
        raise AssertionError("\n".join(self.lines))

    @property
    def family(self) -> list[psutil.Process]:
        """It and all that it started."""
        itself = psutil.Process(self._process.pid)
        return [itself, *itself.children(recursive=True)]

    def interrupt(self) -> int:
        """Press Ctrl-C; the exit status."""
        os.killpg(self._process.pid, signal.SIGINT)
        try:
            return self._process.wait(STOP_SECONDS)
        finally:
            self._process.kill()


@pytest.fixture
def tried() -> Iterator[Tried]:
    """Start it, and be sure that it ends."""
    tried = Tried()
    family = tried.family
    yield tried
    for process in family:
        if process.is_running():
            process.kill()


def run(line: str) -> dict[str, object]:
    """Run a line as it was printed."""
    done = subprocess.run(
        ["bash", "-c", line],  # noqa: S607 - the one on the path
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return json.loads(done.stdout)


def test_the_lines_work_and_ctrl_c_stops_everything(tried: Tried) -> None:
    through_api, told, through_balancer = [line for line in tried.lines if line.startswith("curl ")]
    assert run(through_api)["decision"] == "accepted"
    assert run(told)["decision"] == "accepted"
    assert run(through_balancer)["decision"] == "accepted"
    (control,) = [line.split()[0] for line in tried.lines if "/map " in line]
    with urllib.request.urlopen(control, timeout=10) as page:  # noqa: S310 - of this machine
        assert "Database::PostgreSQL" in page.read().decode()
    family = tried.family
    # It, PostgreSQL with its children, moto, and a process for each function that was called.
    assert len(family) > 5
    assert tried.interrupt() == 0
    left = [one for one in family if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]
    assert not left
