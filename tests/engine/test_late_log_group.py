"""RDS sends the last lines of a database's log late, and makes the log group again that `destroy` had deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pulumi.automation.errors import CommandError

from cloud import tokens as t
from engine import audit
from engine.project import Project, build_compiler

if TYPE_CHECKING:
    from pathlib import Path

    from engine.stack import Engine

NAME = "/aws/rds/instance/rds-staging-main/postgresql"


def test_it_stops_the_next_up_which_goes_on_when_it_is_deleted(
    fresh_engine: Engine, tmp_path: Path
) -> None:
    """As the README says: nothing has to be taken back."""
    build_compiler()
    stack = fresh_engine.stack(Project(tmp_path).folder)
    cloud = fresh_engine.cloud
    late = cloud.create(t.LOG_GROUP, "made by RDS", "us-east-1", {"name": NAME})
    with pytest.raises(CommandError, match="ResourceAlreadyExistsException"):
        stack.up()
    cloud.delete(late.token, late.urn, late.id)
    stack.up()
    assert audit.problems(cloud) == []
    assert not stack.preview().changes()
