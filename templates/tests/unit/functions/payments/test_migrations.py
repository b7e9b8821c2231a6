"""MIG-1: the kinds of migrations, and which database a version may work on."""

from __future__ import annotations

from pathlib import Path

import pytest

from payments.migrations import Kind, MigrationError, missing, read_migrations

INDEX = "CREATE INDEX CONCURRENTLY IF NOT EXISTS by_time\n    ON payments (received_at);"
OUTSIDE = "-- migration: expand, outside a transaction\n-- By the time.\n"


def _folder(folder: Path, last: str) -> Path:
    """Fill a folder so that this one comes after those that name no kind."""
    for number in range(1, 8):
        (folder / f"{number:04}_first.sql").write_text("SELECT 1;", encoding="utf-8")
    (folder / "0008_last.sql").write_text(last, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("sql", "kind", "index"),
    [
        ("-- migration: expand\nSELECT 1;", Kind.EXPAND, None),
        ("-- migration: contract\nDROP TABLE one;", Kind.CONTRACT, None),
        (OUTSIDE + INDEX, Kind.EXPAND, "by_time"),
        (OUTSIDE + INDEX.replace("INDEX", "UNIQUE INDEX", 1), Kind.EXPAND, "by_time"),
        (OUTSIDE + "DROP INDEX CONCURRENTLY IF EXISTS by_time;", Kind.EXPAND, None),
    ],
)
def test_the_first_line_names_the_kind(
    tmp_path: Path, sql: str, kind: Kind, index: str | None
) -> None:
    """MIG-1: and whether it runs in a transaction."""
    last = read_migrations(_folder(tmp_path, sql))[-1]
    assert (last.kind, last.index) == (kind, index)
    assert last.in_transaction == (not sql.startswith(OUTSIDE))


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("SELECT 1;", "the first line must be"),
        ("-- migration: widen\nSELECT 1;", "the first line must be"),
        ("-- Adds.\n-- migration: expand\nSELECT 1;", "the first line must be"),
        # Half of two statements could be done, and the index under a name that nobody knows.
        (OUTSIDE + INDEX + INDEX, "outside a transaction goes one"),
        (OUTSIDE + "CREATE INDEX CONCURRENTLY ON payments (received_at);", "goes one"),
        (OUTSIDE + INDEX.replace(" IF NOT EXISTS", ""), "goes one"),
        (OUTSIDE + INDEX.replace(" CONCURRENTLY", ""), "goes one"),
        (OUTSIDE + "VACUUM payments;", "goes one"),
    ],
)
def test_what_has_no_kind_is_refused(tmp_path: Path, sql: str, message: str) -> None:
    """MIG-1: before anybody connects."""
    with pytest.raises(MigrationError, match=message):
        read_migrations(_folder(tmp_path, sql))


def test_a_database_that_is_further_is_taken_when_it_only_expanded(tmp_path: Path) -> None:
    """MIG-1: so that a deployment can be taken back."""
    migrations = read_migrations(_folder(tmp_path, "-- migration: expand\nSELECT 1;"))
    rows = [(one.version, one.name, one.sha256, one.kind.value) for one in migrations]
    assert missing(rows[:6], migrations) == migrations[6:]
    assert missing(rows, migrations[:6]) == []
    assert missing([*rows, (9, "0009_more", "", "expand")], migrations) == []
    with pytest.raises(MigrationError, match="the database is at 0010_more, and 0009_less took"):
        missing(
            [*rows, (9, "0009_less", "", "contract"), (10, "0010_more", "", "expand")], migrations
        )
