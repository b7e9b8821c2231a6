"""The recording: every resource that the program registered, and questions to ask about them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import cast

from tests.owners_keys import OWNERS_KEYS
from tests.unit.kinds import KEY
from tests.unit.policies import Statement, statements
from tests.unit.values import as_list, as_map, as_number, as_text, as_texts

# Types that others refer to by a physical name, with the output that holds it.
PHYSICAL_NAMES = {
    "aws:cloudwatch/eventRule:EventRule": ("name",),
    "aws:cloudwatch/logDeliverySource:LogDeliverySource": ("name",),
    "aws:cloudwatch/logGroup:LogGroup": ("name",),
    "aws:lambda/function:Function": ("name", "invoke_arn"),
    "aws:rds/parameterGroup:ParameterGroup": ("name",),
    "aws:rds/snapshotCopy:SnapshotCopy": ("target_db_snapshot_identifier",),
    "aws:rds/subnetGroup:SubnetGroup": ("name",),
    "aws:s3/bucket:Bucket": ("bucket",),
    "aws:apigateway/model:Model": ("name",),
}


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One registration, with its arguments under the names that the SDK gives them."""

    token: str
    name: str
    # Path of the components above it: `network`, or `functions/validate-payment`.
    component: str
    urn: str
    id: str
    inputs: Mapping[str, object]
    outputs: Mapping[str, object] = field(default_factory=dict[str, object])
    # URNs of all that must exist first, and of those that an argument refers to.
    dependencies: frozenset[str] = frozenset()
    property_dependencies: Mapping[str, frozenset[str]] = field(
        default_factory=dict[str, frozenset[str]]
    )
    provider: str = ""
    protect: bool = False
    retain_on_delete: bool = False
    # Nothing where the program leaves it to the provider.
    delete_before_replace: bool | None = None
    # Arguments that count when it is made and never after, under the names that the SDK gives them.
    ignore_changes: tuple[str, ...] = ()
    # Outputs that lie encrypted in the state, as the program and the SDK say.
    secret_outputs: tuple[str, ...] = ()
    # Logical names of earlier versions. Aliases of the SDK's own are other types, and have no name.
    aliases: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Give type and name, as a failing assertion shows it."""
        return f"{self.token} {self.component}/{self.name}"

    @property
    def arn(self) -> str:
        """Give the ARN that AWS would give."""
        return as_text(self.outputs.get("arn"))

    def get(self, path: str) -> object:
        """Give the value under a dotted path; of a list the only member."""
        value: object = self.inputs
        for key in path.split("."):
            if isinstance(value, (list, tuple)):
                members = as_list(cast("object", value))
                value = members[0] if len(members) == 1 else None
            value = as_map(value).get(key)
        return value

    def has(self, path: str) -> bool:
        """Tell whether the argument is given."""
        return self.get(path) is not None

    def text(self, path: str) -> str:
        """Give a text argument."""
        return as_text(self.get(path))

    def texts(self, path: str) -> list[str]:
        """Give the texts of a list argument."""
        return as_texts(self.get(path))

    def number(self, path: str) -> float:
        """Give a number argument; NaN when it is absent."""
        return as_number(self.get(path))

    def is_true(self, path: str) -> bool:
        """Tell whether the argument is given and true."""
        return self.get(path) is True

    def is_false(self, path: str) -> bool:
        """Tell whether the argument is given and false."""
        return self.get(path) is False

    def maps(self, path: str) -> list[Mapping[str, object]]:
        """Give the members of a list of blocks."""
        return [as_map(item) for item in as_list(self.get(path))]

    def statements(self, path: str = "policy") -> list[Statement]:
        """Give the statements of an IAM document."""
        return statements(self.text(path))

    @property
    def tags(self) -> Mapping[str, object]:
        """Give the explicit tags."""
        return as_map(self.inputs.get("tags"))


class Recording:
    """All registrations of one run of the program."""

    def __init__(
        self,
        resources: Iterable[Resource],
        *,
        suffix: str,
        exports: Mapping[str, object] | None = None,
        components: Sequence[Resource] = (),
        providers: Sequence[Resource] = (),
    ) -> None:
        """Take the registrations of custom resources, components and providers apart."""
        self.resources: list[Resource] = list(resources)
        self.suffix: str = suffix
        self.exports: Mapping[str, object] = exports or {}
        self.components: Sequence[Resource] = components
        self.providers: Sequence[Resource] = providers

    @cached_property
    def by_token(self) -> dict[str, list[Resource]]:
        """Group the resources by type."""
        groups: defaultdict[str, list[Resource]] = defaultdict(list)
        for resource in self.resources:
            groups[resource.token].append(resource)
        return dict(groups)

    @cached_property
    def by_urn(self) -> dict[str, Resource]:
        """Index the resources by URN."""
        return {resource.urn: resource for resource in self.resources}

    @cached_property
    def _by_reference(self) -> dict[str, Resource]:
        by_name = {
            reference: resource
            for resource in self.resources
            for output in PHYSICAL_NAMES.get(resource.token, ())
            if (reference := as_text(resource.outputs.get(output)))
        }
        return by_name | {
            reference: resource
            for resource in self.resources
            for reference in (resource.id, resource.arn)
            if reference
        }

    def of(self, kind: str) -> list[Resource]:
        """Give the resources of a type: ``ec2/vpc:Vpc``."""
        return self.by_token.get(f"aws:{kind}", [])

    def one(self, kind: str) -> Resource:
        """Give the only resource of a type."""
        found = self.of(kind)
        assert len(found) == 1, f"one {kind} expected, registered are {[str(r) for r in found]}"
        return found[0]

    def referred(self, reference: object) -> Resource | None:
        """Give the resource that an id, an ARN or a physical name belongs to."""
        return self._by_reference.get(as_text(reference))

    def target(self, reference: object, kind: str) -> Resource:
        """Give the resource of a type that a reference must lead to."""
        found = self.referred(reference)
        assert found is not None, f"{reference!r} leads to nothing that is registered"
        assert found.token == f"aws:{kind}", f"{reference!r} leads to {found}, not to {kind}"
        return found

    def key_of(self, reference: object, role: str) -> str:
        """Give the ARN of the key for a kind of data, to which a reference must lead: its owner's, or ours."""
        if role in OWNERS_KEYS:
            assert as_text(reference) == OWNERS_KEYS[role]
            return OWNERS_KEYS[role]
        return self.target(reference, KEY).arn

    def attached(self, kind: str, argument: str, owner: Resource) -> list[Resource]:
        """Give the resources of a type whose argument refers to the owner."""
        return [
            resource
            for resource in self.of(kind)
            if any(self.referred(value) is owner for value in resource.texts(argument))
        ]

    def needs(self, resource: Resource, other: Resource) -> bool:
        """Tell whether the resource waits for the other one itself, by an argument or an edge."""
        return other.urn in resource.dependencies

    def reaches(self, resource: Resource) -> set[str]:
        """Give the URNs of all that must exist before the resource, directly or not."""
        seen: set[str] = set()
        waiting = list(resource.dependencies)
        while waiting:
            urn = waiting.pop()
            if urn in seen:
                continue
            seen.add(urn)
            if found := self.by_urn.get(urn):
                waiting.extend(found.dependencies)
        return seen
