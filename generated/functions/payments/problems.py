"""Refusals in the form of RFC 9457 (problem details)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus

from payments.events import Reply

MEDIA_TYPE = "application/problem+json"


class ProblemError(Exception):
    """Ends a request with a problem; what it says may be shown to anybody."""

    def __init__(
        self,
        status: HTTPStatus,
        kind: str,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        errors: Sequence[Mapping[str, str]] = (),
    ) -> None:
        """Name the problem by a kind that programs can compare."""
        super().__init__(kind)
        self.kind = kind
        self.reply = problem(status, kind, detail, headers=headers, errors=errors)


def problem(
    status: HTTPStatus,
    kind: str,
    detail: str,
    *,
    headers: Mapping[str, str] | None = None,
    errors: Sequence[Mapping[str, str]] = (),
) -> Reply:
    """Answer with problem details; ``errors`` names single members of the request."""
    content: dict[str, object] = {
        "type": f"urn:paystage:problem:{kind}",
        "title": kind.replace("-", " ").capitalize(),
        "status": status.value,
        "detail": detail,
    }
    if errors:
        content["errors"] = [dict(error) for error in errors]
    return Reply(
        status=status,
        content=content,
        media_type=MEDIA_TYPE,
        headers=headers or {},
    )


def not_now(kind: str, detail: str, *, seconds: int = 5) -> ProblemError:
    """Something behind the service is away; the same request may be sent again."""
    return ProblemError(
        HTTPStatus.SERVICE_UNAVAILABLE, kind, detail, headers={"Retry-After": str(seconds)}
    )
