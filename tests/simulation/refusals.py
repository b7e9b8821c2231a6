"""What API Gateway itself answers: errors, in the form that the API's gateway responses give them."""

from __future__ import annotations

import json
import re
from enum import StrEnum
from typing import TYPE_CHECKING

from simulation.web import Answer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from simulation.routes import Api, GatewayResponse


class Kind(StrEnum):
    """A response type."""

    ACCESS_DENIED = "ACCESS_DENIED"
    API_CONFIGURATION_ERROR = "API_CONFIGURATION_ERROR"
    BAD_REQUEST_BODY = "BAD_REQUEST_BODY"
    BAD_REQUEST_PARAMETERS = "BAD_REQUEST_PARAMETERS"
    INTEGRATION_TIMEOUT = "INTEGRATION_TIMEOUT"
    INVALID_API_KEY = "INVALID_API_KEY"
    INVALID_SIGNATURE = "INVALID_SIGNATURE"
    MISSING_AUTHENTICATION_TOKEN = "MISSING_AUTHENTICATION_TOKEN"  # noqa: S105 - a name
    QUOTA_EXCEEDED = "QUOTA_EXCEEDED"
    REQUEST_TOO_LARGE = "REQUEST_TOO_LARGE"
    THROTTLED = "THROTTLED"


# Status, message, and the name in ``x-amzn-ErrorType``. AWS: "Gateway response types".
_KINDS = {
    Kind.ACCESS_DENIED: (403, "User is not authorized to access this resource", "AccessDenied"),
    Kind.API_CONFIGURATION_ERROR: (500, "Internal server error", "InternalServerError"),
    Kind.BAD_REQUEST_BODY: (400, "Invalid request body", "BadRequest"),
    Kind.BAD_REQUEST_PARAMETERS: (400, "Missing required request parameters", "BadRequest"),
    Kind.INTEGRATION_TIMEOUT: (504, "Endpoint request timed out", "InternalServerError"),
    Kind.INVALID_API_KEY: (403, "Forbidden", "Forbidden"),
    Kind.INVALID_SIGNATURE: (
        403,
        "The request signature we calculated does not match the signature you provided.",
        "InvalidSignature",
    ),
    Kind.MISSING_AUTHENTICATION_TOKEN: (
        403,
        "Missing Authentication Token",
        "MissingAuthenticationToken",
    ),
    Kind.QUOTA_EXCEEDED: (429, "Limit Exceeded", "LimitExceeded"),
    Kind.REQUEST_TOO_LARGE: (
        413,
        "HTTP content length exceeded 10485760 bytes.",
        "RequestTooLarge",
    ),
    Kind.THROTTLED: (429, "Too Many Requests", "TooManyRequests"),
}
_DEFAULT_TEMPLATE = {"application/json": '{"message":$context.error.messageString}'}
_VARIABLE = re.compile(r"\$context\.([A-Za-z]+(?:\.[A-Za-z]+)*)|\$\{context\.([A-Za-z.]+)\}")


def usual_status(kind: Kind) -> int:
    """Return the status of a response type that nobody changed."""
    return _KINDS[kind][0]


class Refusal(Exception):  # noqa: N818 - an answer, not a mistake
    """The gateway answers instead of the function."""

    def __init__(
        self,
        kind: Kind,
        *,
        message: str | None = None,
        status: int | None = None,
        validation: str = "",
    ) -> None:
        """Name the response type; message and status are its usual ones unless given."""
        super().__init__(kind)
        usual_status, usual_message, name = _KINDS[kind]
        self.kind = kind
        self.status = status or usual_status
        self.message = message or usual_message
        self.error_type = f"{name}Exception"
        self.validation = validation


def answer(
    api: Api, refusal: Refusal, context: Mapping[str, str], request: Callable[[str], str | None]
) -> Answer:
    """Render a refusal; ``request`` gives ``header.X`` and the like of the request."""
    response = _response(api, refusal)
    known = {
        **context,
        "error.message": refusal.message,
        "error.messageString": json.dumps(refusal.message),
        "error.responseType": refusal.kind,
        "error.validationErrorString": refusal.validation,
    }
    # With several, API Gateway goes by the Accept header; the API has one.
    templates = (response.templates if response else {}) or _DEFAULT_TEMPLATE
    media_type, template = next(iter(templates.items()))
    headers = [("Content-Type", media_type), ("x-amzn-ErrorType", refusal.error_type)]
    for target, source in (response.parameters if response else {}).items():
        value = _mapped(source, known, request)
        if value is not None:
            headers.append((target.removeprefix("gatewayresponse.header."), value))
    status = response.status if response and response.status else refusal.status
    return Answer(status=status, headers=tuple(headers), body=_filled(template, known).encode())


def _response(api: Api, refusal: Refusal) -> GatewayResponse | None:
    default = "DEFAULT_5XX" if refusal.status >= 500 else "DEFAULT_4XX"  # noqa: PLR2004 - statuses
    return api.responses.get(refusal.kind) or api.responses.get(default)


def _filled(template: str, known: Mapping[str, str]) -> str:
    return _VARIABLE.sub(lambda found: known.get(found[1] or found[2], ""), template)


def _mapped(
    source: str, known: Mapping[str, str], request: Callable[[str], str | None]
) -> str | None:
    if source.startswith("'"):
        return source.strip("'")
    if source.startswith("context."):
        return known.get(source.removeprefix("context."))
    return request(source.removeprefix("method.request."))
