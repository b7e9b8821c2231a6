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
{{ functions|safe }}}
SECRETS: tuple[str, ...] = ({{ secrets|safe }})
QUEUES: tuple[str, ...] = ({{ queues|safe }})
# Routes of the API that ask for no key.
OPEN: frozenset[str] = {{ open|safe }}
# Routes of the API whose bodies have a schema.
DESCRIBED: frozenset[str] = {{ described|safe }}
{%- if !checks.is_empty() %}
CHECKS = (
{{ checks|safe }})
{%- endif %}
# The API key with which the tests come, and the subject of the certificate that they show to the load balancer; empty where
# there is none.
API_KEY = {{ api_key }}
SUBJECT = {{ subject }}
{%- if let Some(payment) = payment %}

# A payment that is accepted, by an active merchant of the spec's.
MERCHANT = {{ payment.merchant }}
CURRENCY = {{ payment.currency }}
AMOUNT = {{ payment.amount|safe }}
# The function that validates it behind the API, and the entry points that reach such a function.
VALIDATES = {{ payment.function }}
PAYMENT_ENTRY_POINTS = ({{ payment.entry_points|safe }})
{%- if !payment.status_entry_points.is_empty() || !payment.path_entry_points.is_empty() %}
# Entry points that reach a function that returns its status: with the id in a header, and in the path.
STATUS_ENTRY_POINTS: tuple[str, ...] = ({{ payment.status_entry_points|safe }})
PATH_ENTRY_POINTS: tuple[str, ...] = ({{ payment.path_entry_points|safe }})
{%- endif %}
{%- endif %}
