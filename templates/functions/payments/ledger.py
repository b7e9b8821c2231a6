"""Decisions and what guards them: each payment is decided once; every repetition gets the same answer.

A caller decides and sees the payments of its own merchants; ids and idempotency keys are a merchant's.
The decision, the key it was asked under and its audit record are written in one transaction.
Payments of one merchant are decided one after the other (an advisory lock), which makes the
velocity exact.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Any, cast

from payments.callers import Caller, merchants_of
from payments.currencies import in_major_units
from payments.database import AgainError, Connection
from payments.outbox import Record
from payments.payment import Payment
from payments.problems import Kind, ProblemError
from payments.rules import Merchant, Reason, Rules, broken_rules
from payments.trail import record_key

_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(:merchant_id, 0))"
# Idempotency keys are the merchant's. The release before kept them under the id of the API key.
_KNOWN = """
SELECT
    (SELECT array[request_sha256, answer] FROM idempotency_keys
     WHERE caller IN (:merchant_id, :credential) AND key_sha256 = :key_sha256
     AND expires_at > now()
     ORDER BY caller = :merchant_id DESC LIMIT 1),
    (SELECT array[request_sha256, answer] FROM payments JOIN decisions USING (payment_uid)
     WHERE merchant_id = :merchant_id AND payment_id = :payment_id),
    (SELECT status FROM merchants WHERE merchant_id = :merchant_id),
    -- With the span full: when the first of its payments leaves it.
    (SELECT decided_at + make_interval(secs => CAST(:seconds AS integer)) AS full_until
     FROM decisions
     WHERE accepted_merchant_id = :merchant_id
     AND decided_at > now() - make_interval(secs => CAST(:seconds AS integer))
     ORDER BY decided_at DESC
     OFFSET CAST(:payments AS integer) - 1 LIMIT 1),
    now()
"""
# A key is taken over from an expired request; one that is still valid leaves ``key`` empty.
# Decisions are written by position: until migration 4 has run, the column ``channel`` is called ``door``.
_DECIDE = """
WITH payment AS (
    INSERT INTO payments (payment_id, merchant_id, amount_minor, currency, payment_method_sha256,
                          request_sha256, received_at)
    VALUES (:payment_id, :merchant_id, CAST(:amount_minor AS bigint), :currency,
            :payment_method_sha256, :request_sha256, now())
    RETURNING payment_uid
), decision AS (
    INSERT INTO decisions
    SELECT payment_uid, :decision, CAST(:reasons AS text[]), :accepted_merchant_id, now(), :channel,
           :answer
    FROM payment
), key AS (
    INSERT INTO idempotency_keys (caller, key_sha256, request_sha256, answer, expires_at)
    SELECT :merchant_id, :key_sha256, :request_sha256, :answer,
           now() + make_interval(hours => CAST(:hours AS integer))
    WHERE CAST(:key_sha256 AS text) IS NOT NULL
    ON CONFLICT (caller, key_sha256) DO UPDATE
    SET request_sha256 = excluded.request_sha256, answer = excluded.answer,
        expires_at = excluded.expires_at
    WHERE idempotency_keys.expires_at <= now()
    RETURNING 1
), record AS (
    INSERT INTO outbox (object_key, record) VALUES (:object_key, :record) RETURNING id
)
SELECT record.id, (SELECT count(*) FROM key) FROM record
"""
# A further key for a payment that is decided: from now on it stands for this request as well.
_KEEP_KEY = """
INSERT INTO idempotency_keys (caller, key_sha256, request_sha256, answer, expires_at)
VALUES (:merchant_id, :key_sha256, :request_sha256, :answer,
        now() + make_interval(hours => CAST(:hours AS integer)))
ON CONFLICT (caller, key_sha256) DO UPDATE
SET request_sha256 = excluded.request_sha256, answer = excluded.answer,
    expires_at = excluded.expires_at
WHERE idempotency_keys.expires_at <= now()
RETURNING 1
"""
_TAKEN = "the key was taken meanwhile"
_STATUS = """
SELECT payment_id, merchant_id, amount_minor, currency, decision, reasons, decided_at
FROM payments JOIN decisions USING (payment_uid)
WHERE payment_id = :payment_id AND merchant_id = ANY (CAST(:merchants AS text[]))
ORDER BY merchant_id
LIMIT 2
"""


class Reuse(Enum):
    """What was sent again with another body."""

    KEY = Kind.IDEMPOTENCY_KEY_REUSED
    PAYMENT_ID = Kind.PAYMENT_ID_REUSED


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A payment with who asks for it, and under which key."""

    payment: Payment
    caller: Caller
    # The header. Without it the payment's id alone tells requests apart, which never expires.
    idempotency_key: str | None
    request_ids: Mapping[str, str]

    @property
    def key_sha256(self) -> str | None:
        """Digest under which the request is known, for the key itself may be anything."""
        if self.idempotency_key is None:
            return None
        return hashlib.sha256(self.idempotency_key.encode()).hexdigest()


@dataclass(frozen=True, kw_only=True)
class Decided:
    """What the payment's answer is, and what of it is new."""

    answer: Mapping[str, object]
    # None: it had been decided before.
    record: Record | None

    @property
    def reasons(self) -> Sequence[str]:
        """Why it is rejected; none when it is accepted."""
        return cast("Sequence[str]", self.answer["reasons"])

    @property
    def decision(self) -> str:
        """``accepted`` or ``rejected``."""
        return str(self.answer["decision"])


def deciding(
    asked: Asked, rules: Rules, environment: str, *, before_callers: bool = False
) -> Callable[[Connection], Decided | Reuse]:
    """Return the work of a transaction that decides the payment, or finds its decision.

    To be repeated without harm: what the first try wrote, the second finds. Refused are callers that
    are not known, merchants of others, and what is too much at the moment: nothing of it is kept.
    ``before_callers`` is for a database of the release before, which knows no callers.
    """

    def decide(connection: Connection) -> Decided | Reuse:
        payment = asked.payment
        if not before_callers and payment.merchant_id not in merchants_of(connection, asked.caller):
            # Whether there is a merchant of this id is nobody else's business.
            raise ProblemError(Kind.MERCHANT_NOT_FOUND, "There is no such merchant.")
        connection.run(_LOCK, merchant_id=payment.merchant_id)
        known = _known(connection, asked, rules)
        earlier = _earlier(known, payment)
        if earlier is not None:
            if isinstance(earlier, Decided) and known.by_key is None:
                _keep_key(connection, asked, earlier, rules)
            return earlier
        broken = broken_rules(payment, known.merchant, rules)
        if not broken and known.full_until is not None:
            raise _too_many(known.full_until, known.now)
        return _write(connection, asked, broken, known.now, rules, environment)

    return decide


def _too_many(full_until: datetime, now: datetime) -> ProblemError:
    seconds = max(1, math.ceil((full_until - now).total_seconds()))
    return ProblemError(
        Kind.VELOCITY_EXCEEDED,
        "The merchant has too many payments at the moment. Send the same request again later.",
        headers={"Retry-After": str(seconds)},
    )


def status_of(
    payment_id: str, caller: Caller, merchant_id: str | None
) -> Callable[[Connection], list[dict[str, object]]]:
    """Return the work that finds a payment of the caller's merchants, or of the one of this id.

    Two are found when two of its merchants have one of that id.
    """

    def find(connection: Connection) -> list[dict[str, object]]:
        own = merchants_of(connection, caller)
        # Of another one nothing is found, and the same is asked as for an id that nobody has.
        merchants = [one for one in own if merchant_id in {None, one}]
        rows = connection.run(_STATUS, payment_id=payment_id, merchants=merchants) or []
        return [
            {
                "payment_id": identity,
                "merchant_id": merchant,
                "decision": decision,
                "reasons": reasons,
                "amount_minor": amount,
                "amount": in_major_units(amount, currency),
                "currency": currency,
                "decided_at": decided_at.astimezone(UTC).isoformat(timespec="milliseconds"),
            }
            for identity, merchant, amount, currency, decision, reasons, decided_at in rows
        ]

    return find


@dataclass(frozen=True, kw_only=True)
class _Known:
    # Digest of the request and its answer.
    by_key: Sequence[str] | None
    by_payment: Sequence[str] | None
    merchant: Merchant
    # None: the velocity's span has room.
    full_until: datetime | None
    now: datetime


def _known(connection: Connection, asked: Asked, rules: Rules) -> _Known:
    payment = asked.payment
    ((by_key, by_payment, status, full_until, now),) = cast(
        "Sequence[Sequence[Any]]",
        connection.run(
            _KNOWN,
            credential=asked.caller.credential,
            key_sha256=asked.key_sha256,
            merchant_id=payment.merchant_id,
            payment_id=payment.payment_id,
            seconds=rules.velocity.seconds,
            payments=rules.velocity.payments,
        ),
    )
    return _Known(
        by_key=by_key,
        by_payment=by_payment,
        merchant=Merchant(status=status),
        full_until=full_until,
        now=now,
    )


def _earlier(known: _Known, payment: Payment) -> Decided | Reuse | None:
    for found, reuse in ((known.by_key, Reuse.KEY), (known.by_payment, Reuse.PAYMENT_ID)):
        if found is not None:
            digest, answer = found
            if digest != payment.sha256:
                return reuse
            return Decided(answer=json.loads(answer), record=None)
    return None


def _keep_key(connection: Connection, asked: Asked, decided: Decided, rules: Rules) -> None:
    if asked.key_sha256 is None:
        return
    kept = connection.run(
        _KEEP_KEY,
        merchant_id=asked.payment.merchant_id,
        key_sha256=asked.key_sha256,
        request_sha256=asked.payment.sha256,
        answer=json.dumps(decided.answer),
        hours=rules.idempotency_hours,
    )
    if not kept:
        # Another request under the same key was faster; the next try finds what it wrote.
        raise AgainError(_TAKEN)


def _write(  # noqa: PLR0913, PLR0917 - the decision with all that it is made of
    connection: Connection,
    asked: Asked,
    broken: Sequence[Reason],
    now: datetime,
    rules: Rules,
    environment: str,
) -> Decided:
    payment = asked.payment
    decision = "rejected" if broken else "accepted"
    reasons = [str(reason) for reason in broken]
    answer: dict[str, object] = {
        "payment_id": payment.payment_id,
        "decision": decision,
        "reasons": reasons,
        "amount_minor": payment.amount_minor,
        "amount": in_major_units(payment.amount_minor, payment.currency),
        "currency": payment.currency,
    }
    record = {
        # Version 1 called the channel `door`.
        "version": 2,
        "environment": environment,
        "decided_at": now.astimezone(UTC).isoformat(timespec="milliseconds"),
        **{name: answer[name] for name in ("decision", "reasons", "payment_id")},
        "merchant_id": payment.merchant_id,
        "amount_minor": payment.amount_minor,
        "currency": payment.currency,
        "payment_method_sha256": payment.payment_method_sha256,
        "channel": asked.caller.channel.value,
        **asked.caller.recorded,
        "request_ids": dict(asked.request_ids),
    }
    key = record_key(payment.payment_id, payment.sha256, now)
    text = json.dumps(record, separators=(",", ":"), sort_keys=True)
    ((identity, keys),) = cast(
        "Sequence[Sequence[Any]]",
        connection.run(
            _DECIDE,
            payment_id=payment.payment_id,
            merchant_id=payment.merchant_id,
            amount_minor=payment.amount_minor,
            currency=payment.currency,
            payment_method_sha256=payment.payment_method_sha256,
            request_sha256=payment.sha256,
            decision=decision,
            reasons=reasons,
            accepted_merchant_id=None if broken else payment.merchant_id,
            channel=asked.caller.channel.value,
            answer=json.dumps(answer),
            key_sha256=asked.key_sha256,
            hours=rules.idempotency_hours,
            object_key=key,
            record=text,
        ),
    )
    if asked.key_sha256 is not None and not keys:
        # Another request under the same key was faster; the next try finds what it wrote.
        raise AgainError(_TAKEN)
    return Decided(answer=answer, record=Record(id=identity, key=key, text=text))
