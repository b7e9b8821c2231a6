"""Reading of loosely typed values: what is absent or of another kind reads as empty.

A requirement then fails in its own assertion, which says what is missing, instead of in a lookup.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import cast


def as_map(value: object) -> Mapping[str, object]:
    """Give the mapping, or an empty one."""
    return cast("Mapping[str, object]", value) if isinstance(value, Mapping) else {}


def as_list(value: object) -> Sequence[object]:
    """Give the list; a single value, as IAM documents have it, is a list of one."""
    if value is None:
        return ()
    if isinstance(value, (list, tuple)):
        return cast("Sequence[object]", value)
    return (value,)


def as_texts(value: object) -> list[str]:
    """Give the texts of a list or of a single value."""
    return [item for item in as_list(value) if isinstance(item, str)]


def as_text(value: object) -> str:
    """Give the text, or an empty one."""
    return value if isinstance(value, str) else ""


def as_number(value: object) -> float:
    """Give the number, or NaN, which no comparison accepts."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return float("nan")
    return value


def snake(name: str) -> str:
    """Give the SDK's name for a property of the wire format: ``cidrBlock``, ``cidr_block``."""
    if not re.fullmatch(r"[a-z][A-Za-z0-9]*", name):
        # A key of the program's own, such as a tag or an environment variable.
        return name
    return re.sub("[A-Z]", lambda match: f"_{match[0].lower()}", name)


@lru_cache(maxsize=4096)
def parse_json(text: str) -> object:
    """Parse a document that is handed on as text; what is no JSON reads as nothing."""
    try:
        return cast("object", json.loads(text))
    except ValueError:
        return None


def leaves(value: object) -> list[object]:
    """Give all scalars inside a value; documents in JSON are looked into."""
    if isinstance(value, Mapping):
        return [leaf for item in as_map(cast("object", value)).values() for leaf in leaves(item)]
    if isinstance(value, (list, tuple)):
        return [leaf for item in as_list(cast("object", value)) for leaf in leaves(item)]
    if isinstance(value, str) and value[:1] in {"{", "["}:
        parsed = parse_json(value)
        return [value] if parsed is None else leaves(parsed)
    return [value]
