"""What a value becomes without its card numbers: texts, JSON, and what else PostgreSQL writes as text."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import cast

from payments.cards import REMOVED, card_pointers, looks_like_card, redact
from payments.issuers import SHORTEST

# Short: most columns of card numbers have room for 16 characters.
MARK = "[removed]"
# Of a fraction, as the functions look at a number.
_PLACES = 6
_ESCAPES = re.compile("[%&]")
_LETTERS = re.compile("[A-Za-z]")
# Digits that PostgreSQL's numbers have at most, so that an exponent is never written out to gigabytes.
_MOST_DIGITS = 150_000


class Number(str):
    """A number of JSON as it is written: nothing is lost when it is written again."""

    __slots__ = ()


def cleaned(text: str) -> str:
    """Return a text without its card numbers; the same text where it has none."""
    if not looks_like_card(text):
        return text
    found = redact(text).replace(REMOVED, MARK)
    return MARK if looks_like_card(found) else found


def cut(text: str, longest: int) -> str:
    """Shorten a cleaned text to what its column takes."""
    if longest < 0 or len(text) <= longest:
        return text
    # What is left of two halves may be a number again.
    return MARK[:longest] if looks_like_card(text[:longest]) else text[:longest]


def number_text(text: str) -> str:
    """Write a number without an exponent, and with no more of its fraction than the functions see."""
    if text.isdecimal():
        return text
    try:
        number = Decimal(text)
    except InvalidOperation:
        # An amount with its currency, or no number at all.
        return text
    if not number.is_finite() or number.adjusted() > _MOST_DIGITS:
        return ""
    whole = number == number.to_integral_value()
    return f"{number:.0f}" if whole else f"{number:.{_PLACES}f}"


def is_card_number(text: str) -> bool:
    """Whether a number of a column is a card's: a whole one, as amounts and measures are not asked."""
    if len(text) < SHORTEST:
        return False
    number = number_text(text)
    whole, _, fraction = number.partition(".")
    return not fraction.strip("0") and looks_like_card(whole)


def may_hold_card(value: object) -> bool:
    """Whether the rule has to be asked about JSON at all: it is slow, and this never says no where it says yes."""
    parts = 0
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Mapping):
            members = cast("Mapping[str, object]", one)
            waiting += members
            waiting += members.values()
        elif isinstance(one, list):
            waiting += cast("list[object]", one)
        elif isinstance(one, str):
            text = number_text(one) if isinstance(one, Number) else one
            if _ESCAPES.search(text) or (digits := _digits(text)) >= SHORTEST:
                if looks_like_card(text):
                    return True
                digits = _digits(text)
            if digits and not _LETTERS.search(text):
                parts += digits
    # What is split over members, each of digits alone.
    return parts >= SHORTEST


def _digits(text: str) -> int:
    """Count what may be read as a digit."""
    if text.isascii():
        return sum(map(text.count, "0123456789"))
    return sum(map(str.isnumeric, unicodedata.normalize("NFKC", text)))


def bytes_hold_card(value: bytes) -> bool:
    """Whether binary data hold a card number as text, in UTF-8 or UTF-16."""
    encodings = ("utf-8", "utf-16-le", "utf-16-be") if b"\0" in value else ("utf-8",)
    return any(looks_like_card(value.decode(encoding, "replace")) for encoding in encodings)


def parsed(text: str) -> object:
    """Read JSON with its numbers as they are written; what is nested too deeply stays a text."""
    try:
        return json.loads(text, parse_int=Number, parse_float=Number, parse_constant=Number)
    except (ValueError, RecursionError):
        return text


def plain(value: object) -> object:
    """Return JSON as the rule looks at it: each number as the text that the functions would see."""
    if isinstance(value, Number):
        return number_text(value)
    if isinstance(value, Mapping):
        members = cast("Mapping[str, object]", value)
        return {name: plain(member) for name, member in members.items()}
    if isinstance(value, list):
        return [plain(member) for member in cast("list[object]", value)]
    return value


def cleaned_json(value: object) -> object:
    """Return JSON without its card numbers, also those that are split over members."""
    for _ in range(3):
        found = frozenset(card_pointers(plain(value)))
        if not found:
            return value
        value = _without(value, "#", found)
    return MARK if card_pointers(plain(value)) else value


def _without(value: object, pointer: str, found: frozenset[str]) -> object:
    if isinstance(value, Number):
        return Number("0") if pointer in found or is_card_number(value) else value
    if isinstance(value, str):
        kept = cleaned(value)
        return MARK if kept == value and pointer in found else kept
    if isinstance(value, Mapping):
        members = cast("Mapping[str, object]", value)
        return {
            name: member
            for at, (key, one) in enumerate(members.items())
            for name, member in [_member(key, one, pointer, found, at)]
        }
    if isinstance(value, Sequence):
        every = cast("Sequence[object]", value)
        return [_without(one, f"{pointer}/{at}", found) for at, one in enumerate(every)]
    return value


def _member(
    name: str, value: object, pointer: str, found: frozenset[str], at: int
) -> tuple[str, object]:
    """Clean one member; a name that holds a number, or a part of one, stands at its parent."""
    inner = f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}"
    kept = cleaned(name)
    hidden = bool(card_pointers({name: None})) or (pointer in found and not _has_letters(name))
    if hidden:
        # Two names must not become one.
        return f"{MARK} {at}" if kept in (name, MARK) else kept, _without(value, pointer, found)
    return name, _without(value, inner, found)


def _has_letters(name: str) -> bool:
    return any(map(str.isalpha, name))


def written(value: object) -> str:
    """Write JSON, with its numbers as they were."""
    if isinstance(value, Number):
        return value
    if isinstance(value, Mapping):
        members = cast("Mapping[str, object]", value).items()
        return (
            "{"
            + ", ".join(f"{json.dumps(name)}: {written(member)}" for name, member in members)
            + "}"
        )
    if isinstance(value, list):
        return f"[{', '.join(map(written, cast('list[object]', value)))}]"
    return json.dumps(value)
