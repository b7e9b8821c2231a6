"""How long steps take: a twentieth of what the compiler's catalogue says that they take at AWS."""

from __future__ import annotations

import time
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

from engine import catalogue

if TYPE_CHECKING:
    from collections.abc import Mapping

SCALE = 20
CONSEQUENCES = Path(__file__).parents[3] / "src" / "catalogue" / "consequences.toml"
# As in `consequences.rs`, for kinds without a row.
SHORT = 3.0


class Pace:
    """Waits before what is made or changed is there, and after what is deleted has gone: gaps are as long as they can be."""

    def __init__(self) -> None:
        """Read the durations."""
        with CONSEQUENCES.open("rb") as file:
            rows = tomllib.load(file)["kind"]
        self._by_class: Mapping[str, Mapping[str, float]] = {row["class"]: row for row in rows}

    def __call__(self, operation: str, token: str) -> None:
        """Wait for a step."""
        row = self._by_class.get(catalogue.class_of(token), {}) if catalogue.knows(token) else {}
        seconds = row.get(operation, SHORT)
        time.sleep(seconds / SCALE)
