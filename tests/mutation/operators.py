"""The mutations of one recording: one argument changed or dropped, one edge, one resource at a time."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import cast

from tests.unit.resources import Recording, Resource
from tests.unit.values import as_list, as_map, parse_json, snake

from engine import sdk

Path = tuple[str | int, ...]

# Values that AWS accepts and that are worse: a change to one of them is harder to see than one to nonsense.
WEAKER: Mapping[str, str] = {
    "Active": "PassThrough",
    "ALL": "ACCEPT",
    "AWS_PROXY": "HTTP_PROXY",
    "BucketOwnerEnforced": "ObjectWriter",
    "ELBSecurityPolicy-TLS13-1-2-2021-06": "ELBSecurityPolicy-2016-08",
    "Enabled": "Disabled",
    "GreaterThanThreshold": "LessThanThreshold",
    "HTTPS": "HTTP",
    "HTTP_301": "HTTP_302",
    "INFO": "OFF",
    "JSON": "Text",
    "LessThanThreshold": "GreaterThanThreshold",
    "REGIONAL": "EDGE",
    "STRICT": "BASIC",
    "SecurityPolicy_TLS13_1_2_PFS_PQ_2025_09": "TLS_1_0",
    "allow": "deny",
    "Allow": "Deny",
    "Average": "SampleCount",
    "aws:kms": "AES256",
    "AES256": "aws:kms",
    "ddl": "all",
    "defensive": "monitor",
    "Deny": "Allow",
    "email": "sqs",
    "false": "true",
    "gp3": "gp2",
    "lambda": "ip",
    "notBreaching": "missing",
    "open-source-rds-extended-support-disabled": "open-source-rds-extended-support",
    "pending-reboot": "immediate",
    "python3.13": "python3.9",
    "standard": "advanced",
    "tcp": "-1",
    "vpc": "standard",
}
# Prose: any other wording is as good, so that it is dropped but not changed.
PROSE = {"alarm_description", "description", "label", "title", "message", "Sid"}
# Handed on as the team wrote it, or as it was installed: looked into by tests of their own.
OPAQUE = {"schema", "archive"}


@dataclass(frozen=True, kw_only=True)
class Mutation:
    """One difference from what the program registers."""

    kind: str
    resource: Resource
    path: str = ""
    detail: str = ""
    # What stands in the resource's place; nothing if it is dropped.
    mutant: Resource | None = None

    def __str__(self) -> str:
        """Give the line by which a survivor is named."""
        token = self.resource.token.partition(":")[2]
        where = f"{self.resource.component}/{self.resource.name}"
        return " ".join(part for part in (self.kind, token, self.path, where, self.detail) if part)

    def apply(self, recording: Recording) -> Recording:
        """Give the recording with the difference in it."""
        resources = (self.mutant if item is self.resource else item for item in recording.resources)
        return Recording(
            [item for item in resources if item is not None],
            suffix=recording.suffix,
            exports=recording.exports,
            components=recording.components,
            providers=recording.providers,
        )


def mutations(recording: Recording) -> Iterator[Mutation]:
    """Give all mutations, resource by resource."""
    for resource in recording.resources:
        yield Mutation(kind="drop-resource", resource=resource)
        yield from _edges(recording, resource)
        yield from _secrets(resource)
        yield from _arguments(recording, resource)


def _edges(recording: Recording, resource: Resource) -> Iterator[Mutation]:
    shown = frozenset[str]().union(*resource.property_dependencies.values())
    for urn in sorted(resource.dependencies - shown):
        mutant = replace(resource, dependencies=resource.dependencies - {urn})
        detail = f"-> {recording.by_urn[urn]}"
        yield Mutation(kind="drop-edge", resource=resource, detail=detail, mutant=mutant)
    yield Mutation(
        kind="change-order",
        resource=resource,
        detail="delete_before_replace",
        mutant=replace(
            resource,
            delete_before_replace=True if resource.delete_before_replace is None else None,
        ),
    )


def _secrets(resource: Resource) -> Iterator[Mutation]:
    """Take away each mark that the program sets; the SDK's are not its own."""
    of_sdk = {snake(name) for name in sdk.secret_outputs(resource.token)}
    for name in sorted(set(resource.secret_outputs) - of_sdk):
        rest = tuple(other for other in resource.secret_outputs if other != name)
        yield Mutation(
            kind="drop-mark",
            resource=resource,
            detail=name,
            mutant=replace(resource, secret_outputs=rest),
        )


def _arguments(recording: Recording, resource: Resource) -> Iterator[Mutation]:
    for name, value in sorted(resource.inputs.items()):
        rest = {key: other for key, other in resource.inputs.items() if key != name}
        yield Mutation(
            kind="drop-argument",
            resource=resource,
            path=name,
            mutant=_without_edges_of(replace(resource, inputs=rest), name),
        )
        for path, other in _changes(recording, resource, (name,), value):
            dropped = other is DROPPED
            # What is dropped is gone from the value that holds it.
            kind = "drop-part" if dropped else "change"
            yield Mutation(
                kind=kind,
                resource=resource,
                path="/".join(map(str, path)),
                detail="" if dropped else f"= {json.dumps(other)}",
                mutant=replace(resource, inputs=as_map(_put(resource.inputs, path, other))),
            )


def _without_edges_of(resource: Resource, argument: str) -> Resource:
    """Take away the edges that only this argument showed."""
    gone = resource.property_dependencies.get(argument, frozenset())
    rest = {name: urns for name, urns in resource.property_dependencies.items() if name != argument}
    shown = frozenset[str]().union(*resource.property_dependencies.values())
    explicit = resource.dependencies - shown
    still = explicit.union(*rest.values())
    return replace(
        resource,
        property_dependencies=rest,
        dependencies=(resource.dependencies - gone) | (resource.dependencies & still),
    )


class _Dropped:
    """Marks a part that is taken out."""


DROPPED = _Dropped()


def _parsed(value: object) -> object:
    """Look into a document in JSON."""
    if isinstance(value, str) and value[:1] in {"{", "["}:
        found = parse_json(value)
        return value if found is None else found
    return value


def _changes(
    recording: Recording, resource: Resource, path: Path, raw: object
) -> Iterator[tuple[Path, object]]:
    """Give the paths at which a value can differ, each with what stands there then."""
    value = _parsed(raw)
    key = str(path[-1])
    if key in OPAQUE:
        yield path, "{}" if isinstance(raw, str) else {}
    elif isinstance(value, Mapping):
        entries = as_map(cast("object", value))
        # The wire keeps no order of keys.
        for name, item in sorted(entries.items()):
            yield (*path, name), DROPPED
            yield from _changes(recording, resource, (*path, name), item)
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(as_list(cast("object", value))):
            yield (*path, index), DROPPED
            yield from _changes(recording, resource, (*path, index), item)
    elif isinstance(value, bool):
        yield path, not value
    elif isinstance(value, int):
        yield path, value + 1
    elif isinstance(value, float):
        yield path, value * 2
    elif isinstance(value, str) and not PROSE & set(map(str, path)):
        yield path, _other_text(recording, path, value)


def _other_text(recording: Recording, path: Path, value: str) -> str:
    place = {"Action", "Resource", "Principal"} & set(map(str, path))
    if place:
        return _broader(value, is_action="Action" in place)
    if value in WEAKER:
        return WEAKER[value]
    if value.isdigit():
        return str(int(value) + 1)
    if re.fullmatch(r"[\d.]+/\d+", value):
        return "10.0.0.0/8" if value == "0.0.0.0/0" else "0.0.0.0/0"
    referred = recording.referred(value)
    if referred is not None:
        return _neighbour(recording, referred, value)
    # Without the suffix two environments get into each other's way.
    bare = value.replace(f"-{recording.suffix}", "").replace(recording.suffix, "")
    return f"{value}-changed" if bare == value else bare


def _broader(value: str, *, is_action: bool) -> str:
    """Grant more than the policy does; where it grants everything already, grant something else."""
    if is_action:
        return "*" if value.endswith(":*") else f"{value.partition(':')[0]}:*"
    return "arn:aws:s3:::elsewhere" if value == "*" else "*"


def _neighbour(recording: Recording, referred: Resource, value: str) -> str:
    """Give the same output of another resource of the type, or a reference to nothing."""
    output = next((key for key, item in referred.outputs.items() if item == value), None)
    for other in recording.by_token[referred.token]:
        if other is not referred:
            found = other.id if output is None else other.outputs.get(output)
            if isinstance(found, str) and found != value:
                return found
    return f"{value}-elsewhere"


def _put(value: object, path: Path, other: object) -> object:
    """Give a copy of the value with another one at the path; documents in JSON stay texts."""
    if not path:
        return other
    if isinstance(value, str):
        return json.dumps(_put(parse_json(value), path, other))
    first, rest = path[0], path[1:]
    if isinstance(value, Mapping):
        entries = dict(as_map(cast("object", value)))
        if not rest and other is DROPPED:
            return {name: item for name, item in entries.items() if name != first}
        entries[str(first)] = _put(entries[str(first)], rest, other)
        return entries
    items = list(as_list(value))
    index = int(first)
    if not rest and other is DROPPED:
        return items[:index] + items[index + 1 :]
    items[index] = _put(items[index], rest, other)
    return items
