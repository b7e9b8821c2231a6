"""MIG-1: the runbook's check of what moves from development, run as it stands there."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[4]


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ("INSERT INTO merchants VALUES ('mer_bookshop', 'Bookshop');", 0),
        ("INSERT INTO notes VALUES ('paid with 4111-1111-1111-1111');", 1),
    ],
)
def test_card_numbers_stop_the_migration(tmp_path: Path, line: str, status: int) -> None:
    """MIG-1: a file with a card number is named by its line, which is not repeated."""
    runbook = (PROJECT / "docs" / "runbook.md").read_text(encoding="utf-8")
    (check,) = re.findall(r"<<'CHECK'\n(.*?)\nCHECK\n", runbook, re.DOTALL)
    path = tmp_path / "reference.sql"
    path.write_text(f"-- reference data\n{line}\n", encoding="utf-8")
    done = subprocess.run(  # noqa: S603 - this interpreter, with the runbook's own script
        [sys.executable, "-c", check, str(path)],
        capture_output=True,
        check=False,
        cwd=PROJECT,
        text=True,
    )
    assert (done.returncode, done.stderr) == (status, "")
    assert done.stdout == (f"{path}:2\n" if status else "")
