"""The resources of one account, and the rules that hold for all of them."""

from __future__ import annotations

import datetime as dt
import re
import threading
import time
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from cloud import policy, quotas
from cloud import tokens as t
from cloud.record import Record, Ref, Refused, values_at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from cloud.kind import Kind

# How long the creation of a resource takes that excludes others of its type; long enough for a second to come in between.
EXCLUSIVE_SECONDS = 0.05

VPC = "aws:ec2/vpc:Vpc"
# Keys that specs name, which somebody else owns, are in every account.
OWNERS_KEY = re.compile(
    r"arn:aws:kms:[a-z0-9-]+:\d{12}:key/[0-9a-f]{8}-12ab-34cd-56ef-1234567890ab"
)


class Cloud:
    """One account. Every method may be called from several threads.

    ``create``, ``update`` and ``delete`` are the whole of it in memory. Where AWS is asked, the same three are done in two steps: first it is
    judged here, then whoever asks AWS says what came of it.
    """

    def __init__(self, kinds: Mapping[str, Kind], account: str = "123456789012") -> None:
        self.account = account
        self.records: list[Record] = []
        self.deleted: list[Record] = []
        # What AWS counts in time is counted by this clock, which a test puts forward, and by the day.
        self.hours = 0.0
        self.today = dt.date(2026, 12, 1)
        # Quotas that the account has more of than by default, by their rows.
        self.raised: dict[str, int] = {}
        self._kinds = kinds
        self._lock = threading.RLock()
        self._busy: set[tuple[str, str]] = set()
        self._generations: dict[str, int] = {}

    # What others ask.

    def kind(self, token: str) -> Kind:
        """How this type behaves."""
        if token not in self._kinds:
            message = (
                f"the cloud of the tests does not know {token}: describe it in tests/cloud/kinds"
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

    # In memory, from one state to the next.

    def create(self, token: str, urn: str, region: str, inputs: dict[str, Any]) -> Record:
        """Makes a resource, or refuses."""
        with self.alone(token, region), self._lock:
            record = self.judge_creation(token, urn, region, inputs)
            self.keep(record)
            return record

    def update(self, token: str, urn: str, id_: str, inputs: dict[str, Any]) -> Record:
        """Changes a resource in place, or refuses."""
        with self._lock:
            present, changed = self.judge_change(token, urn, id_, inputs)
            return self.put(present, changed)

    def delete(self, token: str, urn: str, id_: str) -> None:
        """Deletes a resource, or refuses."""
        with self._lock:
            self.drop(self.judge_deletion(token, urn, id_))

    # The same in two steps.

    def judge_creation(self, token: str, urn: str, region: str, inputs: dict[str, Any]) -> Record:
        """The resource as it would be, which nobody sees yet, or a refusal."""
        with self._lock:
            generation = self._generations.get(urn, 0) + 1
            self._generations[urn] = generation
            record = Record(token, urn, region, f"{self.account}/{urn}/{generation}", inputs)
            self._settle(self.kind(token), record, present=None)
            for rule in self.kind(token).creation_rules:
                self._hold(rule, self, record)
            self._hold(quotas.refuse_more, self, record)
            return record

    def keep(self, record: Record) -> None:
        """It exists from now on."""
        with self._lock:
            if self.kind(record.token).overwrites:
                self.records = [
                    other
                    for other in self.records
                    if (other.token, other.region, other.id)
                    != (record.token, record.region, record.id)
                ]
            self.records.append(record)

    def judge_change(
        self, token: str, urn: str, id_: str, inputs: dict[str, Any]
    ) -> tuple[Record, Record]:
        """A resource as it is and as it would be, or a refusal."""
        with self._lock:
            kind, present = self.kind(token), self._present(token, urn, id_)
            changed = replace(
                present,
                urn=urn,
                inputs=inputs,
                outputs=dict(present.outputs),
                memory=dict(present.memory),
            )
            for rule in kind.change_rules:
                self._hold(rule, self, present, changed)
            self._settle(kind, changed, present)
            return present, changed

    def put(self, present: Record, changed: Record) -> Record:
        """It is as it would be; in place, because others point at this very object."""
        with self._lock:
            present.urn, present.inputs, present.outputs = (
                changed.urn,
                changed.inputs,
                changed.outputs,
            )
            present.refers, present.needs = changed.refers, changed.needs
            present.memory = changed.memory
            return present

    def judge_deletion(self, token: str, urn: str, id_: str) -> Record:
        """The resource that may go, or a refusal."""
        with self._lock:
            record = self._present(token, urn, id_)
            self._hold(self._refuse_in_use, record)
            for rule in self.kind(token).delete_rules:
                self._hold(rule, self, record)
            return record

    def drop(self, record: Record) -> None:
        """It exists no more."""
        with self._lock:
            self.records = [other for other in self.records if other is not record]
            record.deleted_at = self.hours
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

    def _hold(self, rule: Callable[..., None], *of: Any) -> None:
        """Hold what is judged against a rule, which refuses or says nothing."""
        rule(*of)

    def _settle(self, kind: Kind, record: Record, present: Record | None) -> None:
        record.refers = list(self._references(kind, record))
        record.needs = [other for _, other in record.refers]
        if kind.one_vpc:
            self._refuse_other_vpc(record)
        if not kind.overwrites:
            self._hold(self._refuse_duplicate, kind, record, present)
        for name, sort in kind.policies:
            if name in record.inputs:
                policy.check(self, record.inputs[name], sort, f"{record.name}.{name}")
        record.outputs = {**record.inputs, **kind.ids(self, record)}
        for rule in kind.rules:
            self._hold(rule, self, record)

    def _references(self, kind: Kind, record: Record) -> Iterator[tuple[Ref, Record]]:
        for ref in kind.refs:
            for place, value in values_at(record.inputs, ref.path):
                if t.KEY in ref.tokens and OWNERS_KEY.fullmatch(str(value)):
                    continue
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

    def _refuse_in_use(self, record: Record) -> None:
        for other in self.records:
            for ref, target in other.refers:
                if target is record and not ref.loose and other is not record:
                    code = f"{ref.in_use}: " if ref.in_use else ""
                    message = (
                        f"{code}{record.name} ({record.id}) is in use by "
                        f"{other.name} ({other.id}) as {ref.path}"
                    )
                    raise Refused(message)

    def _refuse_other_vpc(self, record: Record) -> None:
        found = {self.vpc_of(other): other.name for _, other in record.refers}
        if isinstance(record.inputs.get("vpcId"), str):
            found[record.inputs["vpcId"]] = "vpcId"
        found.pop(None, None)
        if len(found) > 1:
            message = f"InvalidParameterValue: {record.name} joins different networks: {found}"
            raise Refused(message)

    def _refuse_duplicate(self, kind: Kind, record: Record, present: Record | None) -> None:
        for unique in kind.unique:
            names = unique.names
            identity = tuple(record.inputs.get(name) for name in names)
            if identity[0] is None:
                continue
            for other in self.all(record.token):
                if other is present or not (kind.everywhere or other.region == record.region):
                    continue
                if tuple(other.inputs.get(name) for name in names) == identity:
                    code = f"{unique.error}: " if unique.error else ""
                    lost = "" if unique.error else ", and would be lost without a word of AWS's"
                    message = (
                        f"{code}{record.name}: {other.name} already has "
                        f"{dict(zip(names, identity, strict=True))}{lost}"
                    )
                    raise Refused(message)

    @contextmanager
    def alone(self, token: str, region: str) -> Iterator[None]:
        """Refuses a second one of a type that cannot be made twice at one moment."""
        kind = self.kind(token)
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
