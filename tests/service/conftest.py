"""One PostgreSQL and one moto for the whole run; a database and a bucket of its own for each test."""

from __future__ import annotations

import itertools
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from migrate import handler as migrate
from service.postgres import Server
from service.stage import Aws, Stage, forget

if TYPE_CHECKING:
    from collections.abc import Iterator

# Programs of the generated project.
sys.path.append(str(Path(__file__).parents[2] / "templates"))
NUMBERS = itertools.count(1)


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """Start PostgreSQL."""
    # What is killed here is the server, never the machine: what it wrote stays.
    server = Server(settings={"fsync": "off"})
    yield server
    server.remove()


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aws]:
    """Start moto."""
    aws = Aws(tmp_path_factory.mktemp("aws"))
    yield aws
    aws.remove()


@pytest.fixture
def empty_stage(server: Server, aws: Aws) -> Iterator[Stage]:
    """Make an environment whose database is empty."""
    aws.reset()
    forget()
    stage = Stage(server=server, aws=aws, database=f"test_{next(NUMBERS)}")
    stage.prepare()
    yield stage
    forget()
    aws.trouble.unlink(missing_ok=True)
    server.superuser(f"DROP DATABASE {stage.database} WITH (FORCE)")


@pytest.fixture
def stage(empty_stage: Stage) -> Stage:
    """Make an environment that is ready for payments."""
    empty_stage.migrate()
    empty_stage.bring_in()
    return empty_stage


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of the migrations that a test can change."""
    compiled = shutil.ignore_patterns("__pycache__")
    shutil.copytree(migrate.FOLDER, tmp_path / "migrate", ignore=compiled)
    monkeypatch.setattr(migrate, "FOLDER", tmp_path / "migrate")
    return tmp_path / "migrate" / "migrations"
