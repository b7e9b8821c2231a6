"""What the body of a request must be to be a payment."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import NoReturn, cast

from payments.currencies import largest_amount

# The longest body that the schema takes, with every character escaped, and room for blanks.
MAX_BODY_BYTES = 65_536
# A payment is two deep. What is deeper than this is not looked through for card numbers.
_MAX_DEPTH = 16

PAYMENT_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
MERCHANT_ID = re.compile(r"mer_[A-Za-z0-9]{6,32}")
_TOKEN = re.compile(r"tok_[A-Za-z0-9]{16,64}")
_CUSTOMER_ID = re.compile(r"cus_[A-Za-z0-9]{6,32}")
_CURRENCY = re.compile(r"[A-Z]{3}")
_MAX_DESCRIPTION, _MAX_METADATA = 140, 20
_MAX_METADATA_NAME, _MAX_METADATA_VALUE = 40, 200


class MalformedError(ValueError):
    """The body is not a payment; the errors name members, never their values."""

    def __init__(self, detail: str, errors: tuple[Mapping[str, str], ...] = ()) -> None:
        """Say what is wrong as a whole, and with which members."""
        super().__init__(detail)
        self.detail = detail
        self.errors = errors


@dataclass(frozen=True, kw_only=True)
class Payment:
    """A payment whose members have the right types; the rules judge their values."""

    payment_id: str
    merchant_id: str
    amount_minor: int
    currency: str
    payment_method_token: str
    # Of all that was sent, in whatever order: two requests are the same when these are.
    sha256: str

    @property
    def payment_method_sha256(self) -> str:
        """Tells whether two payments meant the same method, and cannot be charged."""
        return hashlib.sha256(self.payment_method_token.encode()).hexdigest()


def parse_json(body: bytes) -> Mapping[str, object]:
    """Read a JSON object without anything that two readers could take differently."""
    try:
        value: object = json.loads(
            body.decode("utf-8"),
            object_pairs_hook=_unique,
            parse_constant=_refuse_constant,
        )
    except MalformedError:
        raise
    except (ValueError, RecursionError):
        # The parser's own message would quote the body.
        detail = "The body is not valid JSON in UTF-8."
        raise MalformedError(detail) from None
    if not isinstance(value, Mapping):
        detail = "The body is not a JSON object."
        raise MalformedError(detail)
    members = cast("Mapping[str, object]", value)
    if _is_deep(members):
        detail = "The body is nested deeper than any payment."
        raise MalformedError(detail)
    return members


def _is_deep(value: object) -> bool:
    """Whether it is deeper than what reads it next takes; where JSON itself ends differs between versions of Python."""
    level = [value]
    for _ in range(_MAX_DEPTH):
        level = [member for one in level for member in _members(one)]
        if not level:
            return False
    return True


def _members(value: object) -> Iterable[object]:
    if isinstance(value, Mapping):
        return cast("Mapping[str, object]", value).values()
    return cast("list[object]", value) if isinstance(value, list) else ()


def parse_payment(members: Mapping[str, object]) -> Payment:
    """Check every member and report all that are wrong at once."""
    errors: list[Mapping[str, str]] = []
    if any(name not in _MEMBERS for name in members):
        known = ", ".join(_MEMBERS)
        errors.append(
            {"pointer": "#", "code": "unknown_member", "detail": f"Known members: {known}."}
        )
    for name, (required, is_valid, expected) in _MEMBERS.items():
        if name not in members:
            if required:
                errors.append({"pointer": f"#/{name}", "code": "missing", "detail": expected})
        elif not is_valid(members[name]):
            errors.append({"pointer": f"#/{name}", "code": "invalid", "detail": expected})
    if not errors:
        errors += _too_large(members)
    if errors:
        detail = "The body is not a payment."
        raise MalformedError(detail, tuple(errors))
    return Payment(
        payment_id=cast("str", members["payment_id"]),
        merchant_id=cast("str", members["merchant_id"]),
        amount_minor=cast("int", members["amount_minor"]),
        currency=cast("str", members["currency"]),
        payment_method_token=cast("str", members["payment_method_token"]),
        sha256=hashlib.sha256(canonical(members).encode()).hexdigest(),
    )


def _too_large(members: Mapping[str, object]) -> list[Mapping[str, str]]:
    currency = cast("str", members["currency"])
    largest = largest_amount(currency)
    if cast("int", members["amount_minor"]) <= largest:
        return []
    detail = f"At most {largest} in {currency}: ten digits before the decimal point."
    return [{"pointer": "#/amount_minor", "code": "invalid", "detail": detail}]


def canonical(members: Mapping[str, object]) -> str:
    """Write a JSON object so that the order of its members does not matter."""
    return json.dumps(members, ensure_ascii=True, separators=(",", ":"), sort_keys=True)


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        detail = "A JSON object names one member twice."
        raise MalformedError(detail)
    return members


def _refuse_constant(_: str) -> NoReturn:
    detail = "NaN and Infinity are not JSON."
    raise MalformedError(detail)


def _is_amount(value: object) -> bool:
    # bool is an int to Python, and not an amount.
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _matches(pattern: re.Pattern[str]) -> Callable[[object], bool]:
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None


def _is_description(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= _MAX_DESCRIPTION


def _is_metadata(value: object) -> bool:
    if not isinstance(value, Mapping):
        return False
    members = cast("Mapping[str, object]", value)
    return len(members) <= _MAX_METADATA and all(
        0 < len(name) <= _MAX_METADATA_NAME
        and isinstance(member, str)
        and len(member) <= _MAX_METADATA_VALUE
        for name, member in members.items()
    )


# Name: required, test, what is expected. The body's JSON schema in the spec is at least as strict.
_MEMBERS: Mapping[str, tuple[bool, Callable[[object], bool], str]] = {
    "payment_id": (True, _matches(PAYMENT_ID), "8 to 64 letters, digits, hyphens, underscores."),
    "merchant_id": (True, _matches(MERCHANT_ID), "mer_ and 6 to 32 letters or digits."),
    "amount_minor": (True, _is_amount, "From 1, in the currency's smallest unit."),
    "currency": (True, _matches(_CURRENCY), "An ISO 4217 code."),
    "payment_method_token": (True, _matches(_TOKEN), "tok_ and 16 to 64 letters or digits."),
    "customer_id": (False, _matches(_CUSTOMER_ID), "cus_ and 6 to 32 letters or digits."),
    "description": (False, _is_description, "A string of at most 140 characters."),
    "metadata": (False, _is_metadata, "At most 20 strings of 200 characters, names of 40."),
}
