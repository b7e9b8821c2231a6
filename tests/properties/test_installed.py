"""Packages of a team's own functions, from the package index: locked, put into the archive, imported by the Python that is deployed."""

from __future__ import annotations

import json
import platform
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from graph.built import ROOT, compiler
from properties.projects import TODAY, run

if TYPE_CHECKING:
    from pathlib import Path

LOCKS = ROOT / "tests" / "properties" / "locks"
# `make test-properties` brings it.
DEPLOYED = ROOT / ".cache" / "functions-python" / "bin" / "python"
HANDLERS = {
    "requests": "import requests\n\n\ndef handle(event, context):\n    return requests.__version__\n",
    "pydantic": (
        "import pydantic\n\n\nclass Refund(pydantic.BaseModel):\n    amount: int\n\n\n"
        "def handle(event, context):\n    return Refund(amount='7').amount\n"
    ),
    "docopt": "import docopt\n\n\ndef handle(event, context):\n    return docopt.__version__\n",
}
# It is on the index as source only.
DOCOPT = (
    "docopt==0.6.2 --hash=sha256:49b3a825280bd66b3aa83585ef59c4a8c82f2c8a522dbe754a8bc8d08c85c491\n"
)
ARCHITECTURES = {"aarch64": "arm64", "arm64": "arm64", "x86_64": "x86_64", "AMD64": "x86_64"}
# Runs the function's module of the project up to its archive, and unpacks that.
UNPACK = """
import pathlib, shutil, sys
from unittest import mock
import wheels
from components.functions import {function} as module
folder = pathlib.Path(sys.argv[1])
with mock.patch.object(module, "LambdaFunction") as made, mock.patch.object(module, "LambdaFunctionArgs") as args:
    module.{function}_function(mock.MagicMock(), mock.MagicMock())
for name, path in wheels.paths(args.call_args.kwargs["code"]).items():
    target = folder / name
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(path, target)
"""
CALL = """
import json, sys
sys.path.insert(0, sys.argv[1])
import handler
print(json.dumps(handler.handle({}, None)))
"""


def build(folder: Path, name: str, architecture: str) -> Path:
    """Build the committed spec with such a function, and give the project."""
    shutil.copytree(ROOT / "spec", folder / "spec")
    code = folder / "spec" / name
    shutil.copytree(LOCKS / name, code) if name != "docopt" else code.mkdir()
    if name == "docopt":
        (code / "requirements.txt").write_text(DOCOPT, "utf-8")
    (code / "handler.py").write_text(HANDLERS[name], "utf-8")
    function = f'\n[functions.{name}]\nsource = "{name}"\narchitecture = "{architecture}"\nschedule = "rate(1 day)"\n'
    spec = folder / "spec" / "staging.toml"
    spec.write_text(spec.read_text("utf-8") + function, "utf-8")
    done = run(compiler(), "build", spec, *TODAY, cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder / "generated"


def unpack(project: Path, name: str, target: Path) -> subprocess.CompletedProcess[str]:
    """Unpack the function's archive, as the program makes it."""
    return run(sys.executable, "-c", UNPACK.format(function=name), target, cwd=project)


@pytest.mark.parametrize(("name", "answer"), [("requests", "2.34.2"), ("pydantic", 7)])
def test_the_deployed_python_imports_what_is_locked(
    name: str, answer: object, tmp_path: Path
) -> None:
    """Pure and compiled packages, for this machine's processor."""
    project = build(tmp_path, name, ARCHITECTURES[platform.machine()])
    done = unpack(project, name, tmp_path / "task")
    assert done.returncode == 0, done.stderr
    called = subprocess.run(  # noqa: S603 - an interpreter, with arguments from above
        [DEPLOYED, "-I", "-S", "-c", CALL, tmp_path / "task"],
        capture_output=True,
        check=True,
        text=True,
    )
    assert json.loads(called.stdout) == answer


@pytest.mark.parametrize("architecture", ["arm64", "x86_64"])
def test_compiled_parts_are_those_of_the_functions_processor(
    architecture: str, tmp_path: Path
) -> None:
    """Whatever machine deploys."""
    project = build(tmp_path, "pydantic", architecture)
    done = unpack(project, "pydantic", tmp_path / "task")
    assert done.returncode == 0, done.stderr
    machine = {"arm64": "aarch64"}.get(architecture, architecture)
    compiled = [path.name for path in (tmp_path / "task").rglob("*.so")]
    assert compiled == [f"_pydantic_core.cpython-313-{machine}-linux-gnu.so"]


def test_what_is_on_the_index_as_source_only_is_refused(tmp_path: Path) -> None:
    """With its name and a way out, where a list does not tell it before."""
    done = unpack(build(tmp_path, "docopt", "arm64"), "docopt", tmp_path / "task")
    assert done.returncode != 0
    assert "packages/docopt.txt: docopt==0.6.2 has no wheel" in done.stderr
    assert "pip install --no-deps --target FOLDER docopt==0.6.2" in done.stderr
