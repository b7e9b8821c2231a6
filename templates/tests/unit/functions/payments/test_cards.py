"""FN-1: what looks like a card number is found, however it is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from payments import cards
from tests.unit.functions.events import CARDS

if TYPE_CHECKING:
    from collections.abc import Sequence


@pytest.mark.parametrize("card", CARDS)
def test_card_numbers_are_recognised(card: str) -> None:
    """FN-1: by length and check digit, however they are written."""
    assert cards.looks_like_card(card)
    assert "1111" not in cards.redact(f"paid with {card} today").replace("2271234", "")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "4111111111111112",
        "41111111111",
        "pay_0001_spring",
        "tok_a1B2c3D4e5F6g7H8",
        "2026-12-01T10:00:00.123Z",
        "c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
        "19.99 and 20.00",
    ],
)
def test_other_text_is_left_alone(text: str) -> None:
    """FN-1: what fails the check digit or the length is no card number."""
    assert not cards.looks_like_card(text)
    assert cards.redact(text) == text


def test_redacting_keeps_the_rest_of_a_line() -> None:
    """FN-1: only the number goes."""
    text = cards.redact("order 4111111111111111 of 1234567890123")
    assert text == f"order {cards.REMOVED} of 1234567890123"


def _check_digit(digits: Sequence[int]) -> int:
    """Compute Luhn's digit as ISO/IEC 7812 words it: from the right, every second one doubled."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        doubled = digit * 2 if place % 2 == 0 else digit
        total += doubled - 9 if doubled > 9 else doubled
    return -total % 10


_BODIES = st.lists(st.integers(0, 9), min_size=11, max_size=18)


@given(_BODIES, st.sampled_from(["", " ", "-", ".", "\u2011"]), st.integers(1, 6))
@example([4, *[1] * 14], "-", 4)
def test_every_number_with_its_check_digit_is_found(
    body: list[int], separator: str, group: int
) -> None:
    """FN-1: of 12 to 19 digits, in groups of any length, inside of other text."""
    digits = "".join(map(str, [*body, _check_digit(body)]))
    written = separator.join(
        digits[start : start + group] for start in range(0, len(digits), group)
    )
    assert cards.looks_like_card(f"<{written}>")
    assert cards.redact(f"<{written}>") == f"<{cards.REMOVED}>"
    assert list(cards.card_pointers({"a/b": [written]})) == ["#/a~1b/0"]


@given(_BODIES, st.integers(1, 9))
def test_one_wrong_digit_is_no_card_number(body: list[int], off: int) -> None:
    """FN-1: Luhn's check finds every single wrong digit; else ordinary numbers were refused."""
    digits = "".join(map(str, [*body, (_check_digit(body) + off) % 10]))
    # A longer number may hold a whole card of a scheme inside.
    assume(len(digits) < 14)
    assert not cards.looks_like_card(digits)


@given(st.text())
def test_redacting_is_done_in_one_go(text: str) -> None:
    """FN-1: nothing that looks like a card number is left, and what is left is left alone."""
    redacted = cards.redact(text)
    assert not cards.looks_like_card(redacted)
    assert cards.redact(redacted) == redacted


@given(st.text(st.characters(blacklist_categories=["Nd"])))
def test_text_without_digits_stays(text: str) -> None:
    """FN-1: only digits make a card number; compatibility forms of them are digits, too."""
    assume(not any(character.isdecimal() for character in cards.redact(text)))
    assert cards.redact(text) == text
