"""The schema as earlier migrations left it."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from migrate import handler

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# The migration before which there was no such role.
RELAY_ROLE = 7
ALL = sorted(path.stem for path in (handler.FOLDER / "migrations").glob("*.sql"))


@contextlib.contextmanager
def without_migrations(folder: Path, first: int) -> Iterator[None]:
    """Take away the migrations from this number on."""
    later = {path: path.read_text(encoding="utf-8") for path in folder.glob("*.sql")}
    later = {path: sql for path, sql in later.items() if int(path.name[:4]) >= first}
    for path in later:
        path.unlink()
    roles = folder.parent / "roles.sql"
    if first <= RELAY_ROLE:
        later[roles] = roles.read_text(encoding="utf-8")
        former = later[roles].replace(", 'payments_reader'),\n", ", 'payments_reader')\n")
        former = former.replace("            (application || '_relay', 'payments_relay')\n", "")
        assert "relay" not in former
        roles.write_text(former, encoding="utf-8")
    yield
    for path, sql in later.items():
        path.write_text(sql, encoding="utf-8")
