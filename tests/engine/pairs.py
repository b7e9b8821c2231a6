"""Versions of a spec, one after the other: what `paystagec compare` says of each way, and what the genuine engine does on it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from cloud import tokens as t
from engine.forgiving import Forgiving, RefusedCall
from engine.project import TARGET
from engine.stack import engine
from engine.upgrade.registered import PROVIDER, end_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from engine.stack import Engine, Step

COMPILER = TARGET / "debug" / "paystagec"
# A certificate that the spec names, and that is there.
CERTIFICATE = re.compile(r"arn:aws:acm:[a-z0-9-]+:\d{12}:certificate/[a-f0-9-]+")
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
    steps = list(steps)
    # Under an alias, the old half of a replacement has the old name.
    renamed = {end_of(step.old_urn): end_of(step.urn) for step in steps if step.operation == MADE}
    by_resource: dict[str, list[str]] = {}
    for step in steps:
        # A default provider is named for the version of its SDK, and is nothing in the account.
        if not (step.type.startswith(PROVIDER) and step.name.startswith("default")):
            resource = end_of(step.urn)
            if step.operation == DELETED:
                resource = renamed.get(resource, resource)
            by_resource.setdefault(resource, []).append(step.operation)
    made = {_last(resource) for resource, found in by_resource.items() if MADE in found}
    return {
        _done(resource, operations)
        for resource, operations in by_resource.items()
        # Under the alias of a type, the old half has the old URN.
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


def foretold(comparison: dict[str, Any], *among: str) -> set[Done]:
    """What `compare` says."""
    return {
        Done(step["op"], step["resource"], step["order"])
        for part in among or ("steps",)
        for step in comparison[part]
    }


def reasons(comparison: dict[str, Any]) -> dict[str, set[str]]:
    """By resource that is updated: the inputs that differ, by their names on the wire."""
    return {
        step["resource"]: {_wire(because["argument"]) for because in step["because"]}
        for step in comparison["steps"]
        if step["op"] == "update"
    }


def _wire(argument: str) -> str:
    first, *others = argument.split("_")
    return first + "".join(other.capitalize() for other in others)


def differences(said: set[Done], done: set[Done]) -> list[str]:
    """What was only said, and what was only done."""
    found = [f"only foretold: {one}" for one in sorted(said - done, key=str)]
    return found + [f"only done: {one}" for one in sorted(done - said, key=str)]


def not_foretold(comparison: dict[str, Any], taken: Taken) -> list[str]:
    """The calls that AWS would have refused, and of which `compare` named no reason that holds.

    What AWS takes in silence, and what leaves others without something, is foretold too by what it interrupts, loses or asks of somebody.
    """
    said = {_said(each) for each in comparison["refusals"]}
    harmed = {each["resource"] for part in ("outage", "data") for each in comparison[part]}
    if any("has to be confirmed" in each["what"] for each in comparison["clients"]):
        topics = (step for step in comparison["steps"] if step["type"] == t.TOPIC)
        harmed |= {step["resource"] for step in topics}
    return [
        str(call)
        for call in taken.refused
        if not said & set(call.causes()) and not (call.is_silent() and end_of(call.urn) in harmed)
    ]


def not_refused(comparison: dict[str, Any], taken: Taken) -> list[str]:
    """What was foretold and did not come: the engine may take two steps in either order, and took the one that goes well."""
    done = {cause for call in taken.refused for cause in call.causes()}
    return [str(each) for each in comparison["refusals"] if _said(each) not in done]


def _said(refusal: dict[str, Any]) -> tuple[str, str, str]:
    return refusal["op"], refusal["type"], refusal["error"] or ""


class Version:
    """A spec in a folder of its own, beside what it was built into."""

    def __init__(self, spec: Path, today: str) -> None:
        """Build it."""
        self.spec, self.today = spec, today
        self.project = spec.parent.parent / "generated"
        _compiler("build", spec, "--out", self.project, "--force", "--today", today)
        (self.project / ".venv").symlink_to(sys.prefix)
        (settings,) = self.project.glob("Pulumi.*.yaml")
        self.stack = settings.name.split(".")[1]
        # The state of a walk is a file, wherever the spec keeps it.
        lines = settings.read_text().splitlines(keepends=True)
        settings.write_text("".join(line for line in lines if "secretsprovider:" not in line))

    def compared(self, new: Version) -> dict[str, Any]:
        """What `compare` says of the way to another one."""
        words = ("--format", "json", "--today", self.today)
        return json.loads(_compiler("compare", self.spec, new.spec, *words))


def _compiler(*words: str | Path) -> str:
    run = subprocess.run([COMPILER, *words], check=False, capture_output=True, text=True)  # noqa: S603 - our own binary
    assert run.returncode == 0, run.stderr
    return run.stdout


@dataclass(frozen=True)
class Taken:
    """What the engine did."""

    steps: set[Done]
    # What AWS would have refused meanwhile, first to last.
    refused: list[RefusedCall]
    # By resource that was updated: the inputs that the provider found to differ.
    differing: dict[str, set[str]]


class Walk:
    """A stack that goes from version to version. Each deployment but the first is the second half of a pair."""

    def __init__(self, home: Path) -> None:
        """Begin with nothing."""
        self._home, self._homes = home, 0
        self._running = ExitStack()
        self._engine: Engine | None = None
        self._cloud = Forgiving()
        self._at: Version | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._running.close()

    def begin(self, version: Version) -> None:
        """Stand there, in an empty account unless the walk already does."""
        if self._at is version:
            return
        self._running.close()
        self._cloud, self._homes, self._at = Forgiving(), self._homes + 1, None
        home = self._home / str(self._homes)
        self._engine = self._running.enter_context(engine(home, self._cloud))
        self.to(version)

    def preview(self, version: Version) -> set[Done]:
        """What `pulumi preview` shows."""
        return done(self._stack(version).preview().changes())

    def to(self, version: Version) -> Taken:
        """Deploy."""
        # What the program says: a spec may spell a text in many ways.
        modules = (version.project / "components").rglob("*.py")
        program = "\n".join(module.read_text() for module in modules)
        for arn in CERTIFICATE.findall(program):
            if self._cloud.by_arn(arn) is None:
                self._cloud.stands(t.CERTIFICATE, arn)
        # Without it, another stack sets the role for API Gateway's logs.
        if "aws.apigateway.Account(" not in program and not self._cloud.all(t.API_ACCOUNT):
            self._cloud.stands(t.API_ACCOUNT, "api-gateway-account")
        self._cloud.refused.clear()
        self._at = None
        changes = self._stack(version).up().changes()
        self._at = version
        refused = list(self._cloud.refused)
        updates = (step for step in changes if step.operation == "update")
        differing = {end_of(step.urn): set(step.changed) for step in updates}
        return Taken(done(changes), refused, differing)

    def _stack(self, version: Version) -> Any:
        assert self._engine is not None
        return self._engine.stack(version.project, version.stack)


def copied(spec: Path, folder: Path, text: str | None = None) -> Path:
    """A copy of a spec and of all that lies beside it, in a folder of its own."""
    shutil.copytree(spec.parent, folder / "spec")
    copy = folder / "spec" / spec.name
    if text is not None:
        copy.write_text(text)
    return copy
