"""Whose request it is: whom an entry point verified, and the merchants that they act for.

Nothing that a client writes decides this. API Gateway names the id of the API key that it checked, the load
balancer subject and issuer of the client certificate that it verified; which merchants these stand for is reference
data, which the deployment brings in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from payments.connection import Connection
from payments.events import Channel, Request
from payments.problems import Kind, ProblemError, not_now

# Of an application load balancer with mutual TLS, by RFC 2253: the certificate's subject, and who signed it. It sets both itself.
_SUBJECT = "x-amzn-mtls-clientcert-subject"
_ISSUER = "x-amzn-mtls-clientcert-issuer"

# A deployment that brings in the callers, also none at all, leaves a comment on their table. Where a caller has no
# issuers, each one's certificates count; read by name, as the release before has no such column.
_MERCHANTS = """
SELECT
    EXISTS (SELECT FROM callers) OR obj_description(to_regclass('callers'), 'pg_class') IS NOT NULL,
    ARRAY(
        SELECT merchant_id FROM callers
        WHERE channel = :channel AND credential = :credential
        AND coalesce(nullif(to_jsonb(callers) -> 'issuers', 'null') ? coalesce(:issuer, ''), true)
        ORDER BY merchant_id
    )
"""


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Whom an entry point verified."""

    channel: Channel
    # Id of an API key, or subject of a client certificate; None: nobody was verified.
    credential: str | None
    # Who signed the certificate.
    issuer: str | None = None

    @classmethod
    def of(cls, request: Request) -> Caller:
        """Read what the entry point says of the caller, each from where the other has nothing."""
        if request.channel is Channel.API:
            return cls(channel=request.channel, credential=request.api_key_id)
        # The balancer sends one of each. Two are not its own.
        subject, issuer = (
            None if name in request.repeated else request.headers.get(name)
            for name in (_SUBJECT, _ISSUER)
        )
        return cls(channel=request.channel, credential=subject or None, issuer=issuer or None)

    @property
    def recorded(self) -> dict[str, str | None]:
        """Name the caller for audit records."""
        is_key = self.channel is Channel.API
        return {
            "api_key_id": self.credential if is_key else None,
            "client_subject": None if is_key else self.credential,
        }


def merchants_of(connection: Connection, caller: Caller) -> Sequence[str]:
    """Return the ids of the caller's merchants, at least one; who has none is refused."""
    ((brought_in, merchants),) = cast(
        "Sequence[Sequence[Any]]",
        connection.run(
            _MERCHANTS,
            channel=caller.channel.value,
            credential=caller.credential,
            issuer=caller.issuer,
        ),
    )
    if not brought_in:
        # The deployment that makes the table fills it a moment later.
        raise not_now(
            Kind.CALLERS_NOT_KNOWN_YET, "No caller is known yet. Send the same request again."
        )
    if not merchants:
        raise ProblemError(Kind.CALLER_UNKNOWN, "These credentials belong to no merchant.")
    return cast("Sequence[str]", merchants)
