"""TOML as an editor's schema sees it, and back into a file."""

from __future__ import annotations

import json
import tomllib
from datetime import date
from typing import Any

# What JSON knows, and dates.
Value = Any


def read(text: str) -> dict[str, Value]:
    """Read a spec as editors give it to a schema: a date is a text."""
    return seen(tomllib.loads(text))


def seen(value: Value) -> Value:
    """Give a value of TOML as one of JSON."""
    match value:
        case dict():
            return {key: seen(member) for key, member in value.items()}
        case list():
            return [seen(member) for member in value]
        case date():
            return value.isoformat()
        case _:
            return value


def written(table: dict[str, Value]) -> str:
    """Write a table as a file, a line a key."""
    return "".join(f"{json.dumps(key)} = {inline(value)}\n" for key, value in table.items())


def inline(value: Value) -> str:
    """Write a value on one line."""
    match value:
        case dict():
            members = [f"{json.dumps(key)} = {inline(member)}" for key, member in value.items()]
            return f"{{ {', '.join(members)} }}"
        case list():
            return f"[{', '.join(inline(member) for member in value)}]"
        case date():
            return value.isoformat()
        case _:
            return json.dumps(value)
