"""MIG-1: the script that cleans a copy of another environment's database of card numbers."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import TYPE_CHECKING

import pg8000.native
import pytest

from payments.cards import card_pointers, looks_like_card

if TYPE_CHECKING:
    from collections.abc import Iterator

    from service.postgres import Server

SCRIPT = Path(__file__).parents[2] / "templates" / "migration" / "scrub.sql"
NUMBERS = itertools.count(1)
TEXTS = [
    "4111111111111111", "4111 1111 1111 1111", "4111-1111-1111-1111", "tok_4111111111111111",
    "x5555555555554444x", "3782 822463 10005", "6011111111111117", "30569309025904",
    "3530111333300000", "2223003122003222", "6200000000000005", "411111111111111112271234",
    "４１１１１１１１１１１１１１１１", "4111\u20111111\u20111111\u20111111", "٤١١١١١١١١١١١١١١١",  # noqa: RUF001
    "paid 4111111111111111 and 5555555555554444", "two\nlines 4111\n1111 1111 1111",
]  # fmt: skip
OTHERS = [
    "", "4111111111111112", "41111111111", "pay_0001_spring", "2026-12-01T10:00:00.123Z",
    "c6af9ac6-7b61-11e6-9a41-93e8deadbeef", "19.99 and 20.00", "order 1234567890123", "naïve ﬁne ½",
]  # fmt: skip


@pytest.fixture(name="copy")
def _copy(server: Server) -> Iterator[str]:
    name = f"copy_{next(NUMBERS)}"
    server.new_database(name)
    yield name
    server.superuser(f"DROP DATABASE {name} WITH (FORCE)")


def scrub(server: Server, copy: str, before: str = "") -> None:
    """Run the script as the owner, as psql does: one statement after the other, on one connection."""
    with pg8000.native.Connection(
        "postgres", database=copy, unix_sock=server.socket, timeout=60
    ) as connection:
        connection.run("SET ROLE payments_owner")
        if before:
            connection.run(before)
        connection.run(SCRIPT.read_text(encoding="utf-8"))


def owner(server: Server, copy: str, sql: str, **parameters: object) -> list[list[object]]:
    """Run a statement as the owner."""
    with pg8000.native.Connection("postgres", database=copy, unix_sock=server.socket) as connection:
        connection.run("SET ROLE payments_owner; SET search_path TO shop, public")
        return connection.run(sql, **parameters) or []


def test_texts_are_cleaned_wherever_they_are(server: Server, copy: str) -> None:
    owner(
        server,
        copy,
        'CREATE SCHEMA shop; CREATE TABLE shop."Odd name" (id int PRIMARY KEY, note text,'
        ' "Card No" varchar(60), fixed char(60), tags text[], doc jsonb, raw json) ',
    )
    for number, text in enumerate([*TEXTS, *OTHERS]):
        owner(
            server,
            copy,
            'INSERT INTO "Odd name" VALUES (CAST(:id AS int), CAST(:text AS text), CAST(:text AS text),'
            " CAST(:text AS text), ARRAY[CAST(:text AS text), :other],"
            " jsonb_build_object('card', CAST(:text AS text), 'number', 4111111111111111,"
            " CAST(:text AS text), 1), json_build_object('deep', json_build_array(CAST(:text AS text))))",
            id=number,
            text=text,
            other="left alone",
        )
    scrub(server, copy)
    rows = owner(
        server, copy, 'SELECT note, "Card No", fixed, tags, doc, raw FROM "Odd name" ORDER BY id'
    )
    assert len(rows) == len(TEXTS) + len(OTHERS)
    assert list(card_pointers(rows)) == []
    for note, varying, fixed, tags, doc, raw in rows[: len(TEXTS)]:
        assert "[removed]" in str(note)
        assert "[removed]" in str(varying)
        assert "[removed]" in str(fixed)
        assert tags == [note, "left alone"]
        assert doc["number"] == 0  # pyright: ignore[reportIndexIssue]
        assert "0" in str(raw)
    for text, (note, varying, *_, raw) in zip(OTHERS, rows[len(TEXTS) :], strict=True):
        assert (note, varying, raw) == (text, text, {"deep": [text]})


@pytest.mark.parametrize("text", [*TEXTS, *OTHERS])
def test_it_sees_what_the_functions_see(server: Server, text: str) -> None:
    """FN-1: the same rule in two languages."""
    functions = SCRIPT.read_text(encoding="utf-8").split("-- Columns that can hold")[0]
    with pg8000.native.Connection("postgres", unix_sock=server.socket) as connection:
        connection.run(functions)
        rows = connection.run(
            "SELECT pg_temp.holds_card(:text), pg_temp.scrubbed(:text, '')", text=text
        )
    ((holds, scrubbed),) = rows or []
    assert holds == looks_like_card(text)
    assert not looks_like_card(str(scrubbed))


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("card bigint", "4111111111111111"),
        ("card numeric(20)", "5555555555554444"),
        ("card bytea", "'4111111111111111'"),
        ("card bytea", "convert_to('4111 1111 1111 1111', 'UTF8')"),
        ("card text CHECK (card ~ '^[0-9]+$')", "'4111111111111111'"),
    ],
)
def test_it_refuses_to_finish_when_any_is_left(
    server: Server, copy: str, column: str, value: str
) -> None:
    owner(server, copy, f"CREATE TABLE cards (id int, note text, {column})")
    owner(server, copy, f"INSERT INTO cards VALUES (1, 'card 4111111111111111', {value})")  # noqa: S608 - from above
    before = owner(server, copy, "SELECT * FROM cards")
    with pytest.raises(pg8000.native.DatabaseError) as raised:
        scrub(server, copy)
    message = str(raised.value)
    assert "left, and nothing was changed:\\n  public.cards.card: 1 rows" in message
    assert "1111111" not in message
    assert owner(server, copy, "SELECT * FROM cards") == before


def test_views_that_hold_rows_and_large_objects_are_noticed(server: Server, copy: str) -> None:
    owner(server, copy, "CREATE TABLE cards AS SELECT '4111111111111111' AS card")
    owner(server, copy, "CREATE MATERIALIZED VIEW kept AS SELECT card FROM cards")
    owner(server, copy, "SELECT lo_from_bytea(0, 'anything')")
    with pytest.raises(pg8000.native.DatabaseError, match=r"public.kept.card: 1 rows") as raised:
        scrub(server, copy)
    assert "large objects" in str(raised.value)
    owner(
        server,
        copy,
        "SELECT lo_unlink(oid) FROM pg_largeobject_metadata; DROP MATERIALIZED VIEW kept",
    )
    scrub(server, copy)
    assert owner(server, copy, "SELECT card FROM cards") == [["[removed]"]]


def test_columns_that_a_person_looked_at_stay(server: Server, copy: str) -> None:
    """A number of milliseconds passes for a card number, now and then."""
    owner(server, copy, "CREATE TABLE orders (id int, created_ms bigint, note text)")
    owner(
        server,
        copy,
        "INSERT INTO orders VALUES (1, 1764583200008, 'x'), (2, 4111111111111111, 'y')",
    )
    with pytest.raises(pg8000.native.DatabaseError, match=r"public\.orders\.created_ms"):
        scrub(server, copy)
    scrub(server, copy, "SET scrub.looked_at = 'public.other.x, public.orders.created_ms'")
    assert len(owner(server, copy, "SELECT created_ms FROM orders")) == 2


def test_nothing_is_left_in_the_files(server: Server, copy: str) -> None:
    """Neither old rows nor the samples of the statistics, once the copy is vacuumed."""
    owner(server, copy, "CREATE TABLE notes (id int, note text)")
    card = "4111111111111111"
    owner(server, copy, f"INSERT INTO notes SELECT n, '{card}' FROM generate_series(1, 500) AS n")  # noqa: S608 - from above
    server.superuser("ANALYZE", copy)
    ((number,),) = server.superuser("SELECT oid FROM pg_database WHERE datname = :name", name=copy)
    files = server.data / "base" / str(number)

    def holds() -> bool:
        server.superuser("CHECKPOINT")
        return any(card.encode() in path.read_bytes() for path in files.iterdir() if path.is_file())

    assert holds()
    scrub(server, copy)
    server.superuser("VACUUM (FULL, ANALYZE)", copy)
    assert not holds()
