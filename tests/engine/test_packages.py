"""Packages of a team's own function: installed by its lock when the program runs, and never differently."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import zipfile
from typing import TYPE_CHECKING

import pytest
from pulumi.automation.errors import CommandError

from cloud import tokens as t
from engine.project import TARGET, Project, build_compiler

if TYPE_CHECKING:
    from pathlib import Path

    from engine.stack import Engine

HANDLER = "import money\n\n\ndef main(event, context):\n    return money.RATE\n"
FUNCTION = (
    '\n[functions.refund]\nsource = "refund"\nhandler = "app.main"\nschedule = "rate(1 day)"\n'
)


def wheel(index: Path, version: str) -> str:
    """Put a version of a package into the folder that stands for an index, and give the line that locks it."""
    path = index / f"money-{version}-py3-none-any.whl"
    notes = f"money-{version}.dist-info"
    inside = {
        "money/__init__.py": f"RATE = {version}\n",
        f"{notes}/METADATA": f"Metadata-Version: 2.1\nName: money\nVersion: {version}\n",
        f"{notes}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{notes}/RECORD": f"money/__init__.py,,\n{notes}/METADATA,,\n{notes}/WHEEL,,\n{notes}/RECORD,,\n",
    }
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in inside.items():
            archive.writestr(name, text)
    return f"money=={version} --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n"


def test_the_archive_follows_the_lock_and_nothing_else(
    fresh_engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another run, on another machine too, changes nothing; another lock changes the function's code and nothing else."""
    build_compiler()
    index = tmp_path / "index"
    index.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(index))
    project = Project(tmp_path)
    folder = project.spec.parent / "refund"
    folder.mkdir()
    (folder / "app.py").write_text(HANDLER)
    (folder / "requirements.txt").write_text(wheel(index, "1.0"))
    text = project.spec.read_text() + FUNCTION
    project.rewrite(text)
    stack = fresh_engine.stack(project.folder)
    stack.up()
    assert stack.up().changes() == []
    # As on a machine that never deployed before.
    shutil.rmtree(project.folder / ".packages")
    assert stack.preview().changes() == []

    before = tmp_path / "before"
    shutil.copytree(project.spec.parent, before)
    lock = wheel(index, "2.0")
    (folder / "requirements.txt").write_text(lock)
    compared = subprocess.run(  # noqa: S603 - our own binary
        [
            *(TARGET / "debug" / "paystagec", "compare", "--format", "json"),
            *(before / project.spec.name, project.spec),
        ],
        check=True,
        capture_output=True,
    )
    foretold = [
        (step["op"], step["type"], tuple(cause["argument"] for cause in step["because"]))
        for step in json.loads(compared.stdout)["steps"]
    ]
    project.rewrite(text)
    found = [(step.operation, step.type, step.changed) for step in stack.up().changes()]
    assert found == [("update", t.FUNCTION, ("code",))]
    assert foretold == found

    # One that has to be built is refused before anything is deployed.
    (index / "money-3.0.tar.gz").write_bytes(b"never opened")
    (folder / "requirements.txt").write_text(f"money==3.0 --hash=sha256:{'0' * 64}\n")
    project.rewrite(text)
    with pytest.raises(CommandError, match=r"packages/refund\.txt: money==3\.0 has no wheel"):
        stack.up()
    (folder / "requirements.txt").write_text(lock)
    project.rewrite(text)
    assert stack.up().changes() == []
