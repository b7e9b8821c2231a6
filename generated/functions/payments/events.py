"""Requests and answers of the two entry points: API Gateway (REST proxy, version 1) and load balancer."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from http import HTTPStatus
from typing import cast
from urllib.parse import unquote_plus

_TRACE_ROOT = re.compile(r"(?:^|;)\s*Root=(1-[0-9a-f]{8}-[0-9a-f]{24})(?:;|$)")
_REQUEST_ID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


class Channel(StrEnum):
    """The entry point of a request."""

    API = "api"
    LOAD_BALANCER = "load-balancer"


class BodyError(ValueError):
    """The body cannot be decoded; the message never holds any of it."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """One HTTP request, the same for both entry points."""

    channel: Channel
    method: str
    path: str
    # Names in lower case; of a header or parameter sent twice, the last value.
    headers: Mapping[str, str]
    # Of the headers those that were sent more than once.
    repeated: frozenset[str]
    query: Mapping[str, str]
    encoded_body: str
    body_is_base64: bool
    # The load balancer expects lists of values back when its target group sends them.
    multi_value: bool
    api_request_id: str | None
    api_key_id: str | None

    @classmethod
    def from_event(cls, event: Mapping[str, object]) -> Request:
        """Read an event of either entry point; what is missing is empty."""
        context = _mapping(event.get("requestContext"))
        channel = Channel.LOAD_BALANCER if "elb" in context else Channel.API
        many = event.get("multiValueHeaders")
        headers = {
            name.lower(): _text(value) for name, value in _mapping(event.get("headers")).items()
        }
        # Whoever sends a header twice may write its name in two ways.
        seen: set[str] = set()
        repeated: set[str] = set()
        for name, values in _mapping(many).items():
            if name.lower() in seen or _count(values) > 1:
                repeated.add(name.lower())
            seen.add(name.lower())
            headers[name.lower()] = _last(values)
        return cls(
            channel=channel,
            method=_text(event.get("httpMethod")).upper(),
            path=_text(event.get("path")),
            headers=headers,
            repeated=frozenset(repeated),
            query=_query(event, channel),
            encoded_body=_text(event.get("body")),
            body_is_base64=event.get("isBase64Encoded") is True,
            multi_value=channel is Channel.LOAD_BALANCER and many is not None,
            api_request_id=_request_id(context.get("requestId")),
            api_key_id=_text(_mapping(context.get("identity")).get("apiKeyId")) or None,
        )

    @property
    def media_type(self) -> str:
        """Content type without its parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def trace_root(self) -> str | None:
        """Trace id that the load balancer or API Gateway gave this request."""
        return trace_root(self.headers.get("x-amzn-trace-id", ""))

    def body(self, limit: int) -> bytes:
        """Return the decoded body; longer than the limit is refused before it is decoded."""
        # Base64 makes four characters of three bytes.
        if len(self.encoded_body) > (limit * 4 + 8) // 3:
            raise OverlongBodyError
        if self.body_is_base64:
            try:
                body = base64.b64decode(self.encoded_body, validate=True)
            except (binascii.Error, ValueError):
                message = "The body is not valid base64."
                raise BodyError(message) from None
        else:
            body = self.encoded_body.encode("utf-8", errors="surrogatepass")
        if len(body) > limit:
            raise OverlongBodyError
        return body


class OverlongBodyError(BodyError):
    """The body is longer than any payment."""


@dataclass(frozen=True, kw_only=True)
class Reply:
    """One answer, before it takes the form that its entry point expects."""

    status: HTTPStatus
    content: Mapping[str, object]
    media_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict[str, str])

    def to_event(self, request: Request, request_id: str) -> dict[str, object]:
        """Return the answer in the form that the entry point expects."""
        headers = {
            "Content-Type": self.media_type,
            "Cache-Control": "no-store",
            "X-Request-Id": request_id,
            **self.headers,
        }
        event: dict[str, object] = {
            "statusCode": self.status.value,
            "isBase64Encoded": False,
            "body": json.dumps(self.content, separators=(",", ":")),
        }
        if request.channel is Channel.LOAD_BALANCER:
            # API Gateway does not know this member.
            event["statusDescription"] = f"{self.status.value} {self.status.phrase}"
        if request.multi_value:
            event["multiValueHeaders"] = {name: [value] for name, value in headers.items()}
        else:
            event["headers"] = headers
        return event


def trace_root(header: str) -> str | None:
    """Return the root of an X-Ray trace header, if it has a well-formed one."""
    found = _TRACE_ROOT.search(header)
    return found.group(1) if found else None


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _mapping(value: object) -> Mapping[str, object]:
    return cast("Mapping[str, object]", value) if isinstance(value, Mapping) else {}


def _query(event: Mapping[str, object], channel: Channel) -> Mapping[str, str]:
    query = {
        name: _text(value) for name, value in _mapping(event.get("queryStringParameters")).items()
    }
    for name, values in _mapping(event.get("multiValueQueryStringParameters")).items():
        query[name] = _last(values)
    if channel is Channel.API:
        return query
    # The load balancer hands them on as they stood in the address.
    return {unquote_plus(name): unquote_plus(value) for name, value in query.items()}


def _count(values: object) -> int:
    return len(cast("Sequence[object]", values)) if isinstance(values, Sequence) else 0


def _last(values: object) -> str:
    if isinstance(values, Sequence) and values:
        return _text(cast("Sequence[object]", values)[-1])
    return ""


def _request_id(value: object) -> str | None:
    # Only what has the shape of an id may enter the log.
    return value if isinstance(value, str) and _REQUEST_ID.fullmatch(value) else None
