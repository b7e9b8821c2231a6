"""A database goes to the next major version: its parameter group, which is named for the version, is made beside the old one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pulumi import automation as auto

from cloud import tokens as t
from engine import audit
from engine.project import Project, build_compiler

if TYPE_CHECKING:
    from pathlib import Path

    from engine.stack import Engine

BESIDE = ", delete_before_replace=False"


def test_the_old_parameter_group_stays_until_the_database_has_the_new_one(
    fresh_engine: Engine, tmp_path: Path
) -> None:
    """The provider by itself deletes a group with a name of ours first, and AWS refuses: the database still has it."""
    build_compiler()
    project = Project(tmp_path)
    stack = fresh_engine.stack(project.folder)
    stack.up()
    file = project.folder / "components" / "database.py"
    # What the compiler would write if DB-1 said 15 and allowed the step.
    allowed = 'engine_version="15",\n            allow_major_version_upgrade=True'
    text = file.read_text().replace("postgres14", "postgres15")
    text = text.replace('engine_version="14"', allowed)
    assert text.count(BESIDE) == 1

    file.write_text(text.replace(BESIDE, ""))
    with pytest.raises(auto.errors.CommandError, match="InvalidDBParameterGroupState"):
        stack.up()

    file.write_text(text)
    done = [
        (step.operation, step.type)
        for step in stack.up().changes()
        if step.type in {t.PARAMETER_GROUP, t.DATABASE}
    ]
    assert done == [
        ("create-replacement", t.PARAMETER_GROUP),
        ("replace", t.PARAMETER_GROUP),
        ("update", t.DATABASE),
        ("delete-replaced", t.PARAMETER_GROUP),
    ]
    assert audit.problems(fresh_engine.cloud) == []
