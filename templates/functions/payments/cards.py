"""What looks like a card number, so that none is accepted, logged or stored."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import cast

REMOVED = "[removed: looks like a card number]"

# ISO/IEC 7812: a primary account number has up to 19 digits; 12 is the shortest in use.
_SHORTEST, _LONGEST = 12, 19
_DIGIT_RUN = re.compile(r"\d(?:[\s._\-\u00ad\u2010-\u2015]{0,2}\d){11,}")
# The digit sum of twice each digit.
_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)
# Numbers of the large schemes, found also where other digits (an expiry date, a CVC) are glued on.
_SCHEMES = re.compile(
    r"(?=(4\d{15}|5[1-5]\d{14}|2[2-7]\d{14}|3[47]\d{13}|3[0689]\d{12}|35\d{14}|6[0-9]\d{14}))"
)


def looks_like_card(text: str) -> bool:
    """Whether any part of the text has the length and the check digit of a card number."""
    return any(_is_card(run.group()) for run in _DIGIT_RUN.finditer(_plain(text)))


def redact(text: str) -> str:
    """Return the text with everything that looks like a card number taken out."""
    plain = _plain(text)
    if not any(_is_card(run.group()) for run in _DIGIT_RUN.finditer(plain)):
        return text
    return _DIGIT_RUN.sub(lambda run: REMOVED if _is_card(run.group()) else run.group(), plain)


def card_pointers(value: object, pointer: str = "#") -> Iterator[str]:
    """JSON pointers (RFC 6901) to the members of a JSON value that look like card numbers.

    A member whose *name* looks like one is reported at its parent: a name is never repeated.
    """
    if isinstance(value, str | int | float):
        if looks_like_card(str(value)):
            yield pointer
    elif isinstance(value, Mapping):
        for name, member in cast("Mapping[str, object]", value).items():
            if looks_like_card(name):
                yield pointer
            else:
                yield from card_pointers(member, f"{pointer}/{_escaped(name)}")
    elif isinstance(value, Sequence):
        for index, member in enumerate(cast("Sequence[object]", value)):
            yield from card_pointers(member, f"{pointer}/{index}")


def _plain(text: str) -> str:
    # Full-width and other compatibility digits become plain ones.
    return unicodedata.normalize("NFKC", text)


def _is_card(run: str) -> bool:
    digits = "".join(str(int(character)) for character in run if character.isdecimal())
    if _SHORTEST <= len(digits) <= _LONGEST and _luhn(digits):
        return True
    return any(_luhn(match.group(1)) for match in _SCHEMES.finditer(digits))


def _luhn(digits: str) -> bool:
    values = [int(character) for character in reversed(digits)]
    return (sum(values[::2]) + sum(_DOUBLED[value] for value in values[1::2])) % 10 == 0


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
