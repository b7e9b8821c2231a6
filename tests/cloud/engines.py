"""Versions of PostgreSQL on RDS: until when they are made, and what becomes of what. The facts are the compiler's own."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import datetime as dt

CATALOGUE = Path(__file__).parents[2] / "src" / "catalogue" / "engine-versions.toml"


@cache
def _catalogue() -> dict[str, Any]:
    return tomllib.loads(CATALOGUE.read_text(encoding="utf-8"))


def major(version: str) -> str:
    """The first number."""
    return version.split(".", 1)[0]


def minors(version: str) -> list[str]:
    """Minor versions of a major one, oldest first."""
    return [
        name
        for release in _catalogue()["release"]
        for name in release["versions"]
        if major(name) == major(version)
    ]


def actual(version: str) -> str:
    """What runs where a version is asked for: a major one follows its minor ones, at the next window."""
    known = minors(version)
    return known[-1] if "." not in version and known else version


def is_made(version: str, today: dt.date, *, extended: bool) -> bool:
    """Whether RDS makes an instance of it on a day, with or without extended support."""
    lives = {row["version"]: row for row in _catalogue()["major"]}
    row = lives.get(major(version))
    if row is None or version not in {row["version"], *minors(version)}:
        return False
    return today <= row["extended_support_ends" if extended else "standard_support_ends"]


def refusal(old: str, new: str) -> str | None:
    """Why what runs as ``old`` does not become ``new``, which may be a major version, or nothing."""
    before, after = _numbers(old), _numbers(new)
    goes_back = after[0] < before[0] or (
        after[0] == before[0] and len(after) > 1 and after < before
    )
    # A target was released with what runs, or later.
    too_old = after[0] > before[0] and "." in new and (_release(new) or 0) < (_release(old) or 0)
    return f"Cannot upgrade postgres from {old} to {new}" if goes_back or too_old else None


def _release(version: str) -> int | None:
    releases = enumerate(_catalogue()["release"])
    return next((number for number, row in releases if version in row["versions"]), None)


def _numbers(version: str) -> list[int]:
    return [int(part) for part in version.split(".")]
