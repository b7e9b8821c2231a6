"""The code of a team's own functions is copied as it is: the project's lints and types say nothing about it."""

from __future__ import annotations

import json
import shutil
import sys
from typing import TYPE_CHECKING

import pytest

from graph.built import ROOT, compiler
from properties.projects import TODAY, run

if TYPE_CHECKING:
    from pathlib import Path

# Neither formatted, documented nor typed.
HANDLER = (
    "import os, json\ndef handle(event, context):\n  print( event )\n  return {'statusCode': 200}\n"
)
FUNCTION = '\n[functions.refund]\nsource = "refund"\nschedule = "rate(1 day)"\n'


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the committed spec with a function of the team's own."""
    folder = tmp_path_factory.mktemp("own")
    shutil.copytree(ROOT / "spec", folder / "spec")
    spec = folder / "spec" / "staging.toml"
    spec.write_text(spec.read_text("utf-8") + FUNCTION, "utf-8")
    (folder / "spec" / "refund").mkdir()
    (folder / "spec" / "refund" / "handler.py").write_text(HANDLER, "utf-8")
    done = run(compiler(), "build", spec, *TODAY, cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder / "generated"


@pytest.mark.parametrize("options", [("format", "--check"), ("check",)], ids=["format", "check"])
def test_ruff_leaves_it_to_the_team(project: Path, options: tuple[str, ...]) -> None:
    """The same file elsewhere in the project is refused, so that its place decides."""
    ruff = (sys.executable, "-m", "ruff", *options, "--no-cache")
    assert (project / "functions" / "refund" / "handler.py").read_text("utf-8") == HANDLER
    done = run(*ruff, ".", cwd=project)
    assert done.returncode == 0, done.stdout + done.stderr
    other = project / "functions" / "health" / "refund.py"
    other.write_text(HANDLER, "utf-8")
    done = run(*ruff, ".", cwd=project)
    other.unlink()
    assert done.returncode == 1, done.stdout + done.stderr


def test_types_are_left_to_the_team(project: Path) -> None:
    """Functions of the compiler's are looked at, the team's are not."""
    pyright = (sys.executable, "-m", "basedpyright", "--pythonpath", sys.executable)
    settings = project / "pyproject.toml"
    whole = settings.read_text("utf-8")
    # Only the functions: the components take minutes.
    settings.write_text(
        whole.replace("\nexclude =", '\ninclude = ["functions"]\nexclude ='), "utf-8"
    )
    done = run(*pyright, "--outputjson", cwd=project)
    settings.write_text(whole, "utf-8")
    told = json.loads(done.stdout)
    assert told["summary"]["filesAnalyzed"] > 0, told["summary"]
    assert not told["generalDiagnostics"], json.dumps(told["generalDiagnostics"], indent=1)
