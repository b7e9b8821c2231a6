"""The committed specs of other classes become projects that keep their own rules: their tests hold, their code is clean.

The functions' own tests are those of the committed project, and run there.
"""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from graph.built import ROOT, compiler

if TYPE_CHECKING:
    from pathlib import Path

# The life of versions is judged by the day of the specs.
TODAY = ("--today", "2026-12-01")


@pytest.fixture(scope="module", params=["production", "development"])
def project(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build one of them."""
    folder = tmp_path_factory.mktemp(request.param) / "project"
    spec = ROOT / "spec" / f"{request.param}.toml"
    done = subprocess.run(  # noqa: S603 - our own program
        [compiler(), "build", spec, "--out", folder, *TODAY],
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.parametrize(
    "command",
    [
        ("ruff", "check", "."),
        ("ruff", "format", "--check", "."),
        (
            *("pytest", "-q", "-p", "no:cacheprovider", "tests/unit"),
            "--ignore=tests/unit/functions",
        ),
    ],
    ids=["lint", "format", "unit"],
)
def test_the_project_keeps_its_own_rules(project: Path, command: tuple[str, ...]) -> None:
    """Linted, formatted, and every unit test of the program passes."""
    done = subprocess.run(  # noqa: S603 - our own programs
        [sys.executable, "-m", *command], cwd=project, check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout[-6000:]
