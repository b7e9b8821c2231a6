"""Tells merchants what became of their payments: ``GET /payments/{payment_id}``."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from http import HTTPStatus

from payments.ahead import read_ahead
from payments.callers import Caller
from payments.database import Database, DatabaseUnavailableError
from payments.entry import Call, Context, healthy, serve
from payments.events import Reply
from payments.ledger import status_of
from payments.payment import MERCHANT_ID
from payments.problems import ProblemError, not_now
from payments.telemetry import LOG

read_ahead()


def handle(event: Mapping[str, object], context: Context) -> object:
    """Answer one event of either entry point."""
    return serve(
        event,
        context,
        "payment-status",
        {"/payments/{payment_id}": {"GET": _status}, "/health": {"GET": healthy}},
    )


def _status(call: Call) -> Reply:
    payment_id = call.parameters["payment_id"]
    merchant_id = call.request.query.get("merchant_id")
    if merchant_id is not None and not MERCHANT_ID.fullmatch(merchant_id):
        kind = "malformed-merchant-id"
        raise ProblemError(HTTPStatus.BAD_REQUEST, kind, "merchant_id is no merchant's id.")
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
        kind = "database-unavailable"
        raise not_now(kind, "The payment cannot be looked up now. Ask again.") from None
    if not found:
        kind = "payment-not-found"
        raise ProblemError(HTTPStatus.NOT_FOUND, kind, "There is no such payment.")
    if len(found) > 1:
        # An id is unique among one merchant's payments only, and a caller may have several.
        raise ProblemError(
            HTTPStatus.CONFLICT,
            "payment-id-ambiguous",
            "Several of your merchants have a payment of this id: add ?merchant_id=.",
        )
    LOG.info("payment told", decision=str(found[0]["decision"]))
    return Reply(status=HTTPStatus.OK, content=found[0])


@functools.cache
def database() -> Database:
    """Return this execution environment's database, with its one connection."""
    return Database.of_environment(read_only=True)
