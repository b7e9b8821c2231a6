"""FN-1: currencies and amounts, as ISO 4217 counts them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.currencies import EXPONENTS, in_major_units, largest_amount


@pytest.mark.parametrize(
    ("currency", "amount"), [("JPY", "1999"), ("USD", "19.99"), ("KWD", "1.999"), ("CLF", "0.1999")]
)
def test_counts_in_the_minor_unit_of_the_currency(currency: str, amount: str) -> None:
    """FN-1: exponents decide what the integer means."""
    assert in_major_units(1999, currency) == amount


@pytest.mark.parametrize("code", ["XTS", "XXX", "XAU", "usd", "ZZZ", "", "ANG", "BGN", "HRK"])
def test_what_is_no_money_has_no_amount(code: str) -> None:
    """FN-1: codes for tests and metals, unknown ones, and currencies that are no more."""
    assert code not in EXPONENTS
    assert in_major_units(1, code) is None


def test_the_largest_amount_depends_on_the_minor_unit() -> None:
    """FN-1: ten digits before the decimal point, in rupiahs as in dollars and yen."""
    amounts = [in_major_units(largest_amount(code), code) for code in ("JPY", "IDR", "KWD")]
    assert amounts == ["9999999999", "9999999999.99", "9999999999.999"]


@given(st.integers(1, 99_999_999_999_999), st.sampled_from(sorted(EXPONENTS)))
def test_an_amount_says_all_of_its_minor_units(amount: int, currency: str) -> None:
    """FN-1: with as many digits after the point as the currency has, and nothing rounded."""
    text = in_major_units(amount, currency)
    assert text is not None
    exponent = EXPONENTS[currency]
    assert len(text.partition(".")[2]) == exponent
    assert Decimal(text) * 10**exponent == amount
    assert "E" not in text
