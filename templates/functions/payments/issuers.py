"""Ranges of card numbers by network, with their lengths, and the check digit of ISO/IEC 7812."""

from __future__ import annotations

import re

SHORTEST, LONGEST = 12, 19
# What networks publish as ranges of issuers, and lengths that are in use. Two digits are those of one id in a
# hundred: a short prefix with more lengths would take ids for card numbers.
_RANGES = (
    # Visa. One of 13 digits may as well be an article's number: see `is_number`.
    ("4", (13, 16, 19)),
    # Mastercard.
    ("5[1-5]|2(?:22[1-9]|2[3-9]|[3-6]|7[01]|720)", (16,)),
    # American Express.
    ("3[47]", (15,)),
    # Diners Club.
    ("30(?:[0-5]|95)|3[689]", (14, 16, 19)),
    # Discover, JCB, UnionPay.
    ("6011|64[4-9]|65|35(?:2[89]|[3-8])|62|81", (16, 19)),
    # Maestro: what was given out with fewer and more digits, and the rest.
    ("5018|5020|5038|5893|6304|6759|676[1-3]", (12, 13, 14, 15, 16, 19)),
    ("5868|6759|6767(?:70|74)", (18,)),
    ("5[0678]|6[37]", (16, 19)),
    # Mir, RuPay, Hipercard, Verve, Troy, UzCard, Humo.
    ("220[0-4]|60|82|508|35[36]|506(?:099|1)|9792|8600|9860", (16,)),
    ("506(?:099|1)|65000", (19,)),
    # UATP. Numbers from 1000 on are given to users of a large network.
    ("1(?!000)", (15,)),
)
_BY_LENGTH = {
    length: re.compile("|".join(prefix for prefix, lengths in _RANGES if length in lengths))
    for length in {length for _, lengths in _RANGES for length in lengths}
}
# The digit sum of twice each digit.
_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)
_ARTICLE = 13


def is_number(digits: str) -> bool:
    """Whether these digits, all of them, are a card number that a network may have given out."""
    ranges = _BY_LENGTH.get(len(digits))
    if ranges is None or ranges.match(digits) is None or not _luhn(digits):
        return False
    # Visa gave out numbers of 13 digits until the nineties; articles have 13 today (GS1's check digit).
    return len(digits) != _ARTICLE or not _is_article(digits)


def _luhn(digits: str) -> bool:
    values = [int(digit) for digit in reversed(digits)]
    return (sum(values[::2]) + sum(_DOUBLED[value] for value in values[1::2])) % 10 == 0


def _is_article(digits: str) -> bool:
    values = [int(digit) for digit in reversed(digits)]
    return (sum(values[::2]) + 3 * sum(values[1::2])) % 10 == 0
