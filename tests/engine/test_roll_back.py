"""A deployment is taken back by building the spec, and the functions, that were deployed before (`docs/runbook.md`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from pulumi.automation.errors import CommandError

from cloud import tokens as t
from cloud.record import Refused
from engine import audit
from engine.project import Project, build_compiler
from engine.stack import engine

if TYPE_CHECKING:
    from pathlib import Path

    from engine.stack import Run, Stack

INVOCATION = "aws:lambda/invocation:Invocation"
MERCHANT = "[payments.merchants.mer_acme0001]     # reference data, brought in by `migrate`\n"


def operations(run: Run) -> set[tuple[str, str, str]]:
    """What is done to which resource, all steps of a replacement as one."""
    return {
        ("replace" if "replace" in step.operation else step.operation, step.type, step.name)
        for step in run.changes()
        if not step.type.startswith(("paystage:", "pulumi:"))
    } - {("delete", INVOCATION, "migrations"), ("create", INVOCATION, "migrations")}


def said(stack: Stack) -> dict[str, Any]:
    """The inputs of all resources by their URNs."""
    return {one["urn"]: one.get("inputs") for one in stack.resources()}


def test_the_release_before_comes_back(tmp_path: Path) -> None:
    """With another migration, other code, another merchant's status and more memory in between."""
    build_compiler()
    project = Project(tmp_path)
    migration = project.folder / "functions" / "migrate" / "migrations" / "9999_later.sql"
    with engine(tmp_path / "home") as running:
        stack = running.stack(project.folder)
        stack.up()
        before, spec = said(stack), project.spec.read_text()
        # The release after.
        migration.write_text("-- migration: expand\nALTER TABLE payments ADD COLUMN note text;\n")
        project.edit("memory_mib = 512", "memory_mib = 1024")
        project.edit(MERCHANT, f'{MERCHANT}status = "suspended"\n')
        there = operations(stack.up())
        assert there == {
            ("replace", INVOCATION, "migrations"),
            ("replace", INVOCATION, "callers"),
            ("update", t.FUNCTION, "migrate"),
            ("update", t.FUNCTION, "validate-payment"),
        }
        # And back: the migrations of before are called with what the spec said then.
        migration.unlink()
        project.rewrite(spec)
        assert operations(stack.up()) == there
        assert said(stack) == before
        assert audit.problems(running.cloud) == []
        assert operations(stack.up()) == set()


def test_a_migration_that_fails_leaves_the_functions_as_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of them have other code, and none but the one that migrates has it when the deployment ends."""
    build_compiler()
    project = Project(tmp_path)
    migrations = project.folder / "functions" / "migrate" / "migrations"
    shared = project.folder / "functions" / "payments" / "problems.py"
    with engine(tmp_path / "home") as running:
        stack = running.stack(project.folder)
        stack.up()
        before = functions(stack)
        (migrations / "9999_later.sql").write_text("-- migration: expand\nSELECT 1 / 0;\n")
        shared.write_text(f"{shared.read_text()}\n# Other code.\n")
        create = running.cloud.judge_creation

        def failing(token: str, urn: str, region: str, inputs: dict[str, Any]) -> Any:
            if token == INVOCATION:
                message = "Unhandled: MigrationError: 9999_later.sql: division by zero"
                raise Refused(message)
            return create(token, urn, region, inputs)

        with monkeypatch.context() as patched:
            patched.setattr(running.cloud, "judge_creation", failing)
            with pytest.raises(CommandError, match="division by zero"):
                stack.up()
        after = functions(stack)
        using = {name for name, inputs in before.items() if "DATABASE_HOST" in variables(inputs)}
        assert len(using - {"migrate"}) > 1
        changed = {name for name in before if after[name] != before[name]}
        assert changed & using == {"migrate"}
        # It is mended, and everybody gets the code.
        (migrations / "9999_later.sql").write_text("-- migration: expand\nSELECT 1;\n")
        stack.up()
        done = functions(stack)
        assert {name for name in before if done[name] != before[name]} == set(before)
        assert audit.problems(running.cloud) == []


def functions(stack: Stack) -> dict[str, Any]:
    """The inputs of all functions by their names."""
    every = (one for one in stack.resources() if one["type"] == t.FUNCTION)
    return {one["urn"].rpartition("::")[2]: one["inputs"] for one in every}


def variables(inputs: dict[str, Any]) -> dict[str, Any]:
    """What a function finds in its environment."""
    return inputs["environment"]["variables"]
