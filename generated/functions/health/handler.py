"""Answers the load balancer's health checks and the API's ``/health``; touches nothing else."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus


def handle(event: Mapping[str, object], context: object) -> dict[str, object]:
    """Answer one event of either door."""
    del context
    method = str(event.get("httpMethod", "")).upper()
    headers = {"Cache-Control": "no-store"}
    if event.get("path") != "/health":
        status = HTTPStatus.NOT_FOUND
    elif method not in {"GET", "HEAD"}:
        status = HTTPStatus.METHOD_NOT_ALLOWED
        headers["Allow"] = "GET, HEAD"
    else:
        status = HTTPStatus.OK
    if status is HTTPStatus.OK:
        headers["Content-Type"] = "application/json"
        content: dict[str, object] = {"status": "ok"}
    else:
        # Problem details (RFC 9457).
        headers["Content-Type"] = "application/problem+json"
        content = {"type": "about:blank", "title": status.phrase, "status": status.value}
    answer: dict[str, object] = {
        "statusCode": status.value,
        "isBase64Encoded": False,
        "body": json.dumps(content),
    }
    request_context = event.get("requestContext")
    from_load_balancer = isinstance(request_context, dict) and "elb" in request_context
    if from_load_balancer:
        # API Gateway does not know this member.
        answer["statusDescription"] = f"{status.value} {status.phrase}"
    # A target group that sends lists of values expects lists back.
    if from_load_balancer and event.get("multiValueHeaders") is not None:
        answer["multiValueHeaders"] = {name: [value] for name, value in headers.items()}
    else:
        answer["headers"] = headers
    return answer
