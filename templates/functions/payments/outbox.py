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
_DIFFERENT = "AuditDifference"
_KEPT = "7 days"
# A run of the relay has this share of its time for deliveries, and ends the purge at that one: what is
# left over waits for the next run, and what there is to tell is told.
_DELIVERY_SHARE, _PURGE_SHARE = 0.7, 0.9
_PURGE_BATCH = 1000
# Whatever fails so shortly before the end fails because of it.
_CUT_SECONDS = 0.5

_CLAIM = """
SELECT id, object_key, record
FROM outbox
WHERE delivered_at IS NULL AND next_attempt_at <= now()
ORDER BY next_attempt_at
LIMIT CAST(:batch AS integer)
FOR UPDATE SKIP LOCKED
"""
# Whoever has the record in hand marks it: nobody waits for that.
_DELIVERED = """
UPDATE outbox SET delivered_at = now(), attempts = attempts + 1, last_error = NULL
WHERE id = (
    SELECT id FROM outbox WHERE id = CAST(:id AS bigint) AND delivered_at IS NULL
    FOR UPDATE SKIP LOCKED
)
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
# A batch a transaction: however much there is, no lock is held for long, and each run gets on.
_PURGE = (
    f"""
WITH gone AS (
    DELETE FROM outbox WHERE id = ANY (ARRAY(
        SELECT id FROM outbox WHERE delivered_at < now() - interval '{_KEPT}'
        LIMIT CAST(:batch AS integer)
    )) RETURNING 1
) SELECT count(*) FROM gone
""",  # noqa: S608 - a constant
    """
WITH gone AS (
    DELETE FROM idempotency_keys WHERE ctid = ANY (ARRAY(
        SELECT ctid FROM idempotency_keys WHERE expires_at < now() - interval '1 hour'
        LIMIT CAST(:batch AS integer) FOR UPDATE SKIP LOCKED
    )) RETURNING 1
) SELECT count(*) FROM gone
""",
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
            if not self.trail.write(record.key, record.text, deadline=deadline):
                # Somebody's record lies there: the relay compares, and this function may not look.
                return False
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


@dataclass(kw_only=True)
class Relayed:
    """What one run of the relay did, and what it left; None where it did not get to look."""

    delivered: int = 0
    refused: int = 0
    # The bucket has another record under the key of one that waits.
    different: int = 0
    purged: int = 0
    waiting: int | None = None
    oldest_seconds: float | None = None


def relay(database: Database, trail: AuditTrail, done: Relayed, *, deadline: float) -> None:
    """Deliver all that is due, beside other relays and the functions themselves; then clean up.

    What was done is told in ``done``, also when something ends the run.
    """
    start = time.monotonic()
    left = max(0.0, deadline - start)
    try:
        _deliver_due(database, trail, done, start + left * _DELIVERY_SHARE, deadline)
    finally:
        done.waiting, done.oldest_seconds = database.run(
            _waiting, deadline=deadline, repeatable=True
        )
    for statement in _PURGE:
        _purge(database, statement, done, start + left * _PURGE_SHARE)


def _deliver_due(
    database: Database, trail: AuditTrail, done: Relayed, until: float, deadline: float
) -> None:
    while time.monotonic() < until:
        batch = database.run(
            lambda connection: _relay_batch(connection, trail, until),
            # It begins nothing after that moment, but what was delivered must be marked.
            deadline=min(deadline, until + CALL_SECONDS),
            repeatable=True,
        )
        done.delivered += batch.delivered
        done.refused += batch.refused
        done.different += batch.different
        if not batch.goes_on:
            return


@dataclass(frozen=True)
class _Batch:
    delivered: int
    refused: int
    different: int
    goes_on: bool


def _relay_batch(connection: Connection, trail: AuditTrail, until: float) -> _Batch:
    # The rows stay locked while they are delivered: another relay takes others.
    rows = connection.run(_CLAIM, batch=_BATCH) or []
    delivered = refused = different = 0
    for identity, key, text in rows:
        if time.monotonic() + CALL_SECONDS > until or refused >= _REFUSALS:
            break
        try:
            same = trail.write(key, text, deadline=until) or trail.holds(key, text, deadline=until)
        except AuditUnavailableError as error:
            connection.run(_REFUSED, id=identity, error=str(error))
            refused += 1
        else:
            if same:
                connection.run(_DELIVERED, id=identity)
                delivered += 1
            else:
                # It stays until somebody has looked, and is met again with each of its turns.
                LOG.error("audit record differs from the one in the bucket", outbox_id=identity)
                connection.run(_REFUSED, id=identity, error=_DIFFERENT)
                different += 1
    else:
        return _Batch(delivered, refused, different, goes_on=len(rows) == _BATCH)
    return _Batch(delivered, refused, different, goes_on=False)


def _waiting(connection: Connection) -> tuple[int, float]:
    ((count, seconds),) = connection.run(_WAITING) or [(0, 0)]
    return int(count), float(seconds)


def _purge(database: Database, statement: str, done: Relayed, until: float) -> None:
    def purge(connection: Connection) -> int:
        ((count,),) = connection.run(statement, batch=_PURGE_BATCH) or [(0,)]
        return int(count)

    while time.monotonic() < until:
        try:
            count = database.run(purge, deadline=until, repeatable=True)
        except DatabaseUnavailableError as error:
            if time.monotonic() + _CUT_SECONDS < until:
                raise
            # The last batch was cut off by the end of the time: the next run does it.
            LOG.info("purge left to the next run", error=error.code)
            return
        done.purged += count
        if count < _PURGE_BATCH:
            return
