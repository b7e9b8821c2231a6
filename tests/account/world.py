"""One account with all that stands in for AWS, a project that a team may edit, and its stack."""

from __future__ import annotations

import contextlib
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from account.deployment import endpoint, engine_at
from account.lambdas import Lambdas
from account.rights import Judged
from cloud.aws import Aws
from engine.project import Project
from service.postgres import OWNER, Server
from simulation.xray import Daemon

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from account.endpoint import Endpoint
    from engine.stack import Engine


@dataclass(frozen=True, kw_only=True)
class World:
    """What the steps of a stack's life share."""

    endpoint: Endpoint
    aws: Aws
    engine: Engine
    project: Project
    stack: Judged
    lambdas: Lambdas
    tracing: Daemon


@contextlib.contextmanager
def world(folder: Path, project: Project | None = None) -> Iterator[World]:
    """Start everything, with an empty account; it ends with the thread that starts it.

    The project is a copy of the committed one, unless another is given.
    """
    project = project or Project(folder)
    with contextlib.ExitStack() as running:
        running_endpoint = running.enter_context(endpoint())
        server = Server(settings={"fsync": "off"}, owner=_owner(project))
        running.callback(server.remove)
        tracing = Daemon()
        running.callback(tracing.close)
        aws = Aws(running_endpoint.url)
        lambdas = Lambdas(aws, server, tracing, folder / "lambdas")
        aws.invoke = lambdas.invoke
        engine = running.enter_context(engine_at(folder / "home", aws))
        yield World(
            endpoint=running_endpoint,
            aws=aws,
            engine=engine,
            project=project,
            stack=Judged(engine.stack(project.folder, project.stack), aws, project.folder),
            lambdas=lambdas,
            tracing=tracing,
        )


def _owner(project: Project) -> str:
    """Return who owns the database: whom its spec names, or else the default."""
    database = tomllib.loads(project.spec.read_text()).get("database", {})
    return database.get("master_username", OWNER)
