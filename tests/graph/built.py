"""The compiler that was built here."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def compiler() -> Path:
    """Give the compiler: named by the environment, or the newest that was built here."""
    if named := os.environ.get("PAYSTAGEC"):
        return Path(named)
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    built = [target / kind / "paystagec" for kind in ("release", "debug")]
    found = [path for path in built if path.is_file()]
    assert found, "no paystagec was built: make build"
    return max(found, key=lambda path: path.stat().st_mtime)
