"""Refusals in the form of RFC 9457 (problem details)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from http import HTTPStatus

from payments.events import Reply

MEDIA_TYPE = "application/problem+json"


class Kind(StrEnum):
    """Every problem there is; ``docs/answers.md`` says what leads to each, and what to do."""

    BODY_TOO_LARGE = "body-too-large"
    CALLER_UNKNOWN = "caller-unknown"
    CALLERS_NOT_KNOWN_YET = "callers-not-known-yet"
    CARD_NUMBER_REFUSED = "card-number-refused"
    DATABASE_UNAVAILABLE = "database-unavailable"
    IDEMPOTENCY_KEY_REUSED = "idempotency-key-reused"
    MALFORMED_BODY = "malformed-body"
    MALFORMED_IDEMPOTENCY_KEY = "malformed-idempotency-key"
    MALFORMED_MERCHANT_ID = "malformed-merchant-id"
    MALFORMED_PAYMENT_ID = "malformed-payment-id"
    MERCHANT_NOT_FOUND = "merchant-not-found"
    METHOD_NOT_ALLOWED = "method-not-allowed"
    NOT_FOUND = "not-found"
    PAYMENT_ID_AMBIGUOUS = "payment-id-ambiguous"
    PAYMENT_ID_REUSED = "payment-id-reused"
    PAYMENT_NOT_FOUND = "payment-not-found"
    REPEATED_HEADER = "repeated-header"
    REPEATED_IDEMPOTENCY_KEY = "repeated-idempotency-key"
    UNSUPPORTED_MEDIA_TYPE = "unsupported-media-type"
    VELOCITY_EXCEEDED = "velocity-exceeded"

    @property
    def status(self) -> HTTPStatus:
        """Status that it is always answered with."""
        return _STATUSES[self]


_STATUSES: Mapping[Kind, HTTPStatus] = {
    Kind.BODY_TOO_LARGE: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    Kind.CALLER_UNKNOWN: HTTPStatus.FORBIDDEN,
    Kind.CALLERS_NOT_KNOWN_YET: HTTPStatus.SERVICE_UNAVAILABLE,
    Kind.CARD_NUMBER_REFUSED: HTTPStatus.UNPROCESSABLE_ENTITY,
    Kind.DATABASE_UNAVAILABLE: HTTPStatus.SERVICE_UNAVAILABLE,
    Kind.IDEMPOTENCY_KEY_REUSED: HTTPStatus.CONFLICT,
    Kind.MALFORMED_BODY: HTTPStatus.BAD_REQUEST,
    Kind.MALFORMED_IDEMPOTENCY_KEY: HTTPStatus.BAD_REQUEST,
    Kind.MALFORMED_MERCHANT_ID: HTTPStatus.BAD_REQUEST,
    Kind.MALFORMED_PAYMENT_ID: HTTPStatus.BAD_REQUEST,
    Kind.MERCHANT_NOT_FOUND: HTTPStatus.NOT_FOUND,
    Kind.METHOD_NOT_ALLOWED: HTTPStatus.METHOD_NOT_ALLOWED,
    Kind.NOT_FOUND: HTTPStatus.NOT_FOUND,
    Kind.PAYMENT_ID_AMBIGUOUS: HTTPStatus.CONFLICT,
    Kind.PAYMENT_ID_REUSED: HTTPStatus.CONFLICT,
    Kind.PAYMENT_NOT_FOUND: HTTPStatus.NOT_FOUND,
    Kind.REPEATED_HEADER: HTTPStatus.BAD_REQUEST,
    Kind.REPEATED_IDEMPOTENCY_KEY: HTTPStatus.BAD_REQUEST,
    Kind.UNSUPPORTED_MEDIA_TYPE: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    Kind.VELOCITY_EXCEEDED: HTTPStatus.TOO_MANY_REQUESTS,
}


class ProblemError(Exception):
    """Ends a request with a problem; what it says may be shown to anybody."""

    def __init__(
        self,
        kind: Kind,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        errors: Sequence[Mapping[str, str]] = (),
    ) -> None:
        """Name the problem by a kind that programs can compare."""
        super().__init__(kind)
        self.kind = kind
        self.reply = problem(kind, detail, headers=headers, errors=errors)


def problem(
    kind: Kind,
    detail: str,
    *,
    headers: Mapping[str, str] | None = None,
    errors: Sequence[Mapping[str, str]] = (),
) -> Reply:
    """Answer with problem details; ``errors`` names single members of the request."""
    content: dict[str, object] = {
        "type": f"urn:paystage:problem:{kind}",
        "title": kind.replace("-", " ").capitalize(),
        "status": kind.status.value,
        "detail": detail,
    }
    if errors:
        content["errors"] = [dict(error) for error in errors]
    return Reply(
        status=kind.status,
        content=content,
        media_type=MEDIA_TYPE,
        headers=headers or {},
    )


def not_now(kind: Kind, detail: str, *, seconds: int = 5) -> ProblemError:
    """Something behind the service is away; the same request may be sent again."""
    return ProblemError(kind, detail, headers={"Retry-After": str(seconds)})
