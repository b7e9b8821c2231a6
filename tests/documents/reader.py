"""A reader of the generated documents: a fresh copy of the project, an empty home, an empty account, and the tools on the path."""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from account.deployment import endpoint
from account.lambdas import Lambdas
from account.provider import Account, AccountProvider
from account.simulated import simulated
from account.suite import ANY_KEY, LACKS
from account.world import World
from cloud.aws import Aws
from cloud.kinds import KINDS
from documents.typed import Shell, blocks
from engine.project import Project
from engine.provider import serve
from engine.stack import COMMAND_ROOT, GARBAGE_STAYS, ROOT
from service.postgres import Server, binaries
from simulation.xray import Daemon

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from account.endpoint import Endpoint
    from account.rights import Judged
    from engine.stack import Engine

AWS_CLI = ROOT / ".cache" / "aws-cli" / "bin" / "aws"
POSTGRESQL = ("psql", "pg_dump")


@dataclass(frozen=True, kw_only=True)
class Reader:
    """What a reader has, and who they are at AWS."""

    folder: Path
    home: Path
    aws: Aws
    shell: Shell
    lambdas: Lambdas
    project: Project
    endpoint: Endpoint
    tracing: Daemon
    server: Server
    # What was taken to be typed, by document.
    taken: dict[str, list[str]] = field(default_factory=dict[str, list[str]])

    def commands(self, document: str) -> dict[str, list[str]]:
        """Return what a document of the project tells a reader to type, by heading."""
        return blocks(self.text(document))

    def text(self, document: str) -> str:
        """Return a document of the project."""
        return (self.folder / document).read_text(encoding="utf-8")

    def take(self, document: str, heading: str) -> list[str]:
        """Return the commands under a heading, to be typed."""
        commands = self.commands(document)[heading]
        self.taken.setdefault(document, []).extend(commands)
        return commands

    def left(self, document: str) -> list[str]:
        """Return the commands of a document that nobody has taken."""
        taken = self.taken.get(document, [])
        every = (block for found in self.commands(document).values() for block in found)
        return [block for block in every if block not in taken]

    @contextlib.contextmanager
    def entry_points(self) -> Iterator[Mapping[str, Any]]:
        """Simulate both entry points of the selected stack, and yield its outputs with their addresses."""
        world = World(
            endpoint=self.endpoint,
            aws=self.aws,
            engine=cast("Engine", None),
            project=self.project,
            stack=cast("Judged", _Selected(self.shell)),
            lambdas=self.lambdas,
            tracing=self.tracing,
        )
        with simulated(world) as (_, outputs):
            yield outputs


class _Selected:
    """The selected stack, as the command line tells of it."""

    def __init__(self, shell: Shell) -> None:
        self._shell = shell

    def outputs(self) -> dict[str, Any]:
        return json.loads(self._shell.type("pulumi stack output --json --show-secrets"))

    def resources(self) -> list[dict[str, Any]]:
        return json.loads(self._shell.type("pulumi stack export"))["deployment"]["resources"]


@contextlib.contextmanager
def reader(folder: Path) -> Iterator[Reader]:
    """Start everything; it ends with the block."""
    project = Project(folder)
    home, programs = folder / "home", folder / "bin"
    home.mkdir()
    programs.mkdir()
    _put(programs / "pulumi", f'exec {COMMAND_ROOT / "bin" / "pulumi"} "$@"')
    # For RDS, version 1 does not take the endpoint from the environment.
    _put(programs / "aws", f'exec {AWS_CLI} --endpoint-url "$AWS_ENDPOINT_URL" "$@"')
    for name in POSTGRESQL:
        _put(programs / name, f'exec {binaries() / "bin" / name} "$@"')
    modules = os.pathsep.join([str(ROOT / "tests"), str(ROOT / "templates" / "functions")])
    host = f"PYTHONPATH={shlex.quote(modules)} exec {sys.executable} -m documents.host"
    _put(programs / "pulumi-language-python", f'{host} "$@"')
    with contextlib.ExitStack() as running:
        made = running.enter_context(endpoint())
        server = Server(settings={"fsync": "off"})
        running.callback(server.remove)
        tracing = Daemon()
        running.callback(tracing.close)
        aws = Aws(made.url)
        aws.project = project.folder
        lambdas = Lambdas(aws, server, tracing, folder / "lambdas")
        aws.invoke = lambdas.invoke
        account = Account(aws, KINDS)
        # README, "What you need": a second copy needs the quota of addresses raised to 6.
        account.raised["elastic_ips"] = 6
        ports = {
            package: running.enter_context(serve(AccountProvider(package, account)))
            for package in ("aws", "tls")
        }
        environment = {
            "PATH": f"{programs}{os.pathsep}/usr/local/bin{os.pathsep}/usr/bin{os.pathsep}/bin",
            "HOME": str(home),
            "LANG": "C.UTF-8",
            # `file://~` is the account's home, whatever HOME says: nothing may go there.
            "PULUMI_BACKEND_URL": home.as_uri(),
            "PULUMI_DEBUG_PROVIDERS": ",".join(f"{name}:{port}" for name, port in ports.items()),
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            # A reader reads what is shown, and says yes.
            "PULUMI_SKIP_CONFIRMATIONS": "true",
            **GARBAGE_STAYS,
            "AWS_ENDPOINT_URL": aws.url,
            "AWS_ACCESS_KEY_ID": ANY_KEY,
            "AWS_SECRET_ACCESS_KEY": ANY_KEY,
            "AWS_EC2_METADATA_DISABLED": "true",
            "PYTHONDONTWRITEBYTECODE": "1",
            "PAYSTAGE_ENDPOINT_LACKS": str(LACKS),
            "PAYSTAGE_TRACE_SECONDS": "1",
        }
        shell = Shell(project.folder, environment)
        running.callback(shell.close)
        yield Reader(
            folder=project.folder,
            home=home,
            aws=aws,
            shell=shell,
            lambdas=lambdas,
            project=project,
            endpoint=made,
            tracing=tracing,
            server=server,
        )


def _put(program: Path, text: str) -> None:
    program.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    program.chmod(0o755)
