"""Audit records that were written with their decisions and wait to be delivered to the bucket.

The function that decided delivers a record right after the commit, and leaves it at that: the database
lets it mark nothing. The relay compares each record with what the bucket holds, delivers what is
missing (after a crash between the two, or with an S3 that did not answer), and only then marks it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from payments.database import Connection, Database, DatabaseUnavailableError
from payments.telemetry import LOG
from payments.trail import CALL_SECONDS, AuditTrail, AuditUnavailableError

# After S3 failed once, this execution environment leaves it to the relay for so long.
_PAUSE_SECONDS = 30.0
# Records that are asked for at the same time. The SDK keeps as many connections.
_BATCH = 10
# So many refusals in a batch are no matter of single records: the rest can wait for the next run.
_REFUSALS = 3
_DIFFERENT = "AuditDifference"
_KEPT = "7 days"
# A run of the relay has this share of its time for deliveries, and ends the purge at that one: what is
# left over waits for the next run, and what there is to tell is told.
_DELIVERY_SHARE, _PURGE_SHARE = 0.7, 0.9
_PURGE_BATCH = 1000
# Whatever fails so shortly before the end fails because of it.
_CUT_SECONDS = 0.5

# Nothing is locked while S3 is asked: for this long, other relays leave these records alone.
_CLAIM = """
UPDATE outbox SET next_attempt_at = now() + interval '1 minute'
WHERE id = ANY (ARRAY(
    SELECT id FROM outbox WHERE delivered_at IS NULL AND next_attempt_at <= now()
    ORDER BY next_attempt_at
    LIMIT CAST(:batch AS integer)
    FOR UPDATE SKIP LOCKED
))
RETURNING id, object_key, record
"""
_DELIVERED = """
UPDATE outbox SET delivered_at = now(), attempts = attempts + 1, last_error = NULL
WHERE id = ANY (CAST(:ids AS bigint[])) AND delivered_at IS NULL
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

    # The first delivery connects: that alone takes a new execution environment a good part of a second.
    connect: Callable[[], AuditTrail]
    clock: Callable[[], float] = time.monotonic
    _trail: AuditTrail | None = field(default=None, init=False)
    _not_before: float = field(default=0.0)

    def deliver(self, record: Record, *, deadline: float) -> bool:
        """Deliver now if possible; the decision stands either way, and the relay looks later."""
        if self.clock() < self._not_before:
            return False
        # The decision stands: what is left of the time is for telling it.
        if time.monotonic() + CALL_SECONDS > deadline:
            LOG.info("audit record left to the relay", error="no time is left")
            return False
        try:
            if self._trail is None:
                self._trail = self.connect()
            return self._trail.write(record.key, record.text, deadline=deadline)
        except AuditUnavailableError as error:
            self._not_before = self.clock() + _PAUSE_SECONDS
            LOG.warning("audit record left to the relay", error=str(error))
            return False


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
    def bring(record: Record) -> str | None:
        return _bring(trail, record, deadline)

    with ThreadPoolExecutor(_BATCH) as pool:
        # Nothing is begun after that moment, but what was begun may end, and is marked.
        while time.monotonic() + CALL_SECONDS <= until:
            records = database.run(_claim, deadline=deadline, repeatable=True)
            if not records:
                return
            found = list(pool.map(bring, records))
            outcomes = dict(zip((record.id for record in records), found, strict=True))
            database.run(
                lambda connection, outcomes=outcomes: _mark(connection, outcomes),
                deadline=deadline,
                repeatable=True,
            )
            refused = _count(done, outcomes)
            if len(records) < _BATCH or refused >= _REFUSALS:
                return


def _claim(connection: Connection) -> list[Record]:
    rows = connection.run(_CLAIM, batch=_BATCH) or []
    return [Record(id=identity, key=key, text=text) for identity, key, text in rows]


def _bring(trail: AuditTrail, record: Record, deadline: float) -> str | None:
    """Return what is wrong with this record; nothing when the bucket has it."""
    try:
        same = trail.confirm(record.key, record.text, deadline=deadline)
    except AuditUnavailableError as error:
        return str(error)
    return None if same else _DIFFERENT


def _mark(connection: Connection, outcomes: Mapping[int, str | None]) -> None:
    delivered = [identity for identity, error in outcomes.items() if error is None]
    if delivered:
        connection.run(_DELIVERED, ids=delivered)
    for identity, error in outcomes.items():
        if error is not None:
            # One that differs stays until somebody has looked, and is met again with each of its turns.
            connection.run(_REFUSED, id=identity, error=error)


def _count(done: Relayed, outcomes: Mapping[int, str | None]) -> int:
    different = [identity for identity, error in outcomes.items() if error == _DIFFERENT]
    for identity in different:
        LOG.error("audit record differs from the one in the bucket", outbox_id=identity)
    delivered = sum(error is None for error in outcomes.values())
    refused = len(outcomes) - delivered - len(different)
    done.delivered += delivered
    done.different += len(different)
    done.refused += refused
    return refused


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
