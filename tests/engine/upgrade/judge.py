"""Which steps from the old stack to the present project were promised not to happen, and which of them were announced."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from cloud import tokens as t
from engine.upgrade.registered import PROVIDER, end_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from engine.stack import Step

ANNOUNCED = Path(__file__).with_name("announced.toml")
LIBRARIES = "aws:lambda/layerVersion:LayerVersion"
REPLACING = {"create-replacement", "replace"}
MIGRATION = "aws:lambda/invocation:Invocation"
# What stands for a state of something else, and is made anew with it. Nothing else is ever replaced.
SNAPSHOTS = (t.DEPLOYMENT, LIBRARIES, MIGRATION)
# What makes a route of an entry point, and holds nothing. Nothing else is ever deleted.
ROUTES = (t.API_RESOURCE, t.METHOD, t.INTEGRATION, t.PERMISSION, t.LISTENER_RULE)
# A version brings new code, which Lambda takes in place, and may need another version of the SDK.
NOT_COUNTED = {t.FUNCTION: {"code"}, f"{PROVIDER}aws": {"version"}}


@dataclass(frozen=True)
class Announced:
    """One entry of `announced.toml`."""

    op: str
    # Pattern for the end of a URN.
    resource: str
    reason: str
    # Of an update: the inputs that change, by their names on the wire.
    inputs: tuple[str, ...] = ()

    def covers(self, change: Change) -> bool:
        """Whether this change is announced here."""
        same = self.op == change.op and fnmatchcase(change.resource, self.resource)
        return same and (self.op != "update" or set(change.inputs) <= set(self.inputs))


@dataclass(frozen=True)
class Change:
    """What happens to one resource or component, all steps together."""

    op: str
    resource: str
    type: str
    inputs: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.op} {self.resource} {' '.join(self.inputs)}".rstrip()


def announced(file: Path = ANNOUNCED) -> list[Announced]:
    """The changes that later versions have announced."""
    entries = tomllib.loads(file.read_text("utf-8")).get("change", [])
    return [Announced(**{**entry, "inputs": tuple(entry.get("inputs", ()))}) for entry in entries]


def changes(steps: Iterable[Step]) -> list[Change]:
    """The changes of a run: of resources and of components."""
    by_urn: dict[str, list[Step]] = defaultdict(list)
    for step in steps:
        # Default providers are named for the version of their SDK, and are nothing in the account.
        if not (step.type.startswith(PROVIDER) and step.name.startswith("default")):
            by_urn[step.urn].append(step)
    replaced = {
        (step.type, step.name)
        for of_one in by_urn.values()
        for step in of_one
        if step.operation in REPLACING
    }
    found: list[Change] = []
    for urn, of_one in by_urn.items():
        inputs = {name.split(".")[0].split("[")[0] for step in of_one for name in step.changed}
        operations = {step.operation for step in of_one}
        # Under an alias, the old half of a replacement has the old URN. The new half is judged.
        if operations == {"delete-replaced"} and (of_one[0].type, of_one[0].name) in replaced:
            continue
        op = operations.pop() if len(operations) == 1 else "replace"
        if op == "update":
            inputs -= NOT_COUNTED.get(of_one[0].type, set())
        if op != "update" or inputs:
            found.append(Change(op, end_of(urn), of_one[0].type, tuple(sorted(inputs))))
    return sorted(found, key=str)


def offences(found: Iterable[Change], entries: Iterable[Announced]) -> list[str]:
    """Broken promises, and announcements of what does not happen."""
    found, entries = list(found), list(entries)
    wrong = [
        f"announced, but may not be: {entry.op} {entry.resource}"
        for entry in entries
        if not _may_be_announced(entry, found) or not entry.reason.strip()
    ]
    wrong += [
        f"not announced: {change}"
        for change in found
        if not any(entry.covers(change) for entry in entries)
    ]
    wrong += [
        f"announced, but does not happen: {entry.op} {entry.resource}"
        for entry in entries
        if not any(entry.covers(change) for change in found)
    ]
    return wrong


def _may_be_announced(entry: Announced, found: Iterable[Change]) -> bool:
    if entry.op == "replace":
        return all(change.type in SNAPSHOTS for change in found if entry.covers(change))
    if entry.op == "delete":
        return all(change.type in ROUTES for change in found if entry.covers(change))
    return entry.op == "create" or (entry.op == "update" and bool(entry.inputs))
