"""FN-1: of the ids of each kind, at most one in 10,000 is taken for a card number."""

from __future__ import annotations

import os
import random
import re
import string
import uuid
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from payments.cards import looks_like_card
from payments.ibans import LENGTHS

if TYPE_CHECKING:
    from collections.abc import Callable

COUNT = int(os.environ.get("IDS", "20000"))
RANDOM = random.Random(20261130)  # The same ids in each run.
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
# Since 2016: no service has given out ids of its first days for years.
FIRST, LAST = datetime(2016, 1, 1, tzinfo=UTC), datetime(2032, 1, 1, tzinfo=UTC)


def _moment() -> datetime:
    return FIRST + timedelta(seconds=RANDOM.uniform(0, (LAST - FIRST).total_seconds()))


def _milliseconds() -> int:
    return int(_moment().timestamp() * 1_000)


def _digits(count: int) -> str:
    return "".join(RANDOM.choices(string.digits, k=count))


def _uuid(version: int) -> uuid.UUID:
    return uuid.UUID(int=RANDOM.getrandbits(128), version=version)


def _uuid_7() -> str:
    number = _milliseconds() << 80 | 7 << 76 | RANDOM.getrandbits(12) << 64 | 2 << 62
    return str(uuid.UUID(int=number | RANDOM.getrandbits(62)))


def _ulid() -> str:
    number = _milliseconds() << 80 | RANDOM.getrandbits(80)
    return "".join(CROCKFORD[number >> shift & 31] for shift in range(125, -1, -5))


def _snowflake(epoch: int) -> str:
    return str((_milliseconds() - epoch) << 22 | RANDOM.getrandbits(22))


def _ean_13() -> str:
    digits = _digits(12)
    weighted = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return f"{digits}{-weighted % 10}"


def _iban() -> str:
    country = RANDOM.choice([*LENGTHS])
    letters = (
        "".join(RANDOM.choices(string.ascii_uppercase, k=4)) if country in {"GB", "NL"} else ""
    )
    account = letters + _digits(LENGTHS[country] - 4 - len(letters))
    number = int("".join(str(int(character, 36)) for character in f"{account}{country}00"))
    return f"{country}{98 - number % 97:02}{account}"


def _in_fours(text: str) -> str:
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))


KINDS: dict[str, Callable[[], str]] = {
    "UUID 4": lambda: str(_uuid(4)),
    "UUID 4 in capitals": lambda: str(_uuid(4)).upper(),
    "UUID 4 without hyphens": lambda: _uuid(4).hex,
    "UUID 1": lambda: str(_uuid(1)),
    "UUID 7": _uuid_7,
    "ULID": _ulid,
    "snowflake of X": lambda: _snowflake(1_288_834_974_657),
    "snowflake of Discord": lambda: _snowflake(1_420_070_400_000),
    "milliseconds": lambda: str(_milliseconds()),
    "microseconds": lambda: str(_milliseconds() * 1_000 + RANDOM.randrange(1_000)),
    "milliseconds and a number": lambda: f"pay_{_milliseconds()}_{RANDOM.randrange(10_000)}",
    "date and number": lambda: f"{_moment():%Y%m%d}{_digits(8)}",
    "date, hyphen, number": lambda: f"ORD-{_moment():%Y%m%d}-{_digits(6)}",
    "date in parts": lambda: f"INV-{_moment():%Y-%m-%d}-{_digits(6)}-{_digits(4)}",
    "time to the second": lambda: f"{_moment():%Y%m%d%H%M%S}{_digits(4)}",
    "ISO 8601 and number": lambda: f"{_moment():%Y-%m-%dT%H:%M:%S.%f}-{_digits(8)}",
    "short date": lambda: f"{_moment():%y%m%d}{_digits(10)}",
    "day first": lambda: f"{_moment():%d%m%Y}{_digits(6)}",
    "day first, in parts": lambda: f"{_moment():%d.%m.%Y %H:%M:%S}",
    "EAN-13": _ean_13,
    "EAN-13 in parts": lambda: re.sub(r"(.)(.{6})", r"\1-\2-", _ean_13()),
    "IBAN": _iban,
    "IBAN in fours": lambda: _in_fours(_iban()),
    "token": lambda: "tok_" + "".join(RANDOM.choices(string.ascii_letters + string.digits, k=24)),
    "SHA-256": lambda: f"{RANDOM.getrandbits(256):064x}",
}


@pytest.mark.parametrize("kind", KINDS)
def test_ids_are_not_taken_for_card_numbers(kind: str) -> None:
    make = KINDS[kind]
    taken = [text for text in (make() for _ in range(COUNT)) if looks_like_card(text)]
    assert len(taken) * 10_000 <= COUNT, taken
