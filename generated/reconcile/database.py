"""Payments and outbox, in the order of their records' keys."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast

from scrub.connection import Connection, connect

_AT_ONCE = 1000
_KEY = """'payments/' || to_char(coalesce(decided_at, received_at) AT TIME ZONE 'UTC', 'YYYY/MM/DD/')
    || payment_id || '/' || request_sha256 || '.json'"""
# Dates are put in as literals, for a cursor takes no parameters. The order is that of S3: by bytes.
_PAYMENTS = """
SELECT ({key}) COLLATE "C" AS key, payment_id, merchant_id, amount_minor, currency,
       payment_method_sha256, decision, reasons, channel, decided_at
FROM payments.payments LEFT JOIN payments.decisions USING (payment_uid)
WHERE coalesce(decided_at, received_at) >= '{first} 00:00+00'
AND coalesce(decided_at, received_at) < '{after} 00:00+00'
ORDER BY 1
"""
_OUTBOX = """
SELECT object_key COLLATE "C" AS key, record, delivered_at IS NOT NULL
FROM payments.outbox
WHERE object_key COLLATE "C" >= 'payments/{first:%Y/%m/%d}/'
AND object_key COLLATE "C" < 'payments/{after:%Y/%m/%d}/'
ORDER BY 1
"""
_KNOWN = f"""
SELECT {_KEY} FROM payments.payments LEFT JOIN payments.decisions USING (payment_uid)
WHERE payment_id = :payment_id AND merchant_id = :merchant_id
"""  # noqa: S608 - a constant


@dataclass(frozen=True, kw_only=True)
class Payment:
    """A payment with its decision."""

    key: str
    # What its record says of it, by the record's names.
    members: Mapping[str, object]

    @property
    def decided(self) -> bool:
        """Whether it has a decision."""
        return self.members["decision"] is not None


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """A row of the outbox."""

    key: str
    record: str
    delivered: bool


@dataclass(kw_only=True)
class Tables:
    """The database at one moment, and beside it as it is by now."""

    at_one_moment: Connection
    by_now: Connection
    _names: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    @classmethod
    def open(cls, text: str) -> Tables:
        """Connect twice, and let neither session write."""
        connections = [connect(text, "reconcile") for _ in range(2)]
        for connection in connections:
            connection.run("SET default_transaction_read_only = on")
        connections[0].run("START TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        return cls(at_one_moment=connections[0], by_now=connections[1])

    def close(self) -> None:
        """End both sessions."""
        self.at_one_moment.close()
        self.by_now.close()

    def payments(self, first: date, last: date) -> Iterator[Payment]:
        """Return the payments that were decided on these days, or received and never decided."""
        for row in self._rows(_PAYMENTS, first, last):
            key, identity, merchant, amount, currency, method, decision, reasons, channel, at = row
            yield Payment(
                key=key,
                members={
                    "payment_id": identity,
                    "merchant_id": merchant,
                    "amount_minor": amount,
                    "currency": currency,
                    "payment_method_sha256": method,
                    "decision": decision,
                    "reasons": reasons,
                    "channel": channel,
                    "decided_at": _milliseconds(at),
                },
            )

    def outbox(self, first: date, last: date) -> Iterator[Waiting]:
        """Return the rows whose records belong to these days."""
        for key, record, delivered in self._rows(_OUTBOX, first, last):
            yield Waiting(key=key, record=record, delivered=delivered)

    def keys_of(self, payment_id: object, merchant_id: object) -> list[str]:
        """Return the keys that belong to this payment, which may be younger than the moment."""
        if not isinstance(payment_id, str) or not isinstance(merchant_id, str):
            return []
        rows = self.by_now.run(_KNOWN, payment_id=payment_id, merchant_id=merchant_id) or []
        return [key for (key,) in rows]

    def _rows(self, query: str, first: date, last: date) -> Iterator[Sequence[Any]]:
        # A cursor keeps the rows on the server, which sorts them on its disk.
        cursor = f"reconcile_{next(self._names)}"
        text = query.format(key=_KEY, first=first, after=last + timedelta(days=1))
        self.at_one_moment.run(f"DECLARE {cursor} NO SCROLL CURSOR FOR {text}")
        while rows := self.at_one_moment.run(f"FETCH {_AT_ONCE} FROM {cursor}"):
            yield from rows


def _milliseconds(moment: object) -> str | None:
    """Write a time as records do."""
    if moment is None:
        return None
    return cast("datetime", moment).astimezone(UTC).isoformat(timespec="milliseconds")
