"""The specs of other classes, from nothing to their end, as each class promises it.

Requirements: DEST-1, KEEP-1, NET-4, DB-2.
"""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest
from pulumi import automation as auto

from cloud import tokens as t
from cloud.rules.storage import OBJECTS
from engine import audit
from engine.project import SPEC, TARGET, Project, build_compiler
from engine.stack import engine

if TYPE_CHECKING:
    from pathlib import Path

    from cloud import Cloud

# The life of versions is judged by the day of the specs.
TODAY = ("--today", "2026-12-01")


def project_of(name: str, folder: Path) -> Project:
    """Build one of the committed specs, and copy both."""
    build_compiler()
    built = folder / "built"
    command = [
        TARGET / "debug" / "paystagec",
        "build",
        SPEC / f"{name}.toml",
        "--out",
        built,
        *TODAY,
    ]
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - our own binary
    return Project(folder, SPEC / f"{name}.toml", built, today=TODAY)


def holding_data(cloud: Cloud) -> set[str]:
    """Give what KEEP-1 is about."""
    kinds = {t.DATABASE, t.BUCKET, t.KEY, t.LOG_GROUP, t.VAULT, t.VAULT_LOCK}
    return {record.urn for record in cloud.records if record.token in kinds}


def test_development_comes_stays_and_goes(tmp_path: Path) -> None:
    """DEST-1, NET-4, DB-2: one NAT gateway and no standby; nothing is left of it."""
    project = project_of("development", tmp_path)
    with engine(tmp_path / "home") as running:
        stack = running.stack(project.folder, "development")
        stack.up()
        assert audit.problems(running.cloud) == []
        assert len(running.cloud.all(t.NAT_GATEWAY)) == 1
        (database,) = running.cloud.all(t.DATABASE)
        assert database.inputs["multiAz"] is False
        assert stack.up().changes() == []
        for bucket in running.cloud.all(t.BUCKET):
            bucket.memory[OBJECTS] = True
        stack.destroy()
        assert running.cloud.records == []
        assert stack.resources() == []


def test_production_stays_until_its_spec_says_that_it_ends(tmp_path: Path) -> None:
    """KEEP-1: a destroy takes nothing that holds data; the documented way leaves what has to outlive it."""
    project = project_of("production", tmp_path)
    with engine(tmp_path / "home") as running:
        stack = running.stack(project.folder, "production")
        stack.up()
        assert audit.problems(running.cloud) == []
        assert stack.up().changes() == []
        there = {record.urn for record in running.cloud.records}
        for bucket in running.cloud.all(t.BUCKET):
            bucket.memory[OBJECTS] = True

        # The command line previews first, and ends with what the preview says.
        with pytest.raises(auto.CommandError, match="protect"):
            stack.preview_destroy()
        assert {record.urn for record in running.cloud.records} == there
        # Nor does a change make it anew.
        text = project.spec.read_text()
        project.edit("storage_gib = 100", 'storage_gib = 100\nname = "ledger"')
        with pytest.raises(auto.CommandError, match="protect"):
            stack.up()
        assert {record.urn for record in running.cloud.records} == there

        project.rewrite(text.replace('class = "production"', 'class = "production"\nending = true'))
        operations = {(step.operation, step.type) for step in stack.up().changes()}
        assert operations == {("update", t.DATABASE), ("update", t.LOAD_BALANCER)}
        assert {record.urn for record in running.cloud.records} == there
        stack.destroy()
        assert stack.resources() == []
        left = {record.token for record in running.cloud.records}
        stay = {t.KEY, t.LOG_GROUP, t.VAULT, t.VAULT_LOCK}
        assert stay | {t.BUCKET} <= left
        assert all(token.startswith("aws:s3/") for token in left - stay), left


def test_production_keeps_its_data_without_a_preview_too(tmp_path: Path) -> None:
    """KEEP-1: whoever skips the preview loses functions and network, and nothing that holds data."""
    project = project_of("production", tmp_path)
    with engine(tmp_path / "home") as running:
        stack = running.stack(project.folder, "production")
        stack.up()
        data = holding_data(running.cloud)
        with pytest.raises(auto.CommandError, match="protect"):
            stack.destroy()
        assert holding_data(running.cloud) == data
