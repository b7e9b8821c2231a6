"""Audit records that were written with their decisions and wait to be delivered to the bucket.

A record is delivered right after its decision's commit; whatever that misses (a crash between the
two, an S3 that does not answer) the relay delivers. Delivering twice does no harm: the second finds
the object there.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from payments.database import Connection, Database, DatabaseUnavailableError
from payments.telemetry import LOG
from payments.trail import CALL_SECONDS, AuditTrail, AuditUnavailableError

# After S3 failed once, this execution environment leaves it to the relay for so long.
_PAUSE_SECONDS = 30.0
# The mark saves the relay a look, and no more: an answer does not wait for it.
_MARK_SECONDS = 1.0
_BATCH = 20
# So many refusals in a row are no matter of single records: the rest can wait for the next run.
_REFUSALS = 3
_KEPT = "7 days"

_CLAIM = """
SELECT id, object_key, record
FROM outbox
WHERE delivered_at IS NULL AND next_attempt_at <= now()
ORDER BY next_attempt_at
LIMIT CAST(:batch AS integer)
FOR UPDATE SKIP LOCKED
"""
_DELIVERED = """
UPDATE outbox SET delivered_at = now(), attempts = attempts + 1, last_error = NULL
WHERE id = CAST(:id AS bigint) AND delivered_at IS NULL
"""
_REFUSED = """
UPDATE outbox
SET attempts = attempts + 1,
    last_error = :error,
    next_attempt_at = now() + make_interval(secs => least(600, 5 * 2 ^ least(attempts, 10)))
WHERE id = CAST(:id AS bigint) AND delivered_at IS NULL
"""
_WAITING = """
SELECT count(*), coalesce(extract(epoch FROM now() - min(created_at)), 0)
FROM outbox WHERE delivered_at IS NULL
"""
_PURGE = (
    f"DELETE FROM outbox WHERE delivered_at < now() - interval '{_KEPT}'",  # noqa: S608 - a constant
    "DELETE FROM idempotency_keys WHERE expires_at < now() - interval '1 hour'",
)


@dataclass(frozen=True, kw_only=True)
class Record:
    """One record to deliver."""

    id: int
    key: str
    text: str


@dataclass(kw_only=True)
class Outbox:
    """Delivers right after a commit, and is done with it whatever happens."""

    database: Database
    trail: AuditTrail
    clock: Callable[[], float] = time.monotonic
    _not_before: float = field(default=0.0)

    def deliver(self, record: Record, *, deadline: float) -> bool:
        """Deliver now if possible; the decision stands either way."""
        if self.clock() < self._not_before:
            return False
        # The decision stands: what is left of the time is for telling it.
        if time.monotonic() + CALL_SECONDS > deadline:
            LOG.info("audit record left to the relay", error="no time is left")
            return False
        try:
            self.trail.write(record.key, record.text, deadline=deadline)
            self.database.run(
                lambda connection: connection.run(_DELIVERED, id=record.id),
                deadline=min(deadline, time.monotonic() + _MARK_SECONDS),
                repeatable=True,
            )
        except AuditUnavailableError as error:
            self._not_before = self.clock() + _PAUSE_SECONDS
            LOG.warning("audit record left to the relay", error=str(error))
            return False
        except DatabaseUnavailableError as error:
            LOG.warning("audit record not marked as delivered", error=error.code)
            return False
        return True


@dataclass(frozen=True, kw_only=True)
class Relayed:
    """What one run of the relay did, and what it left."""

    delivered: int
    refused: int
    waiting: int
    oldest_seconds: float


def relay(database: Database, trail: AuditTrail, *, deadline: float) -> Relayed:
    """Deliver all that is due, beside other relays and the functions themselves."""
    delivered = refused = 0
    while time.monotonic() < deadline:
        batch = database.run(
            lambda connection: _relay_batch(connection, trail, deadline),
            deadline=deadline,
            repeatable=True,
        )
        delivered += batch.delivered
        refused += batch.refused
        if not batch.goes_on:
            break
    waiting, oldest = database.run(_waiting, deadline=deadline, repeatable=True)
    database.run(_purge, deadline=deadline, repeatable=True)
    return Relayed(delivered=delivered, refused=refused, waiting=waiting, oldest_seconds=oldest)


@dataclass(frozen=True, kw_only=True)
class _Batch:
    delivered: int
    refused: int
    goes_on: bool


def _relay_batch(connection: Connection, trail: AuditTrail, deadline: float) -> _Batch:
    # The rows stay locked while they are delivered: another relay takes others.
    rows = connection.run(_CLAIM, batch=_BATCH) or []
    delivered = refused = 0
    for identity, key, text in rows:
        if time.monotonic() >= deadline or refused >= _REFUSALS:
            return _Batch(delivered=delivered, refused=refused, goes_on=False)
        try:
            trail.write(key, text, deadline=deadline)
        except AuditUnavailableError as error:
            connection.run(_REFUSED, id=identity, error=str(error))
            refused += 1
        else:
            connection.run(_DELIVERED, id=identity)
            delivered += 1
    return _Batch(delivered=delivered, refused=refused, goes_on=len(rows) == _BATCH)


def _waiting(connection: Connection) -> tuple[int, float]:
    ((count, seconds),) = connection.run(_WAITING) or [(0, 0)]
    return int(count), float(seconds)


def _purge(connection: Connection) -> None:
    for statement in _PURGE:
        connection.run(statement)
