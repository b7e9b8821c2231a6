"""`paystagec compare` says what the genuine engine then does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine.pairs import Pair, copied, foretold
from engine.project import SPEC, build_compiler

if TYPE_CHECKING:
    from pathlib import Path

# Pairs of an old text of the committed spec and a new one.
EDITS = {
    "a database grows": ("storage_gib = 20", "storage_gib = 40"),
    "the owner is another team": ('owner = "payments-platform"', 'owner = "payments-core"'),
    "one more range": (
        'allowed_cidrs = ["192.0.2.0/24", "203.0.113.0/24"]',
        'allowed_cidrs = ["192.0.2.0/24", "203.0.113.0/24", "198.51.100.0/24"]',
    ),
    "a path calls another function": (
        '[api.routes."POST /payments/validate"]\nfunction = "validate-payment"',
        '[api.routes."POST /payments/validate"]\nfunction = "payment-status"',
    ),
}


@pytest.fixture(scope="module", autouse=True)
def _compiler() -> None:
    build_compiler()


@pytest.mark.parametrize("edit", EDITS)
def test_the_engine_takes_the_steps_that_were_foretold(edit: str, tmp_path: Path) -> None:
    """The same resources, the same steps, replacements in the same order."""
    old, new = EDITS[edit]
    text = (SPEC / "staging.toml").read_text()
    assert text.count(old) == 1
    spec = SPEC / "staging.toml"
    pair = Pair(
        copied(spec, tmp_path / "before"),
        copied(spec, tmp_path / "after", text.replace(old, new)),
        "2026-12-01",
    )
    steps, refused = pair.deployed(tmp_path / "home")
    assert refused is None
    assert foretold(pair.comparison) == steps
    assert steps
