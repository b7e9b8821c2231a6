"""Events of a REST API's proxy integration (version 1), and what its answers must be."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import parse_qsl, unquote

from simulation.web import Answer
from simulation.xray import Parent, new_segment_id

if TYPE_CHECKING:
    from simulation.routes import Api, Route
    from simulation.web import Request

# What API Gateway keeps for itself.
_KEPT_BACK = frozenset(
    {"connection", "content-length", "expect", "te", "transfer-encoding", "upgrade"}
)


@dataclass(frozen=True, kw_only=True)
class Call:
    """One request to the API, with what the gateway adds to it."""

    api: Api
    request: Request
    account: str
    region: str
    trace_id: str
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    extended_id: str = field(
        default_factory=lambda: base64.b64encode(uuid.uuid4().bytes[:11]).decode()
    )
    segment_id: str = field(default_factory=new_segment_id)
    subsegment_id: str = field(default_factory=new_segment_id)
    received: dt.datetime = field(default_factory=lambda: dt.datetime.now(dt.UTC))

    @property
    def domain(self) -> str:
        """The API's own name, under which the event says that it was called."""
        return f"{self.api.id}.execute-api.{self.region}.amazonaws.com"

    @property
    def parent(self) -> Parent:
        """Where the function's segments belong."""
        return Parent(trace_id=self.trace_id, segment_id=self.subsegment_id)

    def variables(self, route: Route | None) -> dict[str, str]:
        """Return what templates may name after ``$context.``."""
        return {
            "requestId": self.request_id,
            "extendedRequestId": self.extended_id,
            "xrayTraceId": self.trace_id,
            "stage": self.api.stage,
            "apiId": self.api.id,
            "accountId": self.account,
            "httpMethod": self.request.method,
            "path": self.request.path,
            "resourcePath": route.path if route else "",
            "protocol": self.request.protocol,
            "domainName": self.domain,
            "identity.sourceIp": self.request.client,
            "identity.userAgent": self.request.header("User-Agent") or "",
        }


@dataclass(frozen=True, kw_only=True)
class Identity:
    """Who calls."""

    api_key_id: str | None = None
    api_key: str | None = None
    access_key: str | None = None


def make(call: Call, route: Route, parameters: Mapping[str, str], identity: Identity) -> Any:
    """Return the event that the function gets."""
    request = call.request
    headers = _headers(call)
    query = parse_qsl(request.query, keep_blank_values=True)
    binary = _is_binary(call.api.binary_media_types, request.header("Content-Type"))
    return {
        "resource": route.path,
        "path": path_in_stage(call),
        "httpMethod": request.method,
        "headers": dict(headers),
        "multiValueHeaders": _gathered(headers),
        "queryStringParameters": dict(query) or None,
        "multiValueQueryStringParameters": _gathered(query) or None,
        "pathParameters": dict(parameters) or None,
        "stageVariables": None,
        "requestContext": _context(call, route, identity),
        "body": _body(request, binary=binary),
        "isBase64Encoded": binary and bool(request.body),
    }


def path_in_stage(call: Call) -> str:
    """Return the path without the stage."""
    return call.request.path.removeprefix(f"/{call.api.stage}") or "/"


def _headers(call: Call) -> list[tuple[str, str]]:
    request = call.request
    sent = [
        (name, value)
        for name, value in request.headers
        if name.lower() not in _KEPT_BACK | {"host", "x-amzn-trace-id"}
    ]
    forwarded = [*request.values("X-Forwarded-For"), request.client]
    ours = {"x-forwarded-for", "x-forwarded-port", "x-forwarded-proto"}
    return [
        *((name, value) for name, value in sent if name.lower() not in ours),
        ("Host", call.domain),
        ("X-Amzn-Trace-Id", f"Root={call.trace_id}"),
        ("X-Forwarded-For", ", ".join(forwarded)),
        ("X-Forwarded-Port", "443"),
        ("X-Forwarded-Proto", "https"),
    ]


def _context(call: Call, route: Route, identity: Identity) -> dict[str, object]:
    request = call.request
    return {
        "accountId": call.account,
        "apiId": call.api.id,
        "deploymentId": call.api.deployment_id,
        "domainName": call.domain,
        "domainPrefix": call.api.id,
        "extendedRequestId": call.extended_id,
        "httpMethod": request.method,
        "identity": {
            "accessKey": identity.access_key,
            "accountId": call.account if identity.access_key else None,
            **(
                {"apiKey": identity.api_key, "apiKeyId": identity.api_key_id}
                if identity.api_key_id
                else {}
            ),
            "caller": identity.access_key,
            "cognitoAuthenticationProvider": None,
            "cognitoAuthenticationType": None,
            "cognitoIdentityId": None,
            "cognitoIdentityPoolId": None,
            "principalOrgId": None,
            "sourceIp": request.client,
            "user": identity.access_key,
            "userAgent": request.header("User-Agent"),
            "userArn": None,
        },
        "path": request.path,
        "protocol": request.protocol,
        "requestId": call.request_id,
        "requestTime": call.received.strftime("%d/%b/%Y:%H:%M:%S +0000"),
        "requestTimeEpoch": round(call.received.timestamp() * 1000),
        "resourceId": route.resource_id,
        "resourcePath": route.path,
        "stage": call.api.stage,
    }


def _gathered(pairs: Sequence[tuple[str, str]]) -> dict[str, list[str]]:
    gathered: dict[str, list[str]] = {}
    for name, value in pairs:
        gathered.setdefault(name, []).append(value)
    return gathered


def _is_binary(types: Sequence[str], content_type: str | None) -> bool:
    media_type = (content_type or "application/json").partition(";")[0].strip().lower()
    return any(
        known in {media_type, "*/*"} or known == f"{media_type.partition('/')[0]}/*"
        for known in types
    )


def _body(request: Request, *, binary: bool) -> str | None:
    if not request.body:
        return None
    if binary:
        return base64.b64encode(request.body).decode()
    return request.body.decode("utf-8", errors="replace")


def path_parameters(route: str, path: str) -> dict[str, str] | None:
    """Return what the path holds at the route's names; None where it is another route's."""
    wanted, given = route.strip("/").split("/"), path.strip("/").split("/")
    found: dict[str, str] = {}
    for number, part in enumerate(wanted):
        if part.endswith("+}") and len(given) > number:
            found[part[1:-2]] = unquote("/".join(given[number:]))
            return found
        if number >= len(given):
            return None
        if part.startswith("{") and given[number]:
            found[part[1:-1]] = unquote(given[number])
        elif part != given[number]:
            return None
    return found if len(wanted) == len(given) else None


class MalformedError(ValueError):
    """A function returned a value that its integration cannot pass on."""


def read(payload: object, binary_media_types: Sequence[str], accept: str | None) -> Answer:
    """Return the answer that a function gave."""
    if not isinstance(payload, Mapping):
        raise MalformedError
    told = cast("Mapping[str, Any]", payload)
    if set(told) - {"statusCode", "headers", "multiValueHeaders", "body", "isBase64Encoded"}:
        raise MalformedError
    status = read_status(told.get("statusCode"))
    headers = read_headers(told.get("headers"), told.get("multiValueHeaders"))
    body = told.get("body")
    if body is not None and not isinstance(body, str):
        raise MalformedError
    content = (body or "").encode()
    # It decodes what the client says that it takes as binary, and nothing else.
    if told.get("isBase64Encoded") is True and _is_binary(binary_media_types, accept or "*/*"):
        content = decoded(body or "")
    if not any(name.lower() == "content-type" for name, _ in headers):
        headers.append(("Content-Type", "application/json"))
    return Answer(status=status, headers=tuple(headers), body=content)


def read_status(value: object) -> int:
    """Return a status, given as a number or as its digits."""
    if isinstance(value, str) and value.isdecimal():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not 100 <= value <= 599:  # noqa: PLR2004 - statuses
        raise MalformedError
    return value


def read_headers(single: object, multiple: object) -> list[tuple[str, str]]:
    """Return the headers; of one that is in both, the values of both, each once."""
    pairs: list[tuple[str, str]] = []
    for given in (multiple, single):
        if given is None:
            continue
        if not isinstance(given, Mapping):
            raise MalformedError
        for name, values in cast("Mapping[str, Any]", given).items():
            listed = cast("list[Any]", values) if isinstance(values, list) else [values]
            for value in listed:
                text = value if isinstance(value, str) else json.dumps(value)
                if {"\r", "\n"} & {*name, *text}:
                    raise MalformedError
                if (name.lower(), text) not in [(known.lower(), old) for known, old in pairs]:
                    pairs.append((name, text))
    return pairs


def decoded(body: str) -> bytes:
    """Return the bytes of a body in base64."""
    try:
        return base64.b64decode(body, validate=True)
    except (binascii.Error, ValueError):
        raise MalformedError from None
