"""Two versions of a spec: what `paystagec compare` says of the way between them, and what the genuine engine does on it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pulumi.automation.errors import CommandError

from engine.project import TARGET
from engine.stack import engine
from engine.upgrade.registered import PROVIDER, end_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from engine.stack import Stack, Step

COMPILER = TARGET / "debug" / "paystagec"
DELETED, MADE = "delete-replaced", "create-replacement"


@dataclass(frozen=True, order=True)
class Done:
    """What happens to one resource: `create`, `update`, `replace` or `delete`, and in which order a replacement is made."""

    op: str
    resource: str
    order: str | None = None

    def __str__(self) -> str:
        return " ".join(part for part in (self.op, self.resource, self.order) if part)


def done(steps: Iterable[Step]) -> set[Done]:
    """The engine's steps, those of one resource together."""
    by_resource: dict[str, list[str]] = {}
    for step in steps:
        # A default provider is named for the version of its SDK, and is nothing in the account.
        if not (step.type.startswith(PROVIDER) and step.name.startswith("default")):
            by_resource.setdefault(end_of(step.urn), []).append(step.operation)
    made = {_last(resource) for resource, found in by_resource.items() if MADE in found}
    return {
        _done(resource, operations)
        for resource, operations in by_resource.items()
        # Under an alias, the old half of a replacement has the old URN.
        if not (operations == [DELETED] and _last(resource) in made)
    }


def _last(resource: str) -> str:
    """Its own type and name, without its parents."""
    return resource.rsplit("$", 1)[-1]


def _done(resource: str, operations: Sequence[str]) -> Done:
    if MADE in operations:
        deleted_first = DELETED in operations[: operations.index(MADE)]
        order = "delete-before-create" if deleted_first else "create-before-delete"
        return Done("replace", resource, order)
    # What went so that another one could be made anew, and does not come again.
    return Done("delete" if DELETED in operations else operations[0], resource)


def foretold(comparison: dict[str, Any], among: str = "steps") -> set[Done]:
    """What `compare` says."""
    return {Done(step["op"], step["resource"], step["order"]) for step in comparison[among]}


class Pair:
    """Two specs in folders of their own, each beside what it was built into."""

    def __init__(self, before: Path, after: Path, today: str) -> None:
        """Build both."""
        self.before, self.after = before, after
        self._today = ("--today", today)
        for spec in (before, after):
            self._compiler("build", spec, "--out", self.project(spec), "--force")
            environment = self.project(spec) / ".venv"
            if not environment.exists():
                environment.symlink_to(sys.prefix)

    @staticmethod
    def project(spec: Path) -> Path:
        """Where its project is."""
        return spec.parent.parent / "generated"

    def _compiler(self, *words: str | Path) -> str:
        command = [COMPILER, *words, *self._today]
        run = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603 - our own binary
        assert run.returncode == 0, run.stderr
        return run.stdout

    @cached_property
    def comparison(self) -> dict[str, Any]:
        """What `compare` says."""
        text = self._compiler("compare", self.before, self.after, "--format", "json")
        return json.loads(text)

    def deployed(self, home: Path, *, preview: bool = False) -> tuple[set[Done], str | None]:
        """Deploy one after the other: what the engine did for the second, and what AWS refused."""
        with engine(home) as running:
            name = self._environment()
            running.stack(self.project(self.before), name).up()
            second = running.stack(self.project(self.after), name)
            return _tried(second, preview=preview)

    def _environment(self) -> str:
        (settings,) = self.project(self.before).glob("Pulumi.*.yaml")
        return settings.name.split(".")[1]


def _tried(stack: Stack, *, preview: bool) -> tuple[set[Done], str | None]:
    try:
        run = stack.preview() if preview else stack.up()
    except CommandError as error:
        return set(), str(error)
    return done(run.changes()), None


def copied(spec: Path, folder: Path, text: str | None = None) -> Path:
    """A copy of a spec and of all that lies beside it, in a folder of its own."""
    shutil.copytree(spec.parent, folder / "spec")
    copy = folder / "spec" / spec.name
    if text is not None:
        copy.write_text(text)
    return copy
