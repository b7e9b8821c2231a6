"""The engine for one test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine.stack import Engine, engine

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def fresh_engine(tmp_path: Path) -> Iterator[Engine]:
    """An engine and an empty account for one test."""
    with engine(tmp_path / "home") as made:
        yield made
