"""Walks through payments, outbox and bucket side by side, each in the order of keys."""

from __future__ import annotations

import heapq
import itertools
import json
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol, TypeVar, cast

from reconcile.bucket import Bucket, Stored
from reconcile.database import Payment, Tables, Waiting
from reconcile.findings import Counts, Finding, Kind

# Objects that are read at the same time, and groups that wait for theirs.
READERS, _AHEAD = 16, 64
# Version 1 of the records called it `door`.
_CHANNEL, _DOOR = "channel", "door"


class OrderError(RuntimeError):
    """A list did not come in the order of its keys, so that nothing can be said."""


class Keyed(Protocol):
    """Belongs to a record."""

    @property
    def key(self) -> str:
        """The record's key."""
        ...


Item = TypeVar("Item", bound=Keyed)


@dataclass(kw_only=True)
class Group:
    """All that belongs to one key."""

    key: str
    payments: list[Payment] = field(default_factory=list[Payment])
    waiting: Waiting | None = None
    stored: Stored | None = None
    # Being read.
    content: Future[bytes] | None = None


@dataclass(kw_only=True)
class Comparison:
    """One span of days."""

    tables: Tables
    bucket: Bucket
    first: date
    last: date
    # Records of days before this one are gone with their retention.
    kept_since: date = date.min
    counts: Counts = field(default_factory=Counts)

    def findings(self) -> Iterator[Finding]:
        """Return what is missing, double or different, and keep nothing of what was looked at."""
        with ThreadPoolExecutor(READERS) as pool:
            for group in self._with_contents(pool):
                for finding in self._judged(group):
                    self.counts.found[finding.kind.name] += 1
                    yield finding

    def _with_contents(self, pool: ThreadPoolExecutor) -> Iterator[Group]:
        ahead: deque[Group] = deque()
        for group in self._groups():
            if group.stored is not None and group.stored.present:
                group.content = pool.submit(self.bucket.read, group.stored)
            ahead.append(group)
            if len(ahead) >= _AHEAD:
                yield ahead.popleft()
        yield from ahead

    def _groups(self) -> Iterator[Group]:
        span = (self.first, self.last)
        streams: list[Iterator[Payment | Waiting | Stored]] = [
            _in_order(self.tables.payments(*span)),
            _in_order(self.tables.outbox(*span)),
            _in_order(self.bucket.objects(*span)),
        ]
        every = heapq.merge(*streams, key=_key)
        for key, members in itertools.groupby(every, key=_key):
            group = Group(key=key)
            for one in members:
                if isinstance(one, Payment):
                    self.counts.payments += 1
                    group.payments.append(one)
                elif isinstance(one, Waiting):
                    self.counts.outbox += 1
                    group.waiting = one
                else:
                    self.counts.objects += one.present
                    group.stored = one
            yield group

    def _judged(self, group: Group) -> Iterator[Finding]:
        content = None if group.content is None else group.content.result()
        if group.stored is not None and group.stored.versions > 1:
            yield Finding(kind=Kind.REWRITTEN, key=group.key)
        if not group.payments:
            yield from self._without_payment(group, content)
            return
        if len(group.payments) > 1:
            yield Finding(kind=Kind.TWICE, key=group.key)
        payment = group.payments[0]
        if not payment.decided:
            yield Finding(kind=Kind.UNDECIDED, key=group.key, details=_places(group))
            return
        if content is None:
            yield from self._without_object(group)
        elif names := _differing(content, payment):
            yield Finding(kind=Kind.DIFFERENT, key=group.key, details=names)
        if group.waiting is not None:
            record = group.waiting.record.encode()
            if names := _differing(record, payment):
                yield Finding(kind=Kind.OUTBOX_DIFFERENT, key=group.key, details=names)
            if content is not None and content != record:
                yield Finding(kind=Kind.CHANGED, key=group.key)

    def _without_object(self, group: Group) -> Iterator[Finding]:
        waits = group.waiting is not None and not group.waiting.delivered
        if not waits and _day(group.key) < self.kept_since:
            self.counts.over += 1
        elif group.stored is not None:
            yield Finding(kind=Kind.DELETED, key=group.key)
        elif group.waiting is None:
            yield Finding(kind=Kind.MISSING, key=group.key)
        elif group.waiting.delivered:
            yield Finding(kind=Kind.NOT_THERE, key=group.key)
        else:
            self.counts.waiting += 1

    def _without_payment(self, group: Group, content: bytes | None) -> Iterator[Finding]:
        record = content
        if record is None and group.waiting is not None:
            record = group.waiting.record.encode()
        if record is None:
            # Only a marker, of an object that is gone.
            yield Finding(kind=Kind.UNKNOWN, key=group.key, details=["deleted object"])
            return
        members = _members(record)
        keys = self.tables.keys_of(members.get("payment_id"), members.get("merchant_id"))
        # It may have been decided since this look at the tables began.
        if group.key not in keys:
            kind = Kind.DOUBLE if keys else Kind.UNKNOWN
            yield Finding(kind=kind, key=group.key, details=_places(group))


def _day(key: str) -> date:
    """Return the day of a record's key."""
    year, month, day = key.split("/")[1:4]
    return date(int(year), int(month), int(day))


def _key(one: Keyed) -> str:
    return one.key


def _in_order(items: Iterable[Item]) -> Iterator[Item]:
    last = ""
    for item in items:
        if item.key < last:
            message = f"{type(item).__name__}: a key comes after one that is greater"
            raise OrderError(message)
        last = item.key
        yield item


def _places(group: Group) -> list[str]:
    places = {"bucket": group.content, "outbox": group.waiting}
    return [name for name, held in places.items() if held is not None]


def _differing(record: bytes, payment: Payment) -> list[str]:
    """Name the members of a record that are not the payment's."""
    found = _members(record)
    if not found:
        return ["no record"]
    wanted = dict(payment.members)
    if _CHANNEL not in found and _DOOR in found:
        wanted[_DOOR] = wanted.pop(_CHANNEL)
    return [name for name, value in wanted.items() if name not in found or found[name] != value]


def _members(record: bytes) -> Mapping[str, object]:
    try:
        members: object = json.loads(record)
    except ValueError:
        members = None
    return cast("Mapping[str, object]", members) if isinstance(members, dict) else {}
