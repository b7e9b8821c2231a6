"""The rules that accept or reject a payment, with the limits that the spec sets."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import cast

from payments.currencies import EXPONENTS
from payments.payment import Payment


class Reason(StrEnum):
    """Why a well-formed payment is rejected, in the order in which reasons are given."""

    MERCHANT_UNKNOWN = "merchant_unknown"
    MERCHANT_NOT_ACTIVE = "merchant_not_active"
    CURRENCY_NOT_ALLOWED = "currency_not_allowed"
    AMOUNT_BELOW_MINIMUM = "amount_below_minimum"
    AMOUNT_ABOVE_LIMIT = "amount_above_limit"


class RulesError(ValueError):
    """What the spec says as rules cannot be used."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What one payment in a currency may be, in minor units, both included."""

    minimum: int
    maximum: int


@dataclass(frozen=True, kw_only=True)
class Velocity:
    """How many payments of one merchant are accepted in any span of so many seconds."""

    payments: int
    seconds: int


@dataclass(frozen=True, kw_only=True)
class Rules:
    """The spec's ``[payments]``, as the function gets it."""

    currencies: Mapping[str, Limits]
    velocity: Velocity
    idempotency_hours: int

    @classmethod
    def parse(cls, text: str) -> Rules:
        """Read the compact JSON of the environment; anything unexpected is an error at start."""
        try:
            members = cast("object", json.loads(text))
        except ValueError:
            members = None
        if not isinstance(members, Mapping):
            message = "the rules are no JSON object"
            raise RulesError(message)
        rules = cast("Mapping[str, object]", members)
        if set(rules) != {"currencies", "velocity", "idempotency_hours"}:
            message = "the rules are currencies, velocity and idempotency_hours"
            raise RulesError(message)
        payments, seconds = _pair("velocity", rules["velocity"])
        hours = rules["idempotency_hours"]
        return cls(
            currencies=_currencies(rules["currencies"]),
            velocity=Velocity(payments=payments, seconds=seconds),
            idempotency_hours=_positive("idempotency_hours", hours),
        )


@dataclass(frozen=True, kw_only=True)
class Merchant:
    """What the database knows of the merchant at the moment of the decision."""

    # None: not in the reference data.
    status: str | None


def broken_rules(payment: Payment, merchant: Merchant, rules: Rules) -> list[Reason]:
    """Every rule that the payment breaks; an empty list accepts it."""
    broken: list[Reason] = []
    if merchant.status is None:
        broken.append(Reason.MERCHANT_UNKNOWN)
    elif merchant.status != "active":
        broken.append(Reason.MERCHANT_NOT_ACTIVE)
    limits = rules.currencies.get(payment.currency)
    if limits is None:
        broken.append(Reason.CURRENCY_NOT_ALLOWED)
    elif payment.amount_minor < limits.minimum:
        broken.append(Reason.AMOUNT_BELOW_MINIMUM)
    elif payment.amount_minor > limits.maximum:
        broken.append(Reason.AMOUNT_ABOVE_LIMIT)
    return broken


def _currencies(value: object) -> Mapping[str, Limits]:
    if not isinstance(value, Mapping) or not value:
        message = "currencies: at least one"
        raise RulesError(message)
    limits: dict[str, Limits] = {}
    for code, bounds in cast("Mapping[str, object]", value).items():
        if code not in EXPONENTS:
            message = f"currencies.{code}: not a currency of ISO 4217"
            raise RulesError(message)
        minimum, maximum = _pair(f"currencies.{code}", bounds)
        if minimum > maximum:
            message = f"currencies.{code}: the minimum is above the maximum"
            raise RulesError(message)
        limits[code] = Limits(minimum=minimum, maximum=maximum)
    return limits


def _pair(name: str, value: object) -> tuple[int, int]:
    if isinstance(value, Sequence) and not isinstance(value, str):
        numbers = cast("Sequence[object]", value)
        if len(numbers) == 2:  # noqa: PLR2004 - a pair
            return _positive(name, numbers[0]), _positive(name, numbers[1])
    message = f"{name}: two numbers"
    raise RulesError(message)


def _positive(name: str, value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return value
    message = f"{name}: a whole number above zero"
    raise RulesError(message)
