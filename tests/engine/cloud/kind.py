"""How one type of resource behaves in the cloud of the tests: a row of data each, with functions where AWS has a rule."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from engine.cloud.store import Cloud


class Refused(Exception):  # noqa: N818 - what AWS does, not what went wrong here
    """AWS would not do this; the message says why."""


@dataclass(frozen=True)
class Ref:
    """An argument that names another resource, which must exist and cannot be deleted before this one."""

    # For example `routes[].gatewayId`.
    path: str
    tokens: tuple[str, ...]
    # The property of the other resource that the argument holds; alternatives with a bar between.
    by: str = "id"
    # True where AWS deletes the other resource although this one still names it.
    loose: bool = False


@dataclass
class Record:
    """One resource that exists."""

    token: str
    urn: str
    region: str
    # Generated ids follow from it: the same program makes the same ids, a second creation makes others.
    seed: str
    inputs: dict[str, Any]
    outputs: dict[str, Any] = field(default_factory=dict[str, Any])
    refers: list[tuple[Ref, Record]] = field(default_factory=list["tuple[Ref, Record]"])
    # What a rule found in place when it was made: without it AWS would have refused, so an edge must lead there.
    needs: list[Record] = field(default_factory=list["Record"])
    # What it keeps of the moment when it was made.
    memory: dict[str, Any] = field(default_factory=dict[str, Any])

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

    def get(self, name: str) -> Any:
        """A property, computed or given."""
        return self.outputs.get(name, self.inputs.get(name))


@dataclass(frozen=True)
class Kind:
    """One type of resource."""

    token: str
    # Computed properties, with the id among them.
    outputs: Callable[[Cloud, Record], dict[str, Any]]
    refs: tuple[Ref, ...] = ()
    # Sets of properties of which no two resources may have the same values.
    unique: tuple[tuple[str, ...], ...] = ()
    # Names count in the whole account, not in one region.
    everywhere: bool = False
    # All networks that it touches must be the same one.
    one_vpc: bool = False
    # Arguments that hold policy documents, and of which sort.
    policies: tuple[tuple[str, str], ...] = ()
    create_rules: tuple[Callable[[Cloud, Record], None], ...] = ()
    delete_rules: tuple[Callable[[Cloud, Record], None], ...] = ()
    # Two of them cannot be made at the same moment.
    exclusive: bool = False
    # Not an object at AWS but a setting of one that remains; a second one overwrites the first.
    setting: bool = False


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
