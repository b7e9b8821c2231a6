"""The compiler's table of conflicts says the same as the descriptions of this cloud."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any

from cloud import KINDS
from cloud.quotas import QUOTAS
from engine import catalogue, sdk

if TYPE_CHECKING:
    from collections.abc import Iterator

CONFLICTS = catalogue.CATALOGUE.parent / "conflicts.toml"


def table() -> dict[str, Any]:
    return tomllib.loads(CONFLICTS.read_text(encoding="utf-8"))


def argument(token: str, wire_name: str) -> str:
    """Its name in the SDK."""
    names = sdk.arguments_of(token).wire_names
    return next(name for name, wire in names.items() if wire == wire_name)


def references() -> Iterator[tuple[str, str, str, str]]:
    for token, kind in KINDS.items():
        for ref in kind.refs:
            name = argument(token, ref.path.split(".")[0].removesuffix("[]"))
            for target in ref.tokens:
                if ref.in_use:
                    held = catalogue.class_of(target)
                    yield catalogue.class_of(token), name, held, ref.in_use


def test_the_same_values_are_unique() -> None:
    ours = {
        (catalogue.class_of(token), tuple(argument(token, name) for name in unique.names)): (
            unique.error
        )
        for token, kind in KINDS.items()
        for unique in kind.unique
    }
    rows = table()["unique"]
    assert {(row["class"], tuple(row["arguments"])): row.get("error", "") for row in rows} == ours
    assert len(rows) == len(ours)


def test_the_same_references_hold_what_they_name() -> None:
    rows = [
        (row["class"], row["argument"], held, row["error"])
        for row in table()["in_use"]
        for held in row["holds"]
    ]
    assert set(rows) == set(references())
    assert len(rows) == len(set(rows))


def test_the_same_quotas_count() -> None:
    rows = {row["class"]: (row["quota"], row["error"]) for row in table()["limit"]}
    ours = QUOTAS.items()
    assert rows == {catalogue.class_of(token): (quota.row, quota.error) for token, quota in ours}
