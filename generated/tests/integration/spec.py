"""What the spec says of this environment and AWS does not: whose code a function runs, what is open, what is accepted."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Function:
    """A function as the spec has it."""

    # Name of the compiler's code; empty for the team's own.
    builtin: str
    # Which access it has: `read`, `write` or `owner`; empty for none.
    database: str
    audit: str
    is_scheduled: bool
    # Secrets and queues by their keys in the spec.
    secrets: tuple[str, ...] = ()
    sends: tuple[str, ...] = ()
    receives: tuple[str, ...] = ()
    consumes: str = ""


@dataclass(frozen=True, kw_only=True)
class Check:
    """A path where a built-in function says that it is well."""

    entry_point: str
    path: str
    # Whether IAM decides who may ask.
    is_signed: bool


# By the keys of the spec.
FUNCTIONS = {
    "validate-payment": Function(
        builtin="validate-payment",
        database="write",
        audit="write",
        is_scheduled=False,
    ),
    "payment-status": Function(
        builtin="payment-status",
        database="read",
        audit="",
        is_scheduled=False,
    ),
    "audit-relay": Function(
        builtin="audit-relay",
        database="write",
        audit="write",
        is_scheduled=True,
    ),
    "migrate": Function(
        builtin="migrate",
        database="owner",
        audit="",
        is_scheduled=False,
    ),
    "health": Function(
        builtin="health",
        database="",
        audit="",
        is_scheduled=False,
    ),
    "deep-health": Function(
        builtin="health",
        database="read",
        audit="",
        is_scheduled=False,
    ),
}
SECRETS: tuple[str, ...] = ()
QUEUES: tuple[str, ...] = ()
# Routes of the API that ask for no key.
OPEN: frozenset[str] = frozenset(
    {
        "GET /health",
        "GET /health/deep",
    }
)
# Routes of the API whose bodies have a schema.
DESCRIBED: frozenset[str] = frozenset(
    {
        "POST /payments/validate",
    }
)
CHECKS = (
    Check(
        entry_point="api",
        path="/health",
        is_signed=False,
    ),
    Check(
        entry_point="api",
        path="/health/deep",
        is_signed=True,
    ),
    Check(
        entry_point="balancer",
        path="/health",
        is_signed=False,
    ),
)
# The API key with which the tests come, and the subject of the certificate that they show to the load balancer; empty where
# there is none.
API_KEY = "integration"
SUBJECT = "CN=integration,O=Payments Platform"

# A payment that is accepted, by an active merchant of the spec's.
MERCHANT = "mer_integration"
CURRENCY = "USD"
AMOUNT = 1999
# The function that validates it behind the API, and the entry points that reach such a function.
VALIDATES = "validate-payment"
PAYMENT_ENTRY_POINTS = ("api", "balancer")
# Entry points that reach a function that returns its status: with the id in a header, and in the path.
STATUS_ENTRY_POINTS: tuple[str, ...] = ("api", "balancer")
PATH_ENTRY_POINTS: tuple[str, ...] = ()
