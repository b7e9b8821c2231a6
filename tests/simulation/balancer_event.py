"""Events of a load balancer's target group, and what a function's answers to it must be."""

from __future__ import annotations

import base64
import http.client
import json
import re
from typing import TYPE_CHECKING, Any, cast

from simulation import mutual_tls
from simulation.api_event import MalformedError, decoded, read_headers, read_status
from simulation.web import Answer
from simulation.xray import new_trace_id

if TYPE_CHECKING:
    from collections.abc import Mapping

    from simulation.routes import Listener, TargetGroup
    from simulation.web import Request

_TEXT = re.compile(r"text/.*|application/(?:json|javascript|xml)")
_VALID_HEADER = re.compile(r"[-A-Za-z0-9]+")
_LARGEST_ANSWER = 2**20
CHECKER = "ELB-HealthChecker/2.0"


def make(
    request: Request, group: TargetGroup, listener: Listener, *, drops_invalid: bool
) -> dict[str, Any]:
    """Return the event that the function gets."""
    headers = _headers(request, listener, drops_invalid=drops_invalid)
    # As they stood in the address: the balancer decodes nothing.
    query = [
        (name, value)
        for name, _, value in (part.partition("=") for part in request.query.split("&") if part)
    ]
    encoded = _is_binary(request)
    body = base64.b64encode(request.body) if encoded else request.body
    return {
        "requestContext": {"elb": {"targetGroupArn": group.arn}},
        "httpMethod": request.method,
        "path": request.path,
        **_valued(group, "QueryStringParameters", "queryStringParameters", query),
        **_valued(group, "Headers", "headers", headers),
        "body": body.decode("utf-8", errors="replace"),
        "isBase64Encoded": encoded,
    }


def health_check(group: TargetGroup, path: str) -> dict[str, Any]:
    """Return the event of a health check."""
    return {
        "requestContext": {"elb": {"targetGroupArn": group.arn}},
        "httpMethod": "GET",
        "path": path,
        **_valued(group, "QueryStringParameters", "queryStringParameters", []),
        **_valued(group, "Headers", "headers", [("user-agent", CHECKER)]),
        "body": "",
        "isBase64Encoded": False,
    }


def _valued(
    group: TargetGroup, many: str, one: str, pairs: list[tuple[str, str]]
) -> dict[str, object]:
    if not group.multi_value:
        # Of several values, the last.
        return {one: dict(pairs)}
    gathered: dict[str, list[str]] = {}
    for name, value in pairs:
        gathered.setdefault(name, []).append(value)
    return {f"multiValue{many}": gathered}


def _headers(request: Request, listener: Listener, *, drops_invalid: bool) -> list[tuple[str, str]]:
    sent = [
        (name.lower(), value)
        for name, value in request.headers
        if not drops_invalid or _VALID_HEADER.fullmatch(name)
    ]
    if listener.verifies:
        # The balancer's own words: nobody else may say who a caller is.
        sent = [pair for pair in sent if not pair[0].startswith(mutual_tls.PREFIX)]
        if request.certificate is not None:
            sent += mutual_tls.headers(request.certificate).items()
    forwarded = [*request.values("X-Forwarded-For"), request.client]
    ours = {
        "x-amzn-trace-id": _trace(request.header("X-Amzn-Trace-Id")),
        "x-forwarded-for": ", ".join(forwarded),
        "x-forwarded-port": str(listener.port),
        "x-forwarded-proto": listener.protocol.lower(),
    }
    return [*((name, value) for name, value in sent if name not in ours), *ours.items()]


def _trace(header: str | None) -> str:
    """Return the trace header: who brings a root keeps it, and the balancer adds itself."""
    kept = [part for part in (header or "").split(";") if part and not part.startswith("Self=")]
    if not any(part.strip().startswith("Root=") for part in kept):
        return ";".join([f"Root={new_trace_id()}", *kept])
    return ";".join([f"Self={new_trace_id()}", *kept])


def _is_binary(request: Request) -> bool:
    if not request.body:
        return False
    media_type = (request.header("Content-Type") or "").partition(";")[0].strip().lower()
    return request.header("Content-Encoding") is not None or not _TEXT.fullmatch(media_type)


def read(payload: object, group: TargetGroup) -> Answer:
    """Return the answer that a function gave."""
    if not isinstance(payload, dict) or len(json.dumps(payload)) > _LARGEST_ANSWER:
        raise MalformedError
    told = cast("Mapping[str, Any]", payload)
    status = read_status(told.get("statusCode"))
    # A group that sends lists wants lists back.
    headers = read_headers(
        *(
            (None, told.get("multiValueHeaders"))
            if group.multi_value
            else (told.get("headers"), None)
        )
    )
    body = told.get("body")
    if body is not None and not isinstance(body, str):
        raise MalformedError
    text = body or ""
    content = decoded(text) if told.get("isBase64Encoded") is True else text.encode()
    described = str(told.get("statusDescription") or "").partition(" ")[2]
    return Answer(
        status=status,
        headers=tuple(headers),
        body=content,
        reason=described or http.client.responses.get(status, ""),
    )
