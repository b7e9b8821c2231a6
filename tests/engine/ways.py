"""Follows the ways around a refusal that `paystagec compare` names, as somebody would who reads them."""

from __future__ import annotations

import re
from dataclasses import dataclass

EDIT = re.compile(r"`(?P<table>[^`]+)\.(?P<key>[a-z_]+) = (?P<value>[^`]+)`")
ENTRY = re.compile(r"without `\[(?P<entry>[^`]+)\]`(?P<routes> and the routes that call it)?")
TARGET = re.compile(r"`pulumi destroy --target '(?P<urn>[^']+)'`")


@dataclass(frozen=True)
class Way:
    """What is done between the old spec and the new one."""

    # A build that comes first.
    build: str | None = None
    # What is deleted alone.
    target: str | None = None


def way(text: str, old: str) -> Way:
    """What a way says to do with a stack of the old spec, before the new one is deployed."""
    target = TARGET.search(text)
    if target is not None:
        return Way(target=target["urn"])
    assert text.startswith("Two builds: first the old spec with"), text
    assert text.rstrip(".").endswith("then the new one"), text
    spec = old
    for edit in EDIT.finditer(text):
        spec = edited(spec, edit["table"], edit["key"], edit["value"])
    for gone in ENTRY.finditer(text):
        spec = without(spec, gone["entry"])
        if gone["routes"]:
            function = gone["entry"].removeprefix("functions.")
            spec = without_routes(spec, function)
    assert spec != old, text
    return Way(build=spec)


def tables(spec: str) -> list[str]:
    """The text of each table, with its header."""
    return re.split(r"(?m)^(?=\[)", spec)


def edited(spec: str, table: str, key: str, value: str) -> str:
    """The spec with one key set."""
    parts = tables(spec)
    (place,) = (n for n, part in enumerate(parts) if part.startswith(f"[{table}]"))
    lines = [line for line in parts[place].splitlines() if not line.startswith(f"{key} ")]
    parts[place] = "\n".join([lines[0], f"{key} = {value}", *lines[1:]]) + "\n\n"
    return "".join(parts)


def without(spec: str, entry: str) -> str:
    """The spec without a table."""
    parts = tables(spec)
    assert any(part.startswith(f"[{entry}]") for part in parts), entry
    return "".join(part for part in parts if not part.startswith(f"[{entry}]"))


def without_routes(spec: str, function: str) -> str:
    """The spec without the routes of a function."""
    routes = re.compile(r"\[(api|load_balancer)\.routes\.")
    return "".join(
        part
        for part in tables(spec)
        if not (routes.match(part) and f'function = "{function}"' in part)
    )
