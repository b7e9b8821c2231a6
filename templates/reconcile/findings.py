"""What was found, by name and place, and how it is printed: never a value of a payment."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import Enum
from typing import Protocol


class Kind(Enum):
    """A difference, and what it means."""

    MISSING = "the decision has a record neither in the bucket nor in the outbox"
    DELETED = "the record was deleted from the bucket: a marker lies over it"
    NOT_THERE = "the outbox says that it was delivered, and the bucket does not have it"
    DIFFERENT = "the record in the bucket differs from the payment"
    OUTBOX_DIFFERENT = "the record in the outbox differs from the payment"
    CHANGED = "the records in the bucket and in the outbox differ"
    REWRITTEN = "the bucket has several versions of the record"
    DOUBLE = "the payment has a record under another key"
    UNKNOWN = "there is no payment of this record"
    UNDECIDED = "the payment has no decision"
    TWICE = "two payments have this record's key"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One difference, at the key of the record that is there or should be."""

    kind: Kind
    key: str
    # What differs, by name; in which of the places it is.
    details: Sequence[str] = ()


@dataclass(kw_only=True)
class Counts:
    """What was looked at."""

    payments: int = 0
    # Of those: decided, and not delivered yet.
    waiting: int = 0
    # And those whose records the bucket has let go of, after the retention.
    over: int = 0
    objects: int = 0
    outbox: int = 0
    found: Counter[str] = field(default_factory=Counter[str])


class Printer(Protocol):
    """Prints as findings come, and keeps none."""

    def add(self, finding: Finding) -> None:
        """Print one."""
        ...

    def end(self, counts: Counts) -> None:
        """Print what was looked at."""
        ...


class Writer(Protocol):
    """Takes text."""

    def write(self, text: str, /) -> object:
        """Write it."""
        ...


@dataclass(frozen=True)
class Lines:
    """For people: a line a finding."""

    out: Writer

    def add(self, finding: Finding) -> None:
        """Print one."""
        details = f" ({', '.join(finding.details)})" if finding.details else ""
        self.out.write(f"{finding.key}: {finding.kind.value}{details}\n")

    def end(self, counts: Counts) -> None:
        """Print what was looked at, and how often what was found."""
        self.out.write(
            f"{counts.payments} payments, {counts.objects} objects, {counts.outbox} rows of the outbox;"
            f" {counts.waiting} records wait for their delivery, {counts.over} are gone with their retention\n"
        )
        for kind in Kind:
            if counts.found[kind.name]:
                found = counts.found[kind.name]
                self.out.write(f"{found} {'time' if found == 1 else 'times'}: {kind.value}\n")
        if not counts.found:
            self.out.write("nothing is missing, double or different\n")


@dataclass
class Json:
    """For tools: one document, written piece by piece."""

    out: Writer
    begun: bool = False

    def add(self, finding: Finding) -> None:
        """Print one."""
        members = {
            "kind": _name(finding.kind.name),
            "key": finding.key,
            "details": list(finding.details),
        }
        self._begin()
        self.out.write(f"{',' if self.begun else ''}\n  {json.dumps(members)}")
        self.begun = True

    def end(self, counts: Counts) -> None:
        """Print the counts."""
        self._begin()
        looked: Mapping[str, object] = {
            **asdict(counts),
            "found": {_name(name): count for name, count in sorted(counts.found.items())},
        }
        self.out.write(f"\n], {json.dumps(looked)[1:]}\n")

    def _begin(self) -> None:
        if not self.begun:
            self.out.write('{"findings": [')


def _name(kind: str) -> str:
    return kind.lower().replace("_", "-")
