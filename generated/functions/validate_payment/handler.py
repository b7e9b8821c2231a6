"""Validates payments behind API Gateway and the load balancer.

A decision is given only after its audit record is written. The service keeps no state of its own: a
repeated request gets the same decision and leaves the first record as it is.
"""

from __future__ import annotations

import functools
import hashlib
import os
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from types import TracebackType
from typing import Protocol

from audit import AuditTrail, AuditUnavailableError, record_key
from cards import card_pointers
from events import BodyError, Door, OverlongBodyError, Reply, Request, problem, trace_root
from rules import MAX_BODY_BYTES, MalformedError, Payment, parse_json, parse_payment, reasons
from telemetry import Annotations, Level, Log, Tracer, threshold

TRACER = Tracer()


class Context(Protocol):
    """The part of Lambda's context that is used."""

    @property
    def aws_request_id(self) -> str:
        """Id of this invocation."""
        ...


class UnexpectedError(Exception):
    """A defect: raised so that Lambda counts an error, without the text that caused it."""


def handle(event: Mapping[str, object], context: Context) -> dict[str, object]:
    """Answer one event of either door."""
    request = Request.from_event(event)
    request_id = context.aws_request_id
    log = Log(threshold=threshold(os.environ.get("LOG_LEVEL", "INFO"))).with_ids(
        {
            "request_id": request_id,
            "api_request_id": request.api_request_id,
            "trace_id": trace_root(os.environ.get("_X_AMZN_TRACE_ID", "")),
            f"{request.door.replace('-', '_')}_trace_id": request.trace_root,
        }
    )
    with TRACER.subsegment("payments") as annotations, _Defects(log, request_id):
        reply = _route(request, log, annotations)
    return reply.to_event(request, request_id)


class _Defects:
    """Turns an unexpected exception into one that quotes nothing, after logging where it arose."""

    def __init__(self, log: Log, request_id: str) -> None:
        self._log = log
        self._request_id = request_id

    def __enter__(self) -> None:
        pass

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None or error is None:
            return
        where = [f"{frame.filename}:{frame.lineno}" for frame in traceback.extract_tb(trace)]
        self._log.write(Level.ERROR, "unexpected error", error=kind.__name__, where=where)
        raise UnexpectedError(self._request_id) from None


def _route(request: Request, log: Log, annotations: Annotations) -> Reply:
    allowed = {"/health": ("GET", "HEAD"), "/payments/validate": ("POST",)}.get(request.path)
    if allowed is None:
        log.write(Level.INFO, "request refused", problem="not-found", door=request.door)
        return problem(HTTPStatus.NOT_FOUND, "not-found", "Nothing is here.")
    if request.method not in allowed:
        log.write(Level.INFO, "request refused", problem="method-not-allowed", door=request.door)
        return problem(
            HTTPStatus.METHOD_NOT_ALLOWED,
            "method-not-allowed",
            f"Use {' or '.join(allowed)}.",
            headers={"Allow": ", ".join(allowed)},
        )
    if request.path == "/health":
        # The load balancer asks often, from each of its nodes: no line at the usual level.
        log.write(Level.DEBUG, "health", door=request.door)
        return Reply(status=HTTPStatus.OK, content={"status": "ok"})
    reply = _validate(request, log, annotations)
    if reply.media_type == "application/problem+json":
        log.write(
            Level.ERROR if reply.status >= HTTPStatus.INTERNAL_SERVER_ERROR else Level.INFO,
            "request refused",
            problem=str(reply.content["type"]).rpartition(":")[2],
            door=request.door,
        )
    return reply


def _validate(request: Request, log: Log, annotations: Annotations) -> Reply:
    if request.media_type != "application/json":
        return problem(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            "unsupported-media-type",
            "Send application/json.",
        )
    try:
        members = parse_json(request.body(MAX_BODY_BYTES))
        cards = sorted(set(card_pointers(members)))
        if cards:
            return problem(
                HTTPStatus.UNPROCESSABLE_ENTITY,
                "card-number-refused",
                "Send a token from the payment provider. Nothing of this request was kept.",
                errors=[{"pointer": pointer, "code": "card_number"} for pointer in cards],
            )
        payment = parse_payment(members)
    except OverlongBodyError:
        return problem(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            "body-too-large",
            f"A payment has at most {MAX_BODY_BYTES} bytes.",
        )
    except BodyError as error:
        return problem(HTTPStatus.BAD_REQUEST, "malformed-body", str(error))
    except MalformedError as error:
        return problem(HTTPStatus.BAD_REQUEST, "malformed-body", error.detail, errors=error.errors)
    return _decide(request, payment, members, log, annotations)


def _decide(
    request: Request,
    payment: Payment,
    members: Mapping[str, object],
    log: Log,
    annotations: Annotations,
) -> Reply:
    broken = reasons(payment)
    decision = "rejected" if broken else "accepted"
    annotations.set(
        payment_id=payment.payment_id,
        door=request.door,
        alb_trace_id=request.trace_root if request.door is Door.LOAD_BALANCER else None,
    )
    log = log.with_ids({"payment_id": payment.payment_id})
    now = datetime.now(UTC)
    record: dict[str, object] = {
        "version": 1,
        "environment": os.environ["ENVIRONMENT"],
        "decided_at": now.isoformat(timespec="milliseconds"),
        "decision": decision,
        "reasons": broken,
        "payment_id": payment.payment_id,
        "merchant_id": payment.merchant_id,
        "amount_minor": payment.amount_minor,
        "currency": payment.currency,
        # Tells whether two records meant the same payment method, and cannot be charged.
        "payment_method_sha256": hashlib.sha256(payment.payment_method_token.encode()).hexdigest(),
        "door": request.door,
        "api_key_id": request.api_key_id,
        "request_ids": dict(log.ids),
    }
    try:
        written = _trail(os.environ["AUDIT_BUCKET"]).write(
            record_key(payment, now, members), record
        )
    except AuditUnavailableError as error:
        log.write(Level.ERROR, "audit record not written", error=str(error))
        return problem(
            HTTPStatus.SERVICE_UNAVAILABLE,
            "audit-unavailable",
            "The decision could not be recorded, so none was made. Send the same request again.",
            headers={"Retry-After": "5"},
        )
    annotations.set(decision=decision)
    log.write(
        Level.INFO,
        "payment decided",
        decision=decision,
        reasons=[str(reason) for reason in broken],
        door=request.door,
        merchant_id=payment.merchant_id,
        repeated="no" if written else "yes",
    )
    return Reply(
        status=HTTPStatus.OK,
        content={
            "payment_id": payment.payment_id,
            "decision": decision,
            "reasons": broken,
            "amount_minor": payment.amount_minor,
            "amount": payment.amount,
            "currency": payment.currency,
        },
    )


@functools.cache
def _trail(bucket: str) -> AuditTrail:
    # One client for the life of the execution environment, made at the first payment.
    return AuditTrail.connect(bucket)
