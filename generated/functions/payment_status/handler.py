"""Tells merchants what became of their payments: ``GET /payments/status``, with the id in a header."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping
from http import HTTPStatus

from payments.ahead import read_ahead
from payments.callers import Caller
from payments.cards import looks_like_card
from payments.database import Database, DatabaseUnavailableError
from payments.entry import Call, Context, healthy, serve
from payments.events import Reply
from payments.ledger import status_of
from payments.payment import MERCHANT_ID, PAYMENT_ID
from payments.problems import Kind, ProblemError, not_now
from payments.telemetry import LOG

read_ahead()

# Where the id stands in the path, logs before the function keep it, also if it is a card number: RFC 9745, 8594, 5829.
_DEPRECATED = {
    "Deprecation": "@1796083200",
    "Sunset": "Wed, 01 Dec 2027 00:00:00 GMT",
    "Link": '<status>; rel="successor-version"',
}


def handle(event: Mapping[str, object], context: Context) -> object:
    """Answer one event of either entry point."""
    return serve(
        event,
        context,
        "payment-status",
        {
            "/payments/status": {"GET": _status},
            "/payments/{payment_id}": {"GET": _status_by_path},
            "/health": {"GET": healthy},
        },
    )


def _status(call: Call) -> Reply:
    payment_id = (call.header("payment-id") or "").strip()
    if not PAYMENT_ID.fullmatch(payment_id) or looks_like_card(payment_id):
        raise ProblemError(Kind.MALFORMED_PAYMENT_ID, "Send the payment's id as Payment-Id.")
    return _told(call, payment_id, call.header("merchant-id"), "the header Merchant-Id")


def _status_by_path(call: Call) -> Reply:
    try:
        merchant_id = call.request.query.get("merchant_id")
        reply = _told(call, call.parameters["payment_id"], merchant_id, "?merchant_id=")
    except ProblemError as refused:
        reply = refused.reply
    return dataclasses.replace(reply, headers={**reply.headers, **_DEPRECATED})


def _told(call: Call, payment_id: str, merchant_id: str | None, where: str) -> Reply:
    if merchant_id is not None and not MERCHANT_ID.fullmatch(merchant_id):
        raise ProblemError(Kind.MALFORMED_MERCHANT_ID, "merchant_id is no merchant's id.")
    LOG.add({"payment_id": payment_id})
    call.annotations.set(payment_id=payment_id)
    try:
        found = database().run(
            status_of(payment_id, Caller.of(call.request), merchant_id),
            deadline=call.deadline,
            repeatable=True,
        )
    except DatabaseUnavailableError as error:
        LOG.error("payment not looked up", code=error.code)
        detail = "The payment cannot be looked up now. Ask again."
        raise not_now(Kind.DATABASE_UNAVAILABLE, detail) from None
    if not found:
        raise ProblemError(Kind.PAYMENT_NOT_FOUND, "There is no such payment.")
    if len(found) > 1:
        # An id is unique among one merchant's payments only, and a caller may have several.
        raise ProblemError(
            Kind.PAYMENT_ID_AMBIGUOUS,
            f"Several of your merchants have a payment of this id: add {where}.",
        )
    LOG.info("payment told", decision=str(found[0]["decision"]))
    return Reply(status=HTTPStatus.OK, content=found[0])


@functools.cache
def database() -> Database:
    """Return this execution environment's database, with its one connection."""
    return Database.of_environment(read_only=True)
