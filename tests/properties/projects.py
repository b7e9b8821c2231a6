"""Random specs, and the projects that they become.

The specs are those of ``write.rs``, each from a seed: the same in every run.
"""

from __future__ import annotations

import ast
import os
import subprocess
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from graph.built import ROOT, compiler

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

TODAY = ("--today", "2026-11-01")


@dataclass(frozen=True)
class Case:
    """A spec, and the project that it became."""

    folder: Path

    @property
    def spec(self) -> Path:
        """The spec."""
        return self.folder / "spec" / "spec.toml"

    @property
    def project(self) -> Path:
        """What the compiler wrote."""
        return self.folder / "generated"

    @cached_property
    def modules(self) -> dict[str, ast.Module]:
        """The Python files by path."""
        paths = sorted(self.project.rglob("*.py"))
        return {str(path): ast.parse(path.read_text("utf-8"), str(path)) for path in paths}

    def failure(self, what: str) -> str:
        """Tell what was wrong with which spec."""
        return f"seed {self.folder.name}: {what[-6000:]}\n{self.spec.read_text('utf-8')}"


def run(*command: str | Path, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run one of our own programs, and give what it says."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    return subprocess.run(  # noqa: S603 - our own programs
        command, cwd=cwd, env=environment, check=False, capture_output=True, text=True
    )


def written(folder: Path, seeds: Iterable[str]) -> dict[str, Case]:
    """Write the specs of these seeds, and build them."""
    cases = {seed: Case(folder / seed) for seed in seeds}
    done = run(compiler().parent / "examples" / "write-specs", folder, *cases)
    assert done.returncode == 0, done.stderr
    for case in cases.values():
        done = run(compiler(), "build", case.spec, "--out", case.project, *TODAY)
        assert done.returncode == 0, case.failure(done.stderr)
    return cases
