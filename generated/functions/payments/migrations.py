"""Migrations of the database: numbered files of SQL, each of a kind that its first line names.

``-- migration: expand`` adds something, and functions of the release before go on working.
``-- migration: contract`` takes away what the release before no longer uses; earlier ones end there.
With ``, outside a transaction`` behind it, the file is one statement that makes or drops an index
concurrently, which PostgreSQL does in no transaction.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

_FILE = re.compile(r"(\d{4})_([a-z0-9_]+)\.sql")
_HEAD = re.compile(r"-- migration: (expand|contract)(, outside a transaction)?")
# These were applied before there were kinds, and cannot be changed; each of them expands.
_WITHOUT_KIND = 7
# Both can be run again: what is there already is no error.
_STATEMENT = re.compile(
    r"(?:CREATE (?:UNIQUE )?INDEX CONCURRENTLY IF NOT EXISTS (?P<made>[a-z_][a-z0-9_]*) ON [^;]+"
    r"|DROP INDEX CONCURRENTLY IF EXISTS [a-z_][a-z0-9_]*);?"
)


class MigrationError(Exception):
    """The database was left as the last successful migration made it; `up` shows the message."""


class Kind(Enum):
    """What a migration means to functions of the release before."""

    EXPAND = "expand"
    CONTRACT = "contract"


@dataclass(frozen=True, kw_only=True)
class Migration:
    """One file of SQL."""

    version: int
    name: str
    sql: str
    kind: Kind
    in_transaction: bool

    @property
    def sha256(self) -> str:
        """Digest by which a later change of the file is noticed."""
        return hashlib.sha256(self.sql.encode()).hexdigest()

    @property
    def index(self) -> str | None:
        """Name of the index that is made outside a transaction, if one is."""
        found = None if self.in_transaction else _STATEMENT.fullmatch(_bare(self.sql))
        return found["made"] if found else None


def read_migrations(folder: Path) -> Sequence[Migration]:
    """Read the files in their order; numbers must go up without a gap."""
    migrations: list[Migration] = []
    for path in sorted(folder.glob("*.sql")):
        found = _FILE.fullmatch(path.name)
        if found is None or int(found[1]) != len(migrations) + 1:
            expected = f"{len(migrations) + 1:04}"
            message = f"{path.name}: expected NNNN_name.sql with the number {expected}"
            raise MigrationError(message)
        migrations.append(_read(path, int(found[1])))
    if not migrations:
        message = "there are no migrations"
        raise MigrationError(message)
    return migrations


def missing(rows: Sequence[Sequence[Any]], migrations: Sequence[Migration]) -> Sequence[Migration]:
    """Return what is still to be applied, by the version, name, digest and kind of what was.

    A database that is further is taken as long as everything only expanded it. One that other
    migrations made is refused.
    """
    for (version, name, sha256, _), migration in zip(rows, migrations, strict=False):
        if (version, name, sha256) != (migration.version, migration.name, migration.sha256):
            message = f"{migration.name} was changed after it was applied: add a new one instead"
            raise MigrationError(message)
    for _, name, _, kind in rows[len(migrations) :]:
        if kind != Kind.EXPAND.value:
            message = (
                f"the database is at {rows[-1][1]}, and {name} took away what this version may use:"
                " deploy a version that knows it"
            )
            raise MigrationError(message)
    return migrations[len(rows) :]


def _read(path: Path, version: int) -> Migration:
    sql = path.read_text(encoding="utf-8")
    head = _HEAD.fullmatch(sql.partition("\n")[0])
    if head is None and version > _WITHOUT_KIND:
        message = f"{path.name}: the first line must be `-- migration: expand` or `… contract`"
        raise MigrationError(message)
    in_transaction = head is None or head[2] is None
    if not in_transaction and _STATEMENT.fullmatch(_bare(sql)) is None:
        message = (
            f"{path.name}: outside a transaction goes one CREATE INDEX CONCURRENTLY IF NOT EXISTS"
            " or DROP INDEX CONCURRENTLY IF EXISTS"
        )
        raise MigrationError(message)
    return Migration(
        version=version,
        name=path.stem,
        sql=sql,
        kind=Kind.EXPAND if head is None else Kind(head[1]),
        in_transaction=in_transaction,
    )


def _bare(sql: str) -> str:
    """Leave out comments and line breaks."""
    return " ".join(re.sub(r"--.*", "", sql).split())
