"""What runs the parts of `make test`: nothing that fails passes, nothing is left out in silence."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import pytest

TOOL = Path(__file__).parents[2] / "tools" / "run-parts"
# Stands in for `make`: a target is what is to be done.
MAKE = """#!/bin/bash
case $2 in
    quick*) echo "told by $2" ;;
    slow*) sleep 1 ;;
    meet-*)
        touch "$FOLDER/$2"
        for _ in {1..300}; do
            if [ -e "$FOLDER/meet-a" ] && [ -e "$FOLDER/meet-b" ]; then exit 0; fi
            sleep 0.1
        done
        exit 1
        ;;
    endless) (sleep 600 & echo $! > "$FOLDER/child"; wait) ;;
    wrong) echo "it is wrong"; exit 3 ;;
    late) sleep 1; exit 4 ;;
    talkative) echo "it came so far"; sleep 60 ;;
    partly) echo "partly: no database here" >> "$NOT_DONE" ;;
esac
"""


@pytest.fixture
def make(tmp_path: Path) -> Path:
    program = tmp_path / "make"
    program.write_text(MAKE)
    program.chmod(0o755)
    return program


def run(make: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "MAKE": str(make), "FOLDER": str(make.parent)}
    return subprocess.run(
        [TOOL, *arguments], env=environment, check=False, capture_output=True, text=True
    )


@pytest.mark.parametrize("at_once", ["1", "2", "9"])
def test_all_parts_are_made(make: Path, at_once: str) -> None:
    done = run(make, "--first", "quick-first", "--at-once", at_once, "quick-a", "slow", "quick-b")
    assert done.returncode == 0, done.stdout
    told = [line for line in done.stdout.splitlines() if line.startswith("told by ")]
    assert told[0] == "told by quick-first"
    assert sorted(told) == ["told by quick-a", "told by quick-b", "told by quick-first"]
    assert done.stdout.endswith("passed, nothing left out\n")


@pytest.mark.parametrize("at_once", ["1", "2"])
@pytest.mark.parametrize(("part", "status"), [("wrong", 3), ("late", 4)])
def test_a_part_that_fails_fails_the_run(make: Path, at_once: str, part: str, status: int) -> None:
    done = run(make, "--at-once", at_once, "quick-a", part, "slow-1", "slow-2", "quick-b")
    assert done.returncode == status, done.stdout
    assert f"failed: {part} ('make {part}' runs it alone)" in done.stdout
    assert "told by quick-b" not in done.stdout
    assert "quick-b\n" in done.stdout.partition("not run: ")[2]
    assert "passed, nothing left out" not in done.stdout


def test_what_a_part_says_when_it_fails_is_printed(make: Path) -> None:
    assert "it is wrong" in run(make, "--at-once", "2", "wrong", "slow").stdout


def test_parts_run_beside_each_other(make: Path) -> None:
    assert run(make, "--at-once", "2", "meet-a", "meet-b").returncode == 0


def test_what_still_runs_is_ended(make: Path) -> None:
    done = run(make, "--at-once", "2", "endless", "late")
    assert done.returncode == 4
    assert "stopped: endless" in done.stdout
    child = int((make.parent / "child").read_text())
    # Whoever inherits it has to notice.
    until = time.monotonic() + 10
    while _runs(child) and time.monotonic() < until:
        time.sleep(0.05)
    assert not _runs(child)


def test_what_was_stopped_says_how_far_it_came(make: Path) -> None:
    done = run(make, "--at-once", "2", "talkative", "late")
    assert "stopped: talkative" in done.stdout
    assert "\nit came so far\n" in done.stdout


def test_a_part_that_waits_in_vain_is_ended(make: Path) -> None:
    done = run(make, "--at-once", "2", "--limit", "2", "endless", "quick-a")
    assert done.returncode == 1
    assert "told by quick-a" in done.stdout
    assert "failed: endless, which took longer than 2 s" in done.stdout


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def test_skipped_parts_are_reported(make: Path) -> None:
    done = run(make, "--at-once", "2", "partly", "quick")
    assert done.returncode == 0
    assert "passed, but not done on this machine:\n- partly: no database here" in done.stdout
    assert "nothing left out" not in done.stdout
