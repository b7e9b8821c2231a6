"""The resources of one account, and the rules that hold for all of them."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from engine.cloud import policy
from engine.cloud.kind import Kind, Record, Ref, Refused, values_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# How long the creation of a resource takes that excludes others of its type; long enough for a second to come in between.
EXCLUSIVE_SECONDS = 0.05

VPC = "aws:ec2/vpc:Vpc"


class Cloud:
    """One account. Every method may be called from several threads."""

    def __init__(self, kinds: Mapping[str, Kind], account: str = "123456789012") -> None:
        self.account = account
        self.records: list[Record] = []
        self.deleted: list[Record] = []
        self._kinds = kinds
        self._lock = threading.RLock()
        self._busy: set[tuple[str, str]] = set()
        self._generations: dict[str, int] = {}

    # What others ask.

    def kind(self, token: str) -> Kind:
        """How this type behaves."""
        if token not in self._kinds:
            message = (
                f"the cloud of the tests does not know {token}: describe it in tests/engine/cloud"
            )
            raise Refused(message)
        return self._kinds[token]

    def all(self, token: str, /, **properties: Any) -> list[Record]:
        """Resources of a type with these properties."""
        return [
            record
            for record in self.records
            if record.token == token
            and all(record.get(name) == value for name, value in properties.items())
        ]

    def one(self, token: str, /, **properties: Any) -> Record | None:
        """A resource of a type with these properties."""
        found = self.all(token, **properties)
        return found[0] if found else None

    def needed(self, record: Record, token: str, /, **properties: Any) -> Record | None:
        """The same for a rule: what it finds must have been made before the record."""
        found = self.one(token, **properties)
        if found is not None:
            record.needs.append(found)
        return found

    def by_arn(self, arn: str) -> Record | None:
        """Whatever has this ARN."""
        return next((record for record in self.records if record.get("arn") == arn), None)

    def vpc_of(self, record: Record) -> str | None:
        """The network that a resource lies in."""
        if record.token == VPC:
            return record.id
        if isinstance(record.get("vpcId"), str):
            return record.get("vpcId")
        for _, other in record.refers:
            found = self.vpc_of(other)
            if found:
                return found
        return None

    # What the provider does.

    def create(self, token: str, urn: str, region: str, inputs: dict[str, Any]) -> Record:
        """Makes a resource, or refuses."""
        kind = self.kind(token)
        with self._alone(kind, region), self._lock:
            generation = self._generations.get(urn, 0) + 1
            self._generations[urn] = generation
            record = Record(token, urn, region, f"{self.account}/{urn}/{generation}", inputs)
            self._settle(kind, record, present=None)
            if kind.setting:
                self.records = [
                    other
                    for other in self.records
                    if (other.token, other.region, other.id) != (token, region, record.id)
                ]
            self.records.append(record)
            return record

    def update(self, token: str, urn: str, id_: str, inputs: dict[str, Any]) -> Record:
        """Changes a resource in place, or refuses."""
        with self._lock:
            present = self._present(token, urn, id_)
            changed = replace(present, urn=urn, inputs=inputs, outputs=dict(present.outputs))
            self._settle(self.kind(token), changed, present)
            # In place, because others point at this very object.
            present.urn, present.inputs, present.outputs = urn, inputs, changed.outputs
            present.refers, present.needs = changed.refers, changed.needs
            present.memory = changed.memory
            return present

    def delete(self, token: str, urn: str, id_: str) -> None:
        """Deletes a resource, or refuses."""
        with self._lock:
            kind = self.kind(token)
            record = self._present(token, urn, id_)
            for other in self.records:
                for ref, target in other.refers:
                    if target is record and not ref.loose and other is not record:
                        message = (
                            f"DependencyViolation: {record.name} ({record.id}) is in use by "
                            f"{other.name} ({other.id}) as {ref.path}"
                        )
                        raise Refused(message)
            for rule in kind.delete_rules:
                rule(self, record)
            self.records = [other for other in self.records if other is not record]
            self.deleted.append(record)

    def find(self, token: str, urn: str, id_: str) -> Record | None:
        """The resource that the engine means. Some ids are not unique, so the URN decides between those."""
        found = self.all(token, id=id_)
        return next((record for record in found if record.urn == urn), found[0] if found else None)

    def _present(self, token: str, urn: str, id_: str) -> Record:
        found = self.find(token, urn, id_)
        if found is None:
            message = f"NotFound: there is no {token} with id {id_}"
            raise Refused(message)
        return found

    # Rules for all types.

    def _settle(self, kind: Kind, record: Record, present: Record | None) -> None:
        record.refers = list(self._references(kind, record))
        record.needs = [other for _, other in record.refers]
        if kind.one_vpc:
            self._refuse_other_vpc(record)
        if not kind.setting:
            self._refuse_duplicate(kind, record, present)
        for name, sort in kind.policies:
            if name in record.inputs:
                policy.check(self, record.inputs[name], sort, f"{record.name}.{name}")
        computed = kind.outputs(self, record)
        record.outputs = {**record.inputs, **computed}
        for rule in kind.create_rules:
            rule(self, record)

    def _references(self, kind: Kind, record: Record) -> Iterator[tuple[Ref, Record]]:
        for ref in kind.refs:
            for place, value in values_at(record.inputs, ref.path):
                yield ref, self._target(ref, place, value, record)

    def _target(self, ref: Ref, place: str, value: Any, record: Record) -> Record:
        for other in self.records:
            if other.token in ref.tokens and value in [
                other.get(name) for name in ref.by.split("|")
            ]:
                return other
        wanted = " or ".join(token.rsplit(":", 1)[-1] for token in ref.tokens)
        message = f"NotFound: {record.name}.{place}: there is no {wanted} with {ref.by} {value!r}"
        raise Refused(message)

    def _refuse_other_vpc(self, record: Record) -> None:
        found = {self.vpc_of(other): other.name for _, other in record.refers}
        if isinstance(record.inputs.get("vpcId"), str):
            found[record.inputs["vpcId"]] = "vpcId"
        found.pop(None, None)
        if len(found) > 1:
            message = f"InvalidParameter: {record.name} joins different networks: {found}"
            raise Refused(message)

    def _refuse_duplicate(self, kind: Kind, record: Record, present: Record | None) -> None:
        for names in kind.unique:
            identity = tuple(record.inputs.get(name) for name in names)
            if identity[0] is None:
                continue
            for other in self.all(record.token):
                if other is present or not (kind.everywhere or other.region == record.region):
                    continue
                if tuple(other.inputs.get(name) for name in names) == identity:
                    message = (
                        f"AlreadyExists: {record.name}: {other.name} already has "
                        f"{dict(zip(names, identity, strict=True))}"
                    )
                    raise Refused(message)

    @contextmanager
    def _alone(self, kind: Kind, region: str) -> Iterator[None]:
        if not kind.exclusive:
            yield
            return
        slot = (kind.token, region)
        with self._lock:
            if slot in self._busy:
                message = f"ConflictException: another {kind.token} is being made at this moment"
                raise Refused(message)
            self._busy.add(slot)
        try:
            time.sleep(EXCLUSIVE_SECONDS)
            yield
        finally:
            with self._lock:
                self._busy.discard(slot)
