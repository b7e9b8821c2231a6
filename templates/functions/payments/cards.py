"""What looks like a card number, so that none is accepted, logged or stored.

A number is found by its issuer's range, its length and its check digit, in every way of writing it
that a reader would recognise. Ids are digits too: what has a form of its own (IBAN, EAN-13) is not
asked, and of other ids (UUID, snowflake, times) less than one in ten thousand is refused.
"""

from __future__ import annotations

import functools
import html
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise, permutations
from typing import cast
from urllib.parse import unquote

from payments.ibans import ibans
from payments.issuers import LONGEST, SHORTEST, is_number

REMOVED = "[removed: looks like a card number]"

_GROUP = re.compile(r"[0-9]+")
# Groups of any length, apart from other text.
_CHAIN = re.compile(r"(?<![^\W_])[0-9]+(?:[\W_]{1,24}[0-9]+)+(?![^\W_])")
# What may part two groups of one number, letters among it.
_LONGEST_GAP = 24
# As cards are embossed, and numbers read out, beside groups of one length.
_EMBOSSED = frozenset(
    {
        (4, 6, 5),
        (4, 6, 4),
        (4, 5, 6),
        (6, 4, 6),
        (4, 4, 7),
        (4, 4, 8),
        (4, 9),
        (4, 10),
        (4, 11),
        (4, 12),
    }
    | {(6, 9), (6, 10), (6, 13), (9, 4), (10, 4), (11, 4), (12, 4), (15, 4)}
)
_BEGUN = frozenset({(4, 4, 4), (4, 6)})
_EVEN = frozenset({1, 2, 3, 4, 5, 8})
_LONGEST_EMBOSSED = 4
# A number with more digits glued to it: a security code, or an expiry date and perhaps a code.
_GLUED = re.compile(
    r"(?=([45][0-9]{15})[0-9]{3}\b|(3[47][0-9]{13})[0-9]{4}\b"
    r"|([0-9]{16})(?:(?:0[1-9]|1[0-2])[2-4][0-9]|[2-4][0-9](?:0[1-9]|1[0-2]))"
    r"|(3[47][0-9]{13})(?:(?:0[1-9]|1[0-2])[2-4][0-9]|[2-4][0-9](?:0[1-9]|1[0-2])))"
)
# 260131… and 30012026…: where the ranges of Mastercard and Diners Club meet today's dates, digits that are not in the
# groups of a card are read as a date.
_DATED = re.compile(r"(?:2[2-7]|30)(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01]|20[0-9]{2})")
_UUID = re.compile(
    r"(?<![^\W_])[0-9a-f]{8}(-?)[0-9a-f]{4}\1[1-8][0-9a-f]{3}\1[89ab][0-9a-f]{3}\1[0-9a-f]{12}(?![^\W_])",
    re.IGNORECASE,
)
# Of 32 random hexadecimal digits 12 are letters; fewer than so many are less than one in a thousand.
_LETTERS_OF_A_UUID = 4
# Of a digest, what stands between two of its letters.
_DIGEST = re.compile(r"(?<![^\W_])[0-9a-f]{24,}(?![^\W_])", re.IGNORECASE)
# Shorter numbers may be a telephone's.
_CERTAIN = 14
_MOST_PARTS = 64
_IDEOGRAPHS = "〇一二三四五六七八九"
_WORDS = re.compile(r"[^\W\d_]")
_INSIDE = re.compile(r"[a-f].*[a-f]", re.IGNORECASE)
_ESCAPED = re.compile(r"%[0-9A-Fa-f]{2}|&[#a-zA-Z0-9]+;")

_Span = tuple[int, int]


def looks_like_card(text: str) -> bool:
    """Whether any part of the text is a card number, as far as anybody can tell."""
    return any(_spans(_plain(reading)) for reading in _readings(text))


def redact(text: str) -> str:
    """Return the text with everything that looks like a card number taken out."""
    plain = _plain(text)
    kept: list[str] = []
    end = 0
    for start, stop in sorted(_spans(plain)):
        if start >= end:
            kept += [plain[end:start], REMOVED]
        end = max(end, stop)
    redacted = "".join([*kept, plain[end:]]) if kept else text
    # One that stands in escapes of an address or of HTML has no place of its own.
    return REMOVED if looks_like_card(redacted) else redacted


def card_pointers(value: object) -> Sequence[str]:
    """JSON pointers (RFC 6901) to the members of a JSON value that hold a card number, or parts of one.

    A name that holds one is reported at its parent: it is never repeated.
    """
    texts = list(_texts(value, "#"))
    found = {pointer for pointer, text in texts if looks_like_card(text)}
    parts = [(pointer, part) for pointer, text in texts if (part := _part(text))]
    split: list[tuple[tuple[str, str], ...]] = list(pairwise(parts))
    # Two in any order, and more side by side, as long as there are no more than a payment has.
    if len(parts) <= _MOST_PARTS:
        split += permutations(parts, 2)
        split += [tuple(parts[at : at + n]) for n in (3, 4) for at in range(len(parts) - n + 1)]
    for pieces in split:
        if is_number("".join(digits for _, digits in pieces)):
            found.update(pointer for pointer, _ in pieces)
    return sorted(found)


def _texts(value: object, pointer: str) -> Iterator[tuple[str, str]]:
    """Every text of a JSON value, names and numbers too, with where it stands."""
    if isinstance(value, str):
        yield pointer, value
    elif isinstance(value, float):
        # Without an exponent.
        yield pointer, f"{value:f}"
    elif isinstance(value, int) and not isinstance(value, bool):
        yield pointer, str(value)
    elif isinstance(value, Mapping):
        for name, member in cast("Mapping[str, object]", value).items():
            yield pointer, name
            hidden = looks_like_card(name) or _part(name)
            yield from _texts(member, pointer if hidden else f"{pointer}/{_escaped(name)}")
    elif isinstance(value, Sequence):
        for index, member in enumerate(cast("Sequence[object]", value)):
            yield from _texts(member, f"{pointer}/{index}")


def _part(text: str) -> str:
    """Return the digits of a text that has nothing else to read, and too few for the longest card."""
    plain = _plain(text)
    digits = "".join(_GROUP.findall(plain))
    return digits if len(digits) < LONGEST and not _WORDS.search(plain) else ""


def _readings(text: str) -> Iterator[str]:
    yield text
    if _ESCAPED.search(text):
        yield unquote(html.unescape(text))


def _plain(text: str) -> str:
    """Write every digit as one of ASCII: of all scripts, in circles, full-width, raised, ideographs."""
    if text.isascii():
        return text
    return "".join(map(_digit, unicodedata.normalize("NFKC", text)))


@functools.lru_cache(maxsize=1024)
def _digit(character: str) -> str:
    value = unicodedata.digit(character, None)
    if value is None and character in _IDEOGRAPHS:
        value = _IDEOGRAPHS.index(character)
    return character if value is None else str(value)


def _spans(plain: str) -> list[_Span]:
    """Find what is a card number in a text whose digits are plain."""
    if sum(map(plain.count, "0123456789")) < SHORTEST:
        return []
    text = _without_ids(plain)
    groups = [found.span() for found in _GROUP.finditer(text)]
    return [
        *(span for span in groups if _is_alone(text, span)),
        *_in_groups(text, groups),
        *(found.span() for found in _CHAIN.finditer(text) if _is_chain(_digits(found[0]))),
    ]


def _without_ids(text: str) -> str:
    """Hide what has a form of its own, without moving the rest."""
    for start, end in ibans(text):
        text = f"{text[:start]}{'x' * (end - start)}{text[end:]}"
    text = _UUID.sub(_hidden_uuid, text)
    return _DIGEST.sub(lambda digest: _INSIDE.sub(_hidden, digest[0]), text)


def _hidden_uuid(found: re.Match[str]) -> str:
    # One that is all digits may be a card number with zeros behind it.
    letters = sum(map(str.isalpha, found[0]))
    return _hidden(found) if letters >= _LETTERS_OF_A_UUID else found[0]


def _hidden(found: re.Match[str]) -> str:
    return "x" * len(found[0])


def _is_alone(text: str, span: _Span) -> bool:
    """Whether one run of digits is a number, or begins with one that more is glued to."""
    digits = text[slice(*span)]
    if _is_undated(digits):
        # With its country's code in front, a telephone number has up to 15 digits (E.164).
        return not (len(digits) < _CERTAIN and text[: span[0]].endswith("+"))
    return _is_glued(digits)


def _is_glued(digits: str) -> bool:
    found = _GLUED.match(digits)
    return found is not None and _is_undated(found[found.lastindex or 0])


def _in_groups(text: str, groups: Sequence[_Span]) -> Iterator[_Span]:
    """Find numbers in groups as people write them, whatever stands between."""
    for first, (start, stop) in enumerate(groups):
        digits, sizes, end = text[start:stop], (stop - start,), stop
        for group in groups[first + 1 :]:
            if group[0] - end > _LONGEST_GAP or len(digits) >= LONGEST:
                break
            begun, end = sizes, group[1]
            digits += text[slice(*group)]
            sizes = (*sizes, group[1] - group[0])
            if _is_written(sizes, digits) or (begun in _BEGUN and _is_glued(digits)):
                yield start, end


def _is_written(sizes: Sequence[int], digits: str) -> bool:
    if not SHORTEST <= len(digits) <= LONGEST:
        return False
    *all_but_last, last = sizes
    even = {*all_but_last} <= _EVEN and len({*all_but_last}) == 1 and last <= all_but_last[0]
    if not even and sizes not in _EMBOSSED:
        return False
    return is_number(digits) if sizes[0] <= _LONGEST_EMBOSSED else _is_undated(digits)


def _is_undated(digits: str) -> bool:
    return is_number(digits) and not _DATED.match(digits)


def _is_chain(digits: str) -> bool:
    # Times begin with 1 for years to come, and the one network whose numbers do writes them in one piece.
    return not digits.startswith("1") and _is_undated(digits)


def _digits(text: str) -> str:
    return "".join(_GROUP.findall(text))


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
