"""Twelve ordinary edits of the committed spec, each one further than the last."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

# A function of a team's own, in the folder that the spec names; what it says tells its versions apart.
RATES_CODE = "functions/rates/handler.py"
_CODE = '''"""Tells what a payment costs."""

from __future__ import annotations

import json


def handle(event: object, context: object) -> dict[str, object]:
    """Answer."""
    body = json.dumps({{"version": {version}}})
    return {{"statusCode": 200, "headers": {{"Content-Type": "application/json"}}, "body": body}}
'''
_FUNCTION = '[functions.rates]\nsource = "functions/rates"\n\n'
_ROUTE = '[api.routes."GET /rates/{currency}"]\nfunction = "rates"\n\n'
_RULE = '[load_balancer.routes."/rates"]\nfunction = "rates"\n\n'
_MERCHANT = "[payments.merchants.mer_birch001]\n\n"
_VALIDATE = "[functions.validate-payment]\n"
_API_STATUS = '[api.routes."GET /payments/status"]\n'
_BALANCER_STATUS = '[load_balancer.routes."/payments/status"]\n'
_STATUS, _STATE = 'function = "payment-status"', 'function = "payment-state"'


@dataclass(frozen=True, kw_only=True)
class Change:
    """An edit of the spec, and of files beside it."""

    name: str
    # What stands in the spec once, and what stands there then.
    edits: tuple[tuple[str, str], ...] = ()
    files: Mapping[str, str] = field(default_factory=dict[str, str])
    # Whether it is made in `make test` too.
    in_brief: bool = False


CHANGES = (
    Change(
        name="a function with a route at both entry points",
        edits=(
            ("[functions.health]", f"{_FUNCTION}[functions.health]"),
            ('[api.routes."GET /health"]', f'{_ROUTE}[api.routes."GET /health"]'),
            ('[load_balancer.routes."/health"]', f'{_RULE}[load_balancer.routes."/health"]'),
        ),
        files={RATES_CODE: _CODE.format(version=1)},
    ),
    Change(name="its code", files={RATES_CODE: _CODE.format(version=2)}),
    Change(
        name="memory and time-out of a function",
        edits=(
            ("memory_mib = 512\ntimeout_seconds = 10", "memory_mib = 1024\ntimeout_seconds = 12"),
        ),
    ),
    Change(
        name="another name of a function",
        edits=(
            ("[functions.payment-status]", "[functions.payment-state]"),
            (f"{_API_STATUS}{_STATUS}", f"{_API_STATUS}{_STATE}"),
            (f"{_BALANCER_STATUS}{_STATUS}", f"{_BALANCER_STATUS}{_STATE}"),
        ),
        in_brief=True,
    ),
    Change(name="another name of a path parameter", edits=(("{currency}", "{code}"),)),
    Change(
        name="the priority of a rule",
        edits=((_BALANCER_STATUS, f"{_BALANCER_STATUS}priority = 40000\n"),),
    ),
    Change(
        name="another short name of a function",
        edits=((_VALIDATE, f'{_VALIDATE}short_name = "vpay"\n'),),
    ),
    Change(
        name="a key moves to another plan",
        edits=(
            ("[api.plans.partner]\n", '[api.plans.partners]\napi_keys = ["partner"]\n'),
            ('plan = "partner"', 'plan = "partners"'),
        ),
        in_brief=True,
    ),
    Change(
        name="one more range of allowed addresses",
        edits=(('"203.0.113.0/24"]', '"203.0.113.0/24", "198.51.100.0/24"]'),),
    ),
    Change(
        name="a merchant and other limits; the migrations run",
        edits=(
            ("[payments.merchants.mer_acme0001]", f"{_MERCHANT}[payments.merchants.mer_acme0001]"),
            ("payments = 600", "payments = 900"),
        ),
    ),
    Change(
        name="the class of the database",
        edits=(('"db.t4g.medium"', '"db.t4g.small"'),),
    ),
    Change(
        name="a function and its routes go",
        edits=((_FUNCTION, ""), (_ROUTE.replace("currency", "code"), ""), (_RULE, "")),
    ),
)
BRIEF = tuple(change for change in CHANGES if change.in_brief)
