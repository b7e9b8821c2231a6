"""What stands in an account as this cloud sees it, what refers to what, and what AWS says when it refuses."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

CODE = re.compile(r"^([A-Z][A-Za-z0-9]+(?:\.[A-Z][A-Za-z]+)*): ")


class Refused(Exception):  # noqa: N818 - what AWS does, not what went wrong here
    """AWS would not do this, or nobody should have it done; the message says why."""

    @property
    def error(self) -> str:
        """AWS's name of the error, with which the message begins; none for what AWS takes in silence."""
        found = CODE.match(str(self))
        return found[1] if found else ""


@dataclass(frozen=True)
class Ref:
    """An argument that names another resource, which must exist, and cannot be deleted before this one."""

    # For example `routes[].gatewayId`.
    path: str
    tokens: tuple[str, ...]
    # The property of the other resource that the argument holds; alternatives with a bar between.
    by: str = "id"
    # What AWS says when the other one is deleted first. Nothing where it does so in silence, and this one is left broken.
    in_use: str = ""
    # True where that breaks nothing.
    loose: bool = False


@dataclass(frozen=True)
class Unique:
    """Arguments of which no two resources may have the same values."""

    names: tuple[str, ...]
    # What AWS says to the second. Nothing where it puts the second in the place of the first, which is lost with it.
    error: str = ""


@dataclass
class Record:
    """One resource that exists."""

    token: str
    urn: str
    region: str
    # Generated ids follow from it: the same program makes the same ids, a second creation makes others. A resource keeps it when it changes,
    # so that it tells one from all others, also from the one that it replaces under the same URN.
    seed: str
    inputs: dict[str, Any]
    outputs: dict[str, Any] = field(default_factory=dict[str, Any])
    refers: list[tuple[Ref, Record]] = field(default_factory=list["tuple[Ref, Record]"])
    # What a rule found in place when it was made: without it AWS would have refused, so an edge must lead there.
    needs: list[Record] = field(default_factory=list["Record"])
    # What it keeps of the moment when it was made.
    memory: dict[str, Any] = field(default_factory=dict[str, Any])
    # By the cloud's clock, in hours.
    deleted_at: float = 0.0

    @property
    def id(self) -> str:
        """The id that the engine knows."""
        return self.outputs["id"]

    @property
    def name(self) -> str:
        """Logical name, for messages."""
        return self.urn.rsplit("::", 1)[-1]

    def hex(self, length: int, salt: str = "") -> str:
        """Part of a generated id."""
        return hashlib.sha256(f"{self.seed}{salt}".encode()).hexdigest()[:length]

    def uuid(self) -> str:
        """A generated id of five parts."""
        digits = self.hex(32)
        return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))

    def get(self, name: str) -> Any:
        """A property, computed or given."""
        return self.outputs.get(name, self.inputs.get(name))


def values_at(inputs: Mapping[str, Any], path: str) -> Iterator[tuple[str, Any]]:
    """Values at a path like `routes[].gatewayId`, each with its exact place."""
    yield from _values_at(inputs, path.split("."), "")


def _values_at(value: Any, parts: list[str], place: str) -> Iterator[tuple[str, Any]]:
    if not parts:
        if value not in (None, "", []):
            yield place, value
        return
    head, rest = parts[0], parts[1:]
    name, is_list = head.removesuffix("[]"), head.endswith("[]")
    if not isinstance(value, dict) or name not in value:
        return
    inner = value[name]
    where = f"{place}.{name}" if place else name
    if not is_list:
        yield from _values_at(inner, rest, where)
        return
    for index, item in enumerate(inner if isinstance(inner, list) else [inner]):
        yield from _values_at(item, rest, f"{where}[{index}]")
