"""Signatures of requests (version 4), checked as AWS_IAM does: the signer must know the secret."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote

from simulation.refusals import Kind, Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from simulation.web import Request

_HEADER = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<key>[^/]+)/(?P<scope>[^,]+),\s*"
    r"SignedHeaders=(?P<headers>[^,]+),\s*Signature=(?P<signature>[0-9a-f]{64})"
)
_SERVICE = "execute-api"
_MINUTES = 5


def check(request: Request, secrets: Mapping[str, str], region: str) -> str:
    """Return the access key that signed the request; ``secrets`` are the secrets by access key."""
    header = request.header("Authorization")
    if header is None:
        raise Refusal(Kind.MISSING_AUTHENTICATION_TOKEN)
    found = _HEADER.fullmatch(header)
    if found is None:
        message = (
            f"'{header}' not a valid key=value pair (missing equal-sign) in Authorization header"
        )
        raise Refusal(Kind.INVALID_SIGNATURE, message=message)
    secret = secrets.get(found["key"])
    if secret is None:
        message = "The security token included in the request is invalid."
        raise Refusal(Kind.INVALID_SIGNATURE, message=message)
    sent = request.header("X-Amz-Date") or ""
    day, *scope = found["scope"].split("/")
    if scope != [region, _SERVICE, "aws4_request"] or not sent.startswith(day):
        message = "Credential should be scoped to a valid region, service and date."
        raise Refusal(Kind.INVALID_SIGNATURE, message=message)
    if not _is_fresh(sent):
        raise Refusal(Kind.INVALID_SIGNATURE, message=f"Signature expired: {sent}")
    canonical = _canonical(request, found["headers"].split(";"))
    text = "\n".join(["AWS4-HMAC-SHA256", sent, found["scope"], _sha256(canonical.encode())])
    key = f"AWS4{secret}".encode()
    for part in found["scope"].split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    if not hmac.compare_digest(
        hmac.new(key, text.encode(), "sha256").hexdigest(), found["signature"]
    ):
        raise Refusal(Kind.INVALID_SIGNATURE)
    return found["key"]


def _is_fresh(sent: str) -> bool:
    try:
        moment = dt.datetime.strptime(sent, "%Y%m%dT%H%M%SZ").replace(tzinfo=dt.UTC)
    except ValueError:
        return False
    return abs(dt.datetime.now(dt.UTC) - moment) < dt.timedelta(minutes=_MINUTES)


def _canonical(request: Request, names: list[str]) -> str:
    query = sorted(parse_qsl(request.query, keep_blank_values=True))
    headers = [
        f"{name}:{','.join(' '.join(value.split()) for value in request.values(name))}"
        for name in names
    ]
    return "\n".join(
        [
            request.method,
            # Encoded once more than it was sent, for every service but S3.
            quote(request.path, safe="/-_.~"),
            "&".join(
                f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}" for name, value in query
            ),
            *headers,
            "",
            ";".join(names),
            _sha256(request.body),
        ]
    )


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
