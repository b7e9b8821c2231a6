"""Validates payments behind API Gateway and the load balancer: ``POST /payments/validate``.

A decision is answered only after it stands in the database together with its audit record. Sending
a request again is safe: it gets the first one's answer, whatever happened to that.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from http import HTTPStatus

from aws_lambda_powertools.metrics import MetricUnit

from payments.ahead import read_ahead
from payments.callers import Caller
from payments.cards import card_pointers, looks_like_card
from payments.database import UNDEFINED_TABLE, Database, DatabaseUnavailableError
from payments.entry import Call, Context, healthy, serve
from payments.events import BodyError, OverlongBodyError, Reply
from payments.ledger import Asked, Decided, Reuse, deciding
from payments.outbox import Outbox
from payments.payment import MAX_BODY_BYTES, MalformedError, Payment, parse_json, parse_payment
from payments.problems import Kind, ProblemError, not_now
from payments.rules import Rules
from payments.settings import required
from payments.telemetry import LOG, measure
from payments.trail import AuditTrail

read_ahead(audit=True)

# A string of structured fields (RFC 8941), as the draft of the header wants it, or without quotes.
_KEY = re.compile(r'("?)([\x21\x23-\x5b\x5d-\x7e]{1,128})\1')


def handle(event: Mapping[str, object], context: Context) -> object:
    """Answer one event of either entry point."""
    return serve(
        event,
        context,
        "validate-payment",
        {"/payments/validate": {"POST": _validate}, "/health": {"GET": healthy}},
    )


def _validate(call: Call) -> Reply:
    payment = _payment(call)
    asked = Asked(
        payment=payment,
        caller=Caller.of(call.request),
        idempotency_key=_idempotency_key(call),
        request_ids={name: value for name, value in call.ids.items() if value},
    )
    LOG.add({"payment_id": payment.payment_id})
    call.annotations.set(payment_id=payment.payment_id)
    decided = _decide(asked, call)
    if isinstance(decided, Reuse):
        detail = {
            Reuse.KEY: "The Idempotency-Key was used with another body.",
            Reuse.PAYMENT_ID: "The merchant has a payment of this id with other members.",
        }
        raise ProblemError(decided.value, detail[decided])
    call.annotations.set(decision=decided.decision)
    if decided.record is not None:
        outbox().deliver(decided.record, deadline=call.deadline)
    _tell(payment, decided, call)
    return Reply(
        status=HTTPStatus.OK,
        content=decided.answer,
        headers={} if decided.record else {"Idempotency-Replayed": "true"},
    )


def _payment(call: Call) -> Payment:
    request = call.request
    call.header("content-type")
    if request.media_type != "application/json":
        raise ProblemError(Kind.UNSUPPORTED_MEDIA_TYPE, "Send application/json.")
    try:
        members = parse_json(request.body(MAX_BODY_BYTES))
        cards = card_pointers(members)
        if cards:
            raise ProblemError(
                Kind.CARD_NUMBER_REFUSED,
                "Send a token from the payment provider. Nothing of this request was kept.",
                errors=[{"pointer": pointer, "code": "card_number"} for pointer in cards],
            )
        return parse_payment(members)
    except OverlongBodyError:
        raise ProblemError(
            Kind.BODY_TOO_LARGE, f"A payment has at most {MAX_BODY_BYTES} bytes."
        ) from None
    except BodyError as error:
        raise ProblemError(Kind.MALFORMED_BODY, str(error)) from None
    except MalformedError as error:
        raise ProblemError(Kind.MALFORMED_BODY, error.detail, errors=error.errors) from None


def _idempotency_key(call: Call) -> str | None:
    header = call.request.headers.get("idempotency-key")
    if header is None:
        return None
    if "idempotency-key" in call.request.repeated:
        raise ProblemError(Kind.REPEATED_IDEMPOTENCY_KEY, "Send one Idempotency-Key.")
    found = _KEY.fullmatch(header.strip())
    if found is None or looks_like_card(found[2]):
        raise ProblemError(
            Kind.MALFORMED_IDEMPOTENCY_KEY,
            "Send 1 to 128 visible characters, best a random UUID, and never a card number.",
        )
    return found[2]


def _decide(asked: Asked, call: Call) -> Decided | Reuse:
    try:
        try:
            return _decided(asked, call)
        except DatabaseUnavailableError as error:
            if error.code != UNDEFINED_TABLE:
                raise
            # Until the deployment has migrated the database, its payments go on as before.
            LOG.warning("the database knows no callers yet", code=error.code)
            return _decided(asked, call, before_callers=True)
    except ProblemError as refused:
        if refused.reply.status == HTTPStatus.TOO_MANY_REQUESTS:
            measure({"VelocityExceeded": (MetricUnit.Count, 1)})
        raise
    except DatabaseUnavailableError as error:
        LOG.error("payment not decided", code=error.code, outcome_unknown=error.outcome_unknown)
        detail = "No decision can be given now. Send the same request again to get it."
        raise not_now(Kind.DATABASE_UNAVAILABLE, detail) from None


def _decided(asked: Asked, call: Call, *, before_callers: bool = False) -> Decided | Reuse:
    work = deciding(asked, rules(), required("ENVIRONMENT"), before_callers=before_callers)
    # Whatever a commit without an answer left, the next try finds.
    return database().run(work, deadline=call.deadline, repeatable=True)


def _tell(payment: Payment, decided: Decided, call: Call) -> None:
    repeated = decided.record is None
    LOG.info(
        "payment decided",
        decision=decided.decision,
        reasons=list(decided.reasons),
        channel=call.request.channel,
        merchant_id=payment.merchant_id,
        repeated=repeated,
    )
    if repeated:
        # Counted once, when it was decided.
        measure({"Repeated": (MetricUnit.Count, 1)})
        return
    rejected = decided.decision == "rejected"
    measure(
        {
            "Accepted": (MetricUnit.Count, 0 if rejected else 1),
            "Rejected": (MetricUnit.Count, 1 if rejected else 0),
            # Its average is the rate.
            "RejectionRate": (MetricUnit.Percent, 100 if rejected else 0),
        }
    )
    for reason in decided.reasons:
        measure({"RejectedFor": (MetricUnit.Count, 1)}, reason=reason)


@functools.cache
def database() -> Database:
    """Return this execution environment's database, with its one connection."""
    return Database.of_environment()


@functools.cache
def outbox() -> Outbox:
    """Return what delivers audit records right after a decision."""
    return Outbox(connect=lambda: AuditTrail.connect(required("AUDIT_BUCKET")))


@functools.cache
def rules() -> Rules:
    """Return the rules; wrong ones are an error of every call."""
    return Rules.parse(required("PAYMENT_RULES"))
