"""MIG-1: no migration mixes the kinds, or drops what the release before still uses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from migrate import handler
from payments.migrations import Kind, Migration, read_migrations
from service.before import unpack
from service.kinds import problems

if TYPE_CHECKING:
    from pathlib import Path

# Applied before there were kinds.
FIRST = 7


@pytest.fixture(name="before", scope="module")
def _before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return unpack(tmp_path_factory.mktemp("before"))


def test_the_migrations_keep_to_their_kinds(before: Path) -> None:
    folder = handler.FOLDER / "migrations"
    applied = len(read_migrations(before / "migrate" / "migrations"))
    found = {
        one.name: problems(one, folder, before)
        for one in read_migrations(folder)
        if one.version >= max(FIRST, applied + 1)
    }
    assert found
    assert not any(found.values()), found


@pytest.mark.parametrize(
    ("kind", "sql", "found"),
    [
        ("expand", "ALTER TABLE payments ADD COLUMN note text", None),
        ("expand", "CREATE TABLE notes (id bigint PRIMARY KEY); GRANT SELECT ON notes TO a", None),
        ("expand", "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$", None),
        ("expand", "ALTER TABLE payments ADD COLUMN note text NOT NULL", "adding-required-field"),
        ("expand", "ALTER TABLE payments RENAME COLUMN door TO channel", "renaming-column"),
        ("expand", "ALTER TABLE payments ALTER COLUMN note TYPE bigint", "changing-column-type"),
        ("expand", "ALTER TABLE payments ALTER COLUMN note SET NOT NULL", "adding-not-nullable"),
        ("expand", "CREATE INDEX by_time ON payments (received_at)", "require-concurrent-index"),
        ("expand", "ALTER TABLE payments ADD COLUMN a text; DROP TABLE notes", "ban-drop-table"),
        ("expand", "ALTER TABLE decisions DROP COLUMN door", "takes away"),
        ("expand", "REVOKE DELETE ON outbox FROM payments_writer", "takes away: REVOKE"),
        ("expand", "DROP POLICY outbox_mark ON outbox", "takes away: DROP POLICY"),
        ("contract", "ALTER TABLE decisions DROP COLUMN door", None),
        ("contract", "REVOKE DELETE ON outbox FROM payments_writer", None),
        ("contract", "ALTER TABLE decisions DROP COLUMN channel", "before uses channel"),
        ("contract", "DROP TABLE IF EXISTS payments.callers", "before uses callers"),
        ("contract", "ALTER TABLE a DROP COLUMN b; CREATE TABLE c (id bigint)", "adds: CREATE"),
        ("contract", "DROP VIEW v; ALTER TABLE payments ADD COLUMN note text", "adds: ALTER"),
    ],
)
def test_what_mixes_the_kinds_is_refused(
    tmp_path: Path, before: Path, kind: str, sql: str, found: str | None
) -> None:
    text = f"-- migration: {kind}\n{sql};\n"
    (tmp_path / "0009_one.sql").write_text(text, encoding="utf-8")
    one = Migration(version=9, name="0009_one", sql=text, kind=Kind(kind), in_transaction=True)
    told = problems(one, tmp_path, before)
    assert any(found in line for line in told) if found else not told, told


def test_an_index_is_made_outside_a_transaction(tmp_path: Path, before: Path) -> None:
    head = "-- migration: contract, outside a transaction\n"
    for sql in (
        "CREATE INDEX CONCURRENTLY IF NOT EXISTS by_time ON payments (received_at);",
        "DROP INDEX CONCURRENTLY IF EXISTS by_time;",
    ):
        (tmp_path / "0009_one.sql").write_text(head + sql, encoding="utf-8")
        for kind in Kind:
            one = Migration(
                version=9, name="0009_one", sql=head + sql, kind=kind, in_transaction=False
            )
            assert problems(one, tmp_path, before) == []
