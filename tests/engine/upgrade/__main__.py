"""Writes down what the committed project registers, for the upgrade test of later versions: `python -m engine.upgrade`."""

from __future__ import annotations

import tempfile
from pathlib import Path

from engine.project import Project
from engine.stack import engine
from engine.upgrade import registered

if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        project = Project(Path(folder))
        with engine(Path(folder) / "home") as running:
            stack = running.stack(project.folder)
            stack.up()
            registered.write(registered.record(stack.resources(), running.cloud.records))
