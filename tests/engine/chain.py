"""The longest chain of resources that wait for each other, by number and by the time that AWS takes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from cloud import tokens as t

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

# Minutes that a creation takes, the upper end of what apply logs and acceptance tests show; a few seconds for the rest.
# Where from: the project's notes on AWS, "What decides the time of an up"; the first function in a VPC is from memory.
MINUTES = {
    t.DATABASE: 17.0,
    t.LOAD_BALANCER: 3.1,
    t.NAT_GATEWAY: 2.6,
    t.FUNCTION: 2.0,
}
OTHERWISE = 0.1


@dataclass(frozen=True)
class Link:
    """One resource of a chain."""

    type: str
    name: str
    minutes: float


def minutes_of(type_: str) -> float:
    """How long AWS takes to make one."""
    return MINUTES.get(type_, OTHERWISE)


def longest(resources: Sequence[dict[str, Any]], weight: Callable[[str], float]) -> list[Link]:
    """The chain with the greatest sum of weights, from first to last."""
    custom = {r["urn"]: r for r in resources if r.get("custom") and not _is_provider(r)}

    @cache
    def total(urn: str) -> float:
        return weight(custom[urn]["type"]) + max(
            map(total, _waits_for(custom[urn], custom)), default=0
        )

    chain: list[Link] = []
    current = max(custom, key=total, default=None)
    while current is not None:
        type_ = custom[current]["type"]
        chain.append(Link(type_, current.rsplit("::", 1)[-1], minutes_of(type_)))
        current = max(_waits_for(custom[current], custom), key=total, default=None)
    return chain[::-1]


def explicit_edges(resources: Sequence[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    """Edges that come from `depends_on` alone, not from a value that is passed on."""
    for resource in resources:
        passed = {
            urn for urns in resource.get("propertyDependencies", {}).values() for urn in urns or []
        }
        for dependency in resource.get("dependencies", []):
            if resource.get("custom") and dependency not in passed:
                yield resource["urn"], dependency


def class_of(urn: str) -> str:
    """`Vpc`, the last part of a resource's type."""
    return urn.split("::")[-2].rsplit(":", 1)[-1]


def ancestors(resources: Sequence[dict[str, Any]]) -> dict[str, frozenset[str]]:
    """Whatever each resource waits for, over any number of edges."""
    custom = {r["urn"]: r for r in resources if r.get("custom")}

    @cache
    def above(urn: str) -> frozenset[str]:
        direct = _waits_for(custom[urn], custom)
        return frozenset(direct).union(*map(above, direct))

    return {urn: above(urn) for urn in custom}


def _is_provider(resource: dict[str, Any]) -> bool:
    return resource["type"].startswith("pulumi:providers:")


def _waits_for(resource: dict[str, Any], custom: dict[str, Any]) -> list[str]:
    found = dict.fromkeys(resource.get("dependencies", []))
    for urns in resource.get("propertyDependencies", {}).values():
        found |= dict.fromkeys(urns or [])
    return [urn for urn in found if urn in custom]
