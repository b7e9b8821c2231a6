"""FN-1: what looks like a card number is found, however it is written; ids are not taken for one."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from payments import cards
from payments.issuers import is_number
from tests.unit.functions.events import CARDS

# Published test numbers of the networks, and how each is embossed.
NETWORKS = {
    "Visa": ["4111111111111111", "4012888888881881", "4222222222222"],
    "Mastercard": ["5555555555554444", "5105105105105100", "2223003122003222", "2720992593319364"],
    "American Express": ["378282246310005", "371449635398431"],
    "Discover": ["6011111111111117", "6011000990139424", "6445644564456445"],
    "Diners Club": ["30569309025904", "38520000023237", "36227206271667"],
    "JCB": ["3530111333300000", "3566002020360505"],
    "UnionPay": ["6200000000000005", "6205500000000000004"],
    "Maestro": ["6759649826438453", "6304000000000000", "6799990100000000019"],
    "Mir": ["2200000000000004", "2201382000000013"],
    "Hipercard": ["6062820524845321"],
    "Troy": ["9792030394440796"],
    "UATP": ["135410014004955"],
}
NUMBERS = [number for numbers in NETWORKS.values() for number in numbers]
# One of each class of Unicode that is no digit, and what a parser may leave of a number in an address.
SEPARATORS = [
    " ", "\u00a0", "\u2003", "\u3000", "\u2028", "\u2029", "\t", "\r\n", "-", "\u2011", "\u2014", "_", "\u203f",
    ".", ",", "/", ":", ";", "(", ")", "\u00ab", "\u00bb", "+", "=", "|", "~", "\u20ac", "^", "\u00a6", "\u0301",
    "\u0903", "\u20dd", "\u200b", "\u00ad", "\u2060", "\ufe0f", "\U0001f4b3", "x", "X", "\u01c5", "\u02b0", "\u4e2d",
    "\u16ee", "---", " - ", " and ", "%20", "%2D", "&nbsp;", "&#45;",
]  # fmt: skip
ZEROS = [0xFF10, 0x0660, 0x06F0, 0x0966, 0x09E6, 0x0E50, 0x1D7CE, 0x1D7D8, 0x1D7F6, 0x1FBF0]
ALPHABETS = [
    *("".join(chr(zero + digit) for digit in range(10)) for zero in ZEROS),
    "⓪①②③④⑤⑥⑦⑧⑨",
    "⓿❶❷❸❹❺❻❼❽❾",
    "⁰¹²³⁴⁵⁶⁷⁸⁹",
    "₀₁₂₃₄₅₆₇₈₉",
    "〇一二三四五六七八九",
]
SURROUNDINGS = [
    "{}", "card {}", "card{}", "tok_{}", "pay_{}_1", "<{}>", '"{}"', "#{}", "x{}x", "PAN:{}", "{} 12/27", "{}/123",
    "{};1227", "%B{}^DOE/JO^27121011", ";{}=27121011234", "2026-11-30 {}", "order 12: {} exp 12/27 cvc 123", "{}1227",
    "https://shop.example/pay/{}?lang=en", "https://shop.example/?card={}&exp=1227", "1. {}",
]  # fmt: skip


def _embossed(number: str) -> list[str]:
    if len(number) in {14, 15}:
        return [number[:4], number[4:10], number[10:]]
    return [number[at : at + 4] for at in range(0, len(number), 4)]


def _shapes(number: str) -> set[str]:
    groups = _embossed(number)
    pairs = [number[at : at + 2] for at in range(0, len(number), 2)]
    separated = [
        separator.join(parts)
        for separator in SEPARATORS
        for parts in (groups, number, pairs, [number[:-4], number[-4:]])
    ]
    alphabets = [number.translate(str.maketrans("0123456789", digits)) for digits in ALPHABETS]
    # Only behind the usual lengths do more digits show where the number ends.
    usual = len(number) in {15, 16} and number[0] != "1"
    inside = [s.format(number) for s in SURROUNDINGS if usual or "{}1" not in s]
    return {
        *separated,
        *alphabets,
        *inside,
        *(s.format(" ".join(groups)) for s in SURROUNDINGS if "{}1" not in s),
        "\u200b".join(alphabets[0]),
        "".join(digit + "\ufe0f\u20e3" for digit in number),
        f"{number[:4]}-{number[4:8]} {number[8:]}",
    }


@pytest.mark.parametrize("number", NUMBERS)
def test_a_number_is_found_in_every_shape(number: str) -> None:
    """FN-1: in groups, in other digits, inside other text, with anything between."""
    shapes = _shapes(number)
    assert len(shapes) > 200
    assert [shape for shape in sorted(shapes) if not cards.looks_like_card(shape)] == []
    for shape in shapes:
        assert number[4:10] not in cards.redact(shape)
        assert not cards.looks_like_card(cards.redact(shape))


@pytest.mark.parametrize("number", NUMBERS)
def test_a_number_in_two_members_is_found(number: str) -> None:
    """FN-1: both are named, in whichever order they stand."""
    for cut in (4, 6, 8, len(number) - 4):
        first, rest = number[:cut], number[cut:]
        assert cards.card_pointers({"a": first, "b": [rest]}) == ["#/a", "#/b/0"]
        assert cards.card_pointers({"b": rest, "a": f" {first}-"}) == ["#/a", "#/b"]
        assert cards.card_pointers({"a": {first: rest}}) == ["#/a"]
    parts = [number[:4], number[4:8], number[8:12], number[12:]]
    assert cards.card_pointers(parts) == ["#/0", "#/1", "#/2", "#/3"]


@pytest.mark.parametrize("card", CARDS)
def test_card_numbers_are_recognised(card: str) -> None:
    """FN-1: as the tests of the functions write them."""
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
        "30.11.2026 14:22:33",
        "c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
        "19.99 and 20.00",
        # Of the length, the check digit, and no network.
        "0000000000000000",
        "9999999999999995",
        "1234567812345670",
        # An article, an account, and a telephone.
        "4006381333931",
        "DE89 3704 0044 0532 0130 00",
        "GB82WEST12345698765432",
        "+4915112345674",
        # Times: in milliseconds, of two days whose digits are an issuer's.
        "1764486000008",
        "2511300000000000",
        "30112026142239",
    ],
)
def test_other_text_is_left_alone(text: str) -> None:
    """FN-1: what fails the check digit, the length or the issuer's range is no card number."""
    assert not cards.looks_like_card(text)
    assert cards.redact(text) == text
    assert not (cards.card_pointers({"a": text, "b": "2026", "c": "19.99"}))


def test_redacting_keeps_the_rest_of_a_line() -> None:
    """FN-1: only the number goes."""
    text = cards.redact("order 4111111111111111 of 1234567890123")
    assert text == f"order {cards.REMOVED} of 1234567890123"


def test_names_of_members_are_never_repeated() -> None:
    """FN-1: a pointer that held one would be a card number in an answer."""
    body = {"a/b": ["4111111111111111"], "m": {"4111111111111111": {"x": "5555555555554444"}}}
    assert cards.card_pointers(body) == ["#/a~1b/0", "#/m", "#/m/x"]
    assert cards.card_pointers({"n": 4111111111111111, "f": 4.111111111111111e15}) == ["#/f", "#/n"]


def test_a_body_of_many_numbers_is_read_in_time() -> None:
    """FN-1: as long as the longest body: nobody can keep the function busy."""
    assert not (cards.card_pointers([str(number) for number in range(1_000, 4_000)]))
    for text in ("1-" * 8_000, "AD11 " * 3_000, "%20" * 5_000, "f" * 16_000, "4" * 16_000):
        assert not cards.looks_like_card(text)


@given(st.sampled_from(NUMBERS), st.integers(0, 18), st.integers(1, 9))
def test_one_wrong_digit_is_no_card_number(number: str, place: int, off: int) -> None:
    """FN-1: Luhn's check finds every single wrong digit; else ordinary numbers were refused."""
    place %= len(number)
    wrong = (int(number[place]) + off) % 10
    assert not is_number(f"{number[:place]}{wrong}{number[place + 1 :]}")


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
