"""Policy documents, read in one form whatever form AWS gives them in."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import unquote


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One statement with lists where documents have a value or a list."""

    effect: str
    principals: frozenset[str]
    actions: frozenset[str]
    resources: frozenset[str]
    condition: Mapping[str, Mapping[str, Any]]


def statements(document: object) -> list[Statement]:
    """Return the statements of a document, given as text or as a mapping."""
    if isinstance(document, str):
        text = document if document.lstrip().startswith("{") else unquote(document)
        document = json.loads(text)
    entries: Any = cast("Mapping[str, Any]", document)["Statement"]
    if isinstance(entries, Mapping):
        entries = [entries]
    return [_statement(entry) for entry in cast("Sequence[Mapping[str, Any]]", entries)]


def _statement(entry: Mapping[str, Any]) -> Statement:
    return Statement(
        effect=entry["Effect"],
        principals=frozenset(_principals(entry.get("Principal", {}))),
        actions=frozenset(_texts(entry.get("Action", []))),
        resources=frozenset(_texts(entry.get("Resource", []))),
        condition=entry.get("Condition", {}),
    )


def _principals(value: str | Mapping[str, Any]) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    else:
        for names in value.values():
            yield from _texts(names)


def _texts(value: str | Sequence[str]) -> list[str]:
    return [value] if isinstance(value, str) else list(value)
