"""International bank account numbers (ISO 13616): no card numbers, however many digits they have."""

from __future__ import annotations

import re
from collections.abc import Iterator

# Characters by country, of the registry that SWIFT keeps, and of the countries that use the form without being in it.
_COUNTRIES = {
    15: "NO",
    16: "BE",
    18: "DK FI FK FO GL NL SD",
    19: "MK SI",
    20: "AT BA EE KZ LT LU MN XK",
    21: "CH HR LI LV",
    22: "BG BH CR DE GB GE IE ME RS VA",
    23: "AE GI IL IQ OM SO TL",
    24: "AD CZ ES MD PK RO SA SE SK TN VG",
    25: "AO CV GW LY MZ PT ST",
    26: "DZ IR IS TR",
    27: "BI CF CG CM DJ FR GA GQ GR IT KM MC MG MR SM TD",
    28: "AL AZ BF BJ BY CI CY DO GT HN HU LB MA ML NE NI PL SN SV TG",
    29: "BR EG PS QA UA",
    30: "JO KW MU YE",
    31: "MT SC",
    32: "LC",
    33: "RU",
}
LENGTHS = {
    country: length for length, countries in _COUNTRIES.items() for country in countries.split()
}
_START = re.compile(r"(?<![A-Za-z0-9])([A-Za-z]{2})[0-9]{2}")
_SPACED = re.compile(r"[A-Za-z0-9](?:[ -]?[A-Za-z0-9])*")


def ibans(text: str) -> Iterator[tuple[int, int]]:
    """Find every valid IBAN, in one piece or in groups: where it begins and ends."""
    for start in _START.finditer(text):
        length = LENGTHS.get(start[1].upper())
        # As long as the longest, with a space after each character.
        run = _SPACED.match(text, start.start(), start.start() + 2 * max(LENGTHS.values()))
        if length is None or run is None:
            continue
        characters = [at for at in range(*run.span()) if text[at].isalnum()]
        if len(characters) < length:
            continue
        end = characters[length - 1] + 1
        if not text[end : end + 1].isalnum() and _is_valid(text[start.start() : end]):
            yield start.start(), end


def _is_valid(text: str) -> bool:
    plain = text.replace(" ", "").replace("-", "").upper()
    # Letters count from ten; country and check digits go last (ISO 7064, modulus 97).
    number = "".join(str(int(character, 36)) for character in plain[4:] + plain[:4])
    return int(number) % 97 == 1
