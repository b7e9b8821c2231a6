"""Delivers what the audit outbox still holds; a schedule calls it, with any event."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping

from aws_lambda_powertools.metrics import MetricUnit

from payments.ahead import read_ahead
from payments.database import Database, DatabaseUnavailableError
from payments.entry import Context, deadline, defects
from payments.outbox import Relayed, relay
from payments.settings import required
from payments.telemetry import LOG, measure, tracer
from payments.trail import AuditTrail

read_ahead(audit=True)

# PostgreSQL's codes of a user that is not there, may not log in, or may not do what it asks for.
_NOT_LET_IN = frozenset({"28000", "28P01", "42501"})


def handle(event: Mapping[str, object], context: Context) -> Mapping[str, object]:
    """Deliver all that is due; tell how much is left, and how old the oldest of it is."""
    del event
    LOG.begin({"request_id": context.aws_request_id, "correlation_id": context.aws_request_id})
    done = Relayed()
    with defects(context.aws_request_id), tracer().work("audit-relay"):
        try:
            relay(database(), trail(), done, deadline=deadline(context))
        except DatabaseUnavailableError as error:
            if error.code not in _NOT_LET_IN:
                raise
            # Until the deployment has migrated the database, records wait; silence about their age is an alarm.
            LOG.error("the database does not know the relay", code=error.code)
        finally:
            # However it ended: a run that is cut short tells how far it got.
            _tell(done)
    return dataclasses.asdict(done)


def _tell(done: Relayed) -> None:
    LOG.info("outbox relayed", **dataclasses.asdict(done))
    values = {
        "Delivered": (MetricUnit.Count, done.delivered),
        "Refused": (MetricUnit.Count, done.refused),
        "AuditDifference": (MetricUnit.Count, done.different),
        "Purged": (MetricUnit.Count, done.purged),
        "OutboxDepth": (MetricUnit.Count, done.waiting),
        "OutboxAge": (MetricUnit.Seconds, done.oldest_seconds),
    }
    # What is not known is not told: the alarm takes silence for trouble.
    measure({name: (unit, value) for name, (unit, value) in values.items() if value is not None})


@functools.cache
def database() -> Database:
    """Return this execution environment's database, with its one connection."""
    return Database.of_environment()


@functools.cache
def trail() -> AuditTrail:
    """Return the bucket that records are delivered to."""
    return AuditTrail.connect(required("AUDIT_BUCKET"))
