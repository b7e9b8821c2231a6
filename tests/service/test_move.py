"""MIG-1: from a development database such as teams have to a decided payment, by the commands of the runbook."""

from __future__ import annotations

import itertools
import os
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pg8000.native
import pytest

from documents.typed import Shell, blocks
from migrate.handler import MigrationError
from service import development
from service.postgres import OWNER, PASSWORD, Server
from service.programs import client
from service.stage import MERCHANTS, Stage, content, forget

if TYPE_CHECKING:
    from collections.abc import Iterator

    from service.stage import Aws

ROOT = Path(__file__).parents[2]
RUNBOOK = ROOT / "generated" / "docs" / "runbook.md"
HEADING = "Moving from development (MIG-1)"
ORDERS = 200_000
NUMBERS = itertools.count(1)


@pytest.fixture(name="origin", scope="module")
def _origin() -> Iterator[Server]:
    """Return the copy of development: an instance of its own."""
    made = Server(settings={"fsync": "off"})
    try:
        development.make(made, ORDERS, OWNER)
        yield made
    finally:
        made.remove()


@pytest.fixture(name="shell")
def _shell(tmp_path: Path, origin: Server) -> Iterator[Shell]:
    """Open a shell in the generated project's folder."""
    folder, programs = tmp_path / "project", tmp_path / "bin"
    (folder / ".venv" / "bin").mkdir(parents=True)
    programs.mkdir()
    for name in ("scrub", "functions"):
        (folder / name).symlink_to(ROOT / "templates" / name)
    python = folder / ".venv" / "bin" / "python"
    python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n', encoding="utf-8")
    python.chmod(0o755)
    for name in ("psql", "pg_dump"):
        (programs / name).symlink_to(client(name, origin.version))
    path = os.pathsep.join([str(programs), "/usr/bin", "/bin"])
    shell = Shell(folder, {"PATH": path, "PGPASSWORD": PASSWORD, "PYTHONDONTWRITEBYTECODE": "1"})
    yield shell
    shell.close()


def address(server: Server, database: str) -> str:
    """Return how a database is reached."""
    return f"host={server.folder} port={server.port} dbname={database} user={OWNER}"


def rows(server: Server, database: str, *tables: str) -> list[int]:
    """Count rows."""
    return [server.superuser(f"SELECT count(*) FROM {table}", database)[0][0] for table in tables]


TABLES = ("countries", "customers", "orders", "dumps")


def test_development_is_moved_by_the_runbook(
    origin: Server, empty_stage: Stage, aws: Aws, shell: Shell
) -> None:
    """From scrub to a decided payment; what must not come along does not."""
    scrub, dump, load = blocks(RUNBOOK.read_text(encoding="utf-8"))[HEADING]
    stage = empty_stage
    own = {
        "postgres",
        OWNER,
        "payments_app",
        "payments_app_read",
        "payments_app_relay",
        "payments_by_token",
    }
    # Of the tests before, on the same server.
    others = logins(stage)
    copy = address(origin, development.NAME)
    before = rows(origin, development.NAME, *(f"shop.{table}" for table in TABLES))
    shell.type(
        f"COPY={shlex.quote(copy)} CONNECTION={shlex.quote(address(stage.server, stage.database))}"
    )

    # A view and a number are left to a person, and nothing has changed.
    told = shell.type(f"{{ {scrub}\n}} || echo ended with $?")
    assert "ended with 1" in told
    assert "definition of VIEW shop.tests: holds a card number\n    DROP VIEW shop.tests;" in told
    assert 'shop.dumps.number: 1 rows\n    ALTER TABLE "shop"."dumps" DROP COLUMN "number";' in told
    assert "nothing was changed" in told
    assert "1111" not in told
    assert origin.superuser("SELECT FROM pg_roles WHERE rolname = 'dev_app'")
    with_cards = "SELECT count(card), min(card) LIKE '4000%' FROM shop.customers"
    assert origin.superuser(with_cards, development.NAME) == [[ORDERS // 100, True]]

    shell.type('psql "$COPY" -c "DROP VIEW shop.tests; ALTER TABLE shop.dumps DROP COLUMN number"')
    told = shell.type(scrub)
    assert "done: no card number is left" in told
    assert f"shop.customers.card: {ORDERS // 100} rows cleaned" in told
    assert "1111" not in told
    # Each once, as no two may be alike.
    assert origin.superuser(
        "SELECT count(DISTINCT card), bool_and(card LIKE '[removed %]') FROM shop.customers"
        " WHERE card IS NOT NULL",
        development.NAME,
    ) == [[ORDERS // 100, True]]
    # A trigger would have kept the old rows.
    assert rows(origin, development.NAME, "shop.history") == [0]

    shell.type(dump)
    shell.type(load)
    assert stage.migrate()["applied"]
    stage.bring_in()
    assert content(stage.post())["decision"] == "accepted"
    assert rows(stage.server, stage.database, *(f"shop.{table}" for table in TABLES)) == before
    assert stage.sql("SELECT title FROM development_payments.merchants ORDER BY id") == [
        ["Bücherstube"],
        ["Café"],
    ]
    assert len(stage.sql("SELECT FROM payments.merchants")) == len(MERCHANTS)
    assert stage.sql("SHOW server_encoding") == [["UTF8"]]
    assert_nothing_of_development_is_left(stage, own | others)

    # The mark came with the dump; in a database that nobody scrubbed there is none.
    assert len(stage.sql("SELECT FROM scrubbed.tables")) > len(TABLES)

    # From a snapshot: the same copy, of which RDS makes the database.
    on_copy = Stage(server=origin, aws=aws, database=development.NAME, secret_arn=stage.secret_arn)
    forget()
    assert on_copy.migrate()["applied"]
    on_copy.bring_in()
    forget()
    assert content(on_copy.post(key="of-the-copy"))["decision"] == "accepted"
    assert_nothing_of_development_is_left(on_copy, own)


def logins(stage: Stage) -> set[str]:
    """Return who can log in to the server, whichever database asks."""
    return {name for (name,) in stage.sql("SELECT rolname FROM pg_roles WHERE rolcanlogin")}


def assert_nothing_of_development_is_left(stage: Stage, own: set[str]) -> None:
    """No login, no grant, no function with its owner's rights."""
    assert logins(stage) <= own
    assert stage.sql("SELECT proname FROM pg_proc WHERE prosecdef") == []
    assert stage.sql("SELECT polname FROM pg_policy WHERE polname = 'of_app'") == []
    granted = stage.sql(
        "SELECT relname FROM pg_class, aclexplode(relacl) WHERE grantee = 0"
        " AND relnamespace IN ('shop'::regnamespace, 'development_payments'::regnamespace)"
    )
    assert granted == []
    for login in ("payments_app", "payments_app_read", "payments_app_relay"):
        for statement in (
            "SELECT FROM shop.customers",
            "SELECT shop.everything()",
            "SELECT FROM development_payments.merchants",
            "CREATE TABLE public.mine (id int)",
        ):
            with (
                pg8000.native.Connection(
                    login, database=stage.database, unix_sock=stage.server.socket
                ) as connection,
                pytest.raises(pg8000.native.DatabaseError, match="42501"),
            ):
                connection.run(statement)
    # Nobody gets in by a password of development's.
    assert (
        stage.sql(
            "SELECT rolname FROM pg_authid WHERE rolpassword IS NOT NULL AND rolname NOT IN"
            f" ('{OWNER}', 'payments_by_token')"
        )
        == []
    )


def test_a_database_that_nobody_scrubbed_is_refused(empty_stage: Stage) -> None:
    """By a snapshot or a dump: before anything is made, and without naming what may be a card number."""
    stage = empty_stage
    stage.sql('CREATE SCHEMA shop; CREATE TABLE shop."of 4111 1111 1111 1111" (id int)')
    stage.sql("CREATE TABLE shop.orders (id int, note text)")
    for _ in range(2):
        with pytest.raises(MigrationError, match=r"no finished scrub .* shop\.orders") as refused:
            stage.migrate()
        assert "1111" not in str(refused.value)
        assert stage.sql("SELECT to_regclass('payments.migrations')") == [[None]]
    stage.sql('DROP TABLE shop."of 4111 1111 1111 1111"')

    report, _ = development.scrubbed(stage.server, stage.database)
    assert not report.left
    # On a copy it is the master user who scrubs.
    stage.sql("GRANT USAGE ON SCHEMA scrubbed TO PUBLIC; GRANT SELECT ON scrubbed.tables TO PUBLIC")
    # A table that comes afterwards, or has another column by then, was looked at by nobody.
    for change, back in (
        ("CREATE TABLE shop.later (card text)", "DROP TABLE shop.later"),
        ("ALTER TABLE shop.orders ADD card text", "ALTER TABLE shop.orders DROP card"),
    ):
        stage.sql(change)
        with pytest.raises(MigrationError, match="no finished scrub"):
            stage.migrate()
        stage.sql(back)
    assert stage.migrate()["applied"]
    # From then on the database is this environment's, and a team may have its own tables.
    stage.sql("CREATE TABLE shop.later (note text)")
    forget()
    assert stage.migrate()["applied"] == []


def test_large_objects_of_elsewhere_are_refused(empty_stage: Stage) -> None:
    """They belong to no table."""
    empty_stage.sql("SELECT lo_from_bytea(0, convert_to('4111111111111111', 'UTF8'))")
    with pytest.raises(MigrationError, match="large objects"):
        empty_stage.migrate()


def test_twice_the_rows_are_twice_the_work(server: Server) -> None:
    """Each table is read once by the server, and only rows that may hold a number reach the program."""
    work: list[tuple[int, int, int]] = []
    for orders in (2_000, 4_000):
        name = f"copy_{next(NUMBERS)}"
        server.new_database(name)
        server.superuser(f"SET ROLE {OWNER}; {development.SCHEMA}", name)
        development.fill(server, orders, name)
        report, scanned = development.scrubbed(server, name)
        assert not report.left
        work.append((report.fetched, report.values, scanned))
        server.superuser(f"DROP DATABASE {name} WITH (FORCE)")
    once, twice = work
    for one, other in zip(once, twice, strict=True):
        assert one > 0
        assert 1.8 * one < other < 2.2 * one, work
    # Of 2,000 orders, 200 customers and 20 dumps.
    assert once[2] < 1.1 * 2 * (2_000 + 200 + 20), work
