"""FN-1: each rule, at its boundaries and anywhere else."""

from __future__ import annotations

import dataclasses
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.payment import MalformedError, Payment, parse_json, parse_payment
from payments.rules import Merchant, Reason, Rules, RulesError, broken_rules
from tests.unit.functions.conftest import RULES
from tests.unit.functions.events import PAYMENT

GOOD = Merchant(status="active")
PARSED = Rules.parse(json.dumps(RULES))
LIMITS = {code: (bounds.minimum, bounds.maximum) for code, bounds in PARSED.currencies.items()}


def _payment(**changes: object) -> Payment:
    return dataclasses.replace(parse_payment(PAYMENT), **changes)  # pyright: ignore[reportArgumentType]


@given(st.integers(1, 99_999_999), st.sampled_from(sorted(LIMITS)))
def test_limits_hold_for_every_amount(amount: int, currency: str) -> None:
    """FN-1: an amount is accepted exactly between the currency's limits, both included."""
    minimum, maximum = LIMITS[currency]
    broken = broken_rules(_payment(amount_minor=amount, currency=currency), GOOD, PARSED)
    expected = (
        [Reason.AMOUNT_BELOW_MINIMUM]
        if amount < minimum
        else [Reason.AMOUNT_ABOVE_LIMIT]
        if amount > maximum
        else []
    )
    assert broken == expected


@pytest.mark.parametrize("currency", sorted(LIMITS))
@pytest.mark.parametrize("side", [0, 1], ids=["minimum", "maximum"])
def test_limits_themselves_are_allowed(currency: str, side: int) -> None:
    """FN-1: one more or one less is not."""
    limit = LIMITS[currency][side]
    outside = limit + (1 if side else -1)
    assert not broken_rules(_payment(amount_minor=limit, currency=currency), GOOD, PARSED)
    assert broken_rules(_payment(amount_minor=outside, currency=currency), GOOD, PARSED)


@given(st.from_regex(r"\A[A-Z]{3}\Z").filter(lambda code: code not in LIMITS))
def test_only_listed_currencies_are_allowed(currency: str) -> None:
    """FN-1: whatever is not in the spec."""
    broken = broken_rules(_payment(currency=currency), GOOD, PARSED)
    assert broken == [Reason.CURRENCY_NOT_ALLOWED]


@pytest.mark.parametrize(
    ("status", "reasons"),
    [
        ("active", []),
        ("suspended", [Reason.MERCHANT_NOT_ACTIVE]),
        ("closed", [Reason.MERCHANT_NOT_ACTIVE]),
        (None, [Reason.MERCHANT_UNKNOWN]),
    ],
)
def test_the_merchant_must_be_active(status: str | None, reasons: list[Reason]) -> None:
    """FN-1: known and active."""
    merchant = Merchant(status=status)
    assert broken_rules(_payment(), merchant, PARSED) == reasons


@given(st.text(max_size=100).filter(lambda text: not text.startswith("tok_")))
def test_only_tokens_pay(token: str) -> None:
    """FN-1: whatever is no token of the payment provider is no payment at all."""
    with pytest.raises(MalformedError) as raised:
        parse_payment({**PAYMENT, "payment_method_token": token})
    assert [error["pointer"] for error in raised.value.errors] == ["#/payment_method_token"]


@given(st.permutations(list(PAYMENT.items())))
def test_the_order_of_members_does_not_matter(items: list[tuple[str, object]]) -> None:
    """FN-1: two bodies with the same members are the same request."""
    body = json.dumps(dict(items), indent=len(items)).encode()
    assert parse_payment(parse_json(body)) == parse_payment(PAYMENT)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("", "no JSON object"),
        ("[]", "no JSON object"),
        ({"velocity": None}, "velocity: two numbers"),
        ({"velocity": "60"}, "velocity: two numbers"),
        ({"velocity": [0, 60]}, "velocity: a whole number"),
        ({"velocity": [1, True]}, "velocity: a whole number"),
        ({"idempotency_hours": 1.5}, "idempotency_hours: a whole number"),
        ({"currencies": {}}, "currencies: at least one"),
        ({"currencies": {"USX": [1, 2]}}, "USX: not a currency"),
        ({"currencies": {"USD": [3, 2]}}, "USD: the minimum is above"),
        ({"currencies": {"USD": [1]}}, "USD: two numbers"),
        ({"more": 1}, "the rules are"),
    ],
)
def test_wrong_rules_are_refused(change: object, message: str) -> None:
    """FN-2: a function with rules that it does not understand accepts nothing."""
    text = json.dumps({**RULES, **change}) if isinstance(change, dict) else str(change)
    with pytest.raises(RulesError, match=message):
        Rules.parse(text)
