"""What a migration may do by its kind: squawk's rules on the SQL, and two of our own.

One that expands takes nothing away, and one that contracts only takes away: it may drop what no function of the
release before names any more.
"""

from __future__ import annotations

import ast
import json
import re
import shutil
import subprocess
import sysconfig
from typing import TYPE_CHECKING

from payments.migrations import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from payments.migrations import Migration

# `migrate` sets both itself, for each transaction.
SET_BY_MIGRATE = ("require-lock-timeout", "require-statement-timeout")
# What contracts breaks those who use it: that nobody does is looked up in the code.
OF_CONTRACTS = ("ban-drop-column", "ban-drop-table", "ban-drop-function", "ban-drop-view")
_AWAY = re.compile(
    r"DROP |REVOKE |TRUNCATE |DELETE |ALTER TABLE (?:ONLY )?(?:IF EXISTS )?\S+ (?:DROP|RENAME) ",
    re.IGNORECASE,
)
_DROPPED = re.compile(
    r"DROP (?:COLUMN |TABLE |VIEW |FUNCTION |TYPE )(?:IF EXISTS )?(?:\w+\.)?(\w+)", re.IGNORECASE
)


def problems(migration: Migration, folder: Path, before: Path) -> list[str]:
    """Return what is wrong with a migration in this folder, after a release whose functions lie in another one."""
    found = [f"squawk: {rule}" for rule in squawk(migration, folder)]
    takes_away = migration.kind is Kind.CONTRACT
    found += [
        f"{'adds' if takes_away else 'takes away'}: {statement}"
        for statement in statements(migration.sql)
        if migration.in_transaction and bool(_AWAY.match(statement)) != takes_away
    ]
    used = words(before)
    dropped = (name for one in statements(migration.sql) for name in _DROPPED.findall(one))
    return found + [f"the release before uses {name}" for name in dropped if name in used]


def squawk(migration: Migration, folder: Path) -> list[str]:
    """Return the rules that squawk finds broken."""
    program = shutil.which("squawk", path=sysconfig.get_path("scripts"))
    assert program is not None, "squawk-cli is not installed"
    left_out = [*SET_BY_MIGRATE, *(OF_CONTRACTS if migration.kind is Kind.CONTRACT else ())]
    done = subprocess.run(
        [
            program,
            "--no-error-on-unmatched-pattern",
            "--pg-version=14",
            "--reporter=json",
            f"--exclude={','.join(left_out)}",
            *(["--assume-in-transaction"] if migration.in_transaction else []),
            str(folder / f"{migration.name}.sql"),
        ],
        check=False,
        capture_output=True,
        text=True,
    )
    return [one["rule_name"] for one in json.loads(done.stdout)]


def statements(sql: str) -> Iterator[str]:
    """Return the statements without comments, and without what is quoted."""
    sql = re.sub(r"--.*", "", sql)
    sql = re.sub(r"\$(\w*)\$.*?\$\1\$", "''", sql, flags=re.DOTALL)
    sql = re.sub(r"'[^']*'", "''", sql)
    yield from filter(None, (" ".join(one.split()) for one in sql.split(";")))


def words(functions: Path) -> set[str]:
    """Return the words that stand in the texts of functions, but not in their documentation."""
    found: set[str] = set()
    for path in functions.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        documents = {
            ast.get_docstring(node, clean=False)
            for node in ast.walk(tree)
            if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef))
        }
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Constant)
                and isinstance(node.value, str)
                and node.value not in documents
            ):
                found.update(re.findall(r"\w+", node.value))
    for path in functions.rglob("roles.sql"):
        found.update(re.findall(r"\w+", path.read_text(encoding="utf-8")))
    return found
