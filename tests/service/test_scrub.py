"""MIG-1: the program that cleans a copy of another environment's database of card numbers."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest

from payments.cards import card_pointers, looks_like_card
from service.development import scrubbed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from service.postgres import Server

NUMBERS = itertools.count(1)
CARD = "4111111111111111"
TEXTS = [
    CARD, "4111 1111 1111 1111", "4111-1111-1111-1111", "tok_4111111111111111", "x5555555555554444x",
    "3782 822463 10005", "6011111111111117", "30569309025904", "3530111333300000", "4111111111111111123",
    "４１１１１１１１１１１１１１１１", "4111\u20111111\u20111111\u20111111", "٤١١١١١١١١١١١١١١١",
    "४१११११११११११११११", "④①①①①①①①①①①①①①①①", "𝟜𝟙𝟙𝟙𝟙𝟙𝟙𝟙𝟙𝟙𝟙𝟙𝟙𝟙𝟙𝟙",
    "%34%31%31%31%31%31%31%31%31%31%31%31%31%31%31%31", "&#52;" + "&#49;" * 15, "四" + "一" * 15,
    "https://example.com/?pan=4111%201111%201111%201111", "4111/1111/1111/1111", "4111—1111—1111—1111",
    "paid 4111111111111111 and 5555555555554444", "two\nlines 4111\n1111 1111 1111",
]  # fmt: skip
OTHERS = [
    "", "4111111111111112", "41111111111", "pay_0001_spring", "2026-12-01T10:00:00.123Z",
    "c6af9ac6-7b61-11e6-9a41-93e8deadbeef", "19.99 and 20.00", "order 1234567890123", "naïve ﬁne ½",
]  # fmt: skip


@pytest.fixture(name="copy")
def _copy(server: Server) -> Iterator[str]:
    name = f"scrubbed_{next(NUMBERS)}"
    server.new_database(name)
    yield name
    server.superuser(f"DROP DATABASE {name} WITH (FORCE)")


def test_texts_are_cleaned_wherever_they_are(server: Server, copy: str) -> None:
    """Every shape, through PostgreSQL's own look for rows that may hold a number."""
    assert all(map(looks_like_card, TEXTS))
    server.superuser(
        'CREATE SCHEMA shop; CREATE TABLE shop."Odd name" (id int PRIMARY KEY, note text,'
        ' "Card No" varchar(80), fixed char(80), tags text[], doc jsonb, raw json) ',
        copy,
    )
    for number, text in enumerate([*TEXTS, *OTHERS]):
        server.superuser(
            'INSERT INTO shop."Odd name" VALUES (CAST(:id AS int), CAST(:text AS text), CAST(:text AS text),'
            " CAST(:text AS text), ARRAY[CAST(:text AS text), :other],"
            " jsonb_build_object('card', CAST(:text AS text), CAST(:text AS text), 1),"
            " json_build_object('deep', json_build_array(CAST(:text AS text))))",
            copy,
            id=number,
            text=text,
            other="left alone",
        )
    report, _ = scrubbed(server, copy)
    assert not report.left
    rows = server.superuser(
        'SELECT note, "Card No", fixed, tags, doc, raw FROM shop."Odd name" ORDER BY id', copy
    )
    assert len(rows) == len(TEXTS) + len(OTHERS)
    assert [list(card_pointers(row)) for row in rows] == [[]] * len(rows)
    for note, varying, fixed, tags, doc, raw in rows[: len(TEXTS)]:
        for value in (note, varying, fixed, tags[0], doc["card"], raw["deep"][0]):
            assert "[removed]" in value
    for text, (note, varying, *_, raw) in zip(OTHERS, rows[len(TEXTS) :], strict=True):
        assert (note, varying, raw) == (text, text, {"deep": [text]})


def test_each_shape_is_found_alone(server: Server, copy: str) -> None:
    """No other column of the row leads to it."""
    server.superuser("CREATE TABLE notes (note text)", copy)
    for text in TEXTS:
        server.superuser("INSERT INTO notes VALUES (:text)", copy, text=text)
    report, _ = scrubbed(server, copy)
    assert report.changed == {"public.notes.note": len(TEXTS)}
    assert not report.left


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("card bigint", CARD),
        ("card numeric(20)", "5555555555554444"),
        ("card float8", CARD),
        ("card bigint[]", f"'{{{CARD}}}'"),
        ("card numrange", f"'[1,{CARD}]'"),
        ("card bytea", f"'{CARD}'"),
        ("card bytea", "convert_to('4111 1111 1111 1111', 'UTF8')"),
        ("card text NOT NULL CHECK (card ~ '^[0-9]+$')", f"'{CARD}'"),
        (
            "base text NOT NULL CHECK (base <> '[removed]') DEFAULT 'x',"
            " card text GENERATED ALWAYS AS ('41111111' || '11111111') STORED",
            "DEFAULT",
        ),
    ],
)
def test_it_refuses_to_finish_when_any_is_left(
    server: Server, copy: str, column: str, value: str
) -> None:
    server.superuser(f"CREATE TABLE cards (id int, note text, {column})", copy)
    server.superuser(f"INSERT INTO cards (id, note, card) VALUES (1, 'card {CARD}', {value})", copy)
    before = server.superuser("SELECT * FROM cards", copy)
    report, _ = scrubbed(server, copy)
    assert "public.cards.card" in report.left
    assert "1111111" not in "".join([*report.lines(), *report.open_lines()])
    assert server.superuser("SELECT * FROM cards", copy) == before


@pytest.mark.parametrize(
    ("sql", "name"),
    [
        (f"CREATE VIEW v AS SELECT '{CARD}' AS c", "definition of VIEW public.v"),
        (
            "CREATE MATERIALIZED VIEW v AS SELECT CAST(41111111 AS bigint) * 100000000 + 11111111 AS c",
            "public.v.c",
        ),
        (
            f"CREATE FUNCTION f() RETURNS text LANGUAGE sql AS 'SELECT ''{CARD}'''",
            "body, defaults or settings of ROUTINE public.f()",
        ),
        (
            f"CREATE TABLE t (c text DEFAULT '{CARD}')",
            "default of TABLE public.t",
        ),
        (
            f"CREATE TABLE t (c text, CONSTRAINT n CHECK (c <> '{CARD}'))",
            "constraint of TABLE public.t DROP CONSTRAINT n",
        ),
        (
            f"CREATE TABLE t (c text); CREATE INDEX i ON t (c) WHERE c = '{CARD}'",
            "index of INDEX public.i",
        ),
        (f"CREATE TYPE e AS ENUM ('a', '{CARD}')", "labels of TYPE public.e RENAME VALUE"),
        (
            f"CREATE SEQUENCE s START {CARD}",
            "sequence public.s",
        ),
        ("SELECT lo_from_bytea(0, 'anything')", "large objects"),
    ],
)
def test_what_is_no_row_is_left_to_a_person(server: Server, copy: str, sql: str, name: str) -> None:
    server.superuser(sql, copy)
    report, _ = scrubbed(server, copy)
    assert list(report.left) == [name]
    assert CARD not in "".join(report.open_lines())
    assert not scrubbed(server, copy, name)[0].left


def test_comments_are_cleaned(server: Server, copy: str) -> None:
    server.superuser(
        "CREATE TABLE t (c text, CONSTRAINT n CHECK (c <> 'x')); CREATE DOMAIN d AS text CONSTRAINT n CHECK (VALUE <> 'x');"
        "CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql AS 'SELECT 1'",
        copy,
    )
    places = (
        *("TABLE t", "COLUMN t.c", "CONSTRAINT n ON t", "CONSTRAINT n ON DOMAIN d", "DOMAIN d"),
        *("FUNCTION f(int)", "SCHEMA public", f"DATABASE {copy}"),
    )
    for place in places:
        server.superuser(f"COMMENT ON {place} IS 'for example {CARD}'", copy)
    report, _ = scrubbed(server, copy)
    assert not report.left
    assert report.changed == {"comments": len(places)}
    found = server.superuser(
        "SELECT description FROM pg_description WHERE description LIKE 'for example%'", copy
    )
    assert found == [["for example [removed]"]] * (len(places) - 1)


def test_columns_that_a_person_looked_at_stay(server: Server, copy: str) -> None:
    """A number of milliseconds passes for a card number, now and then."""
    server.superuser("CREATE TABLE orders (id int, created_ms bigint, note text)", copy)
    server.superuser(f"INSERT INTO orders VALUES (2, {CARD}, 'y {CARD}')", copy)
    assert list(scrubbed(server, copy)[0].left) == ["public.orders.created_ms"]
    report, _ = scrubbed(server, copy, "public.other.x", "public.orders.created_ms")
    assert not report.left
    assert server.superuser("SELECT created_ms, note FROM orders", copy) == [
        [int(CARD), "y [removed]"]
    ]


def test_triggers_keep_no_old_rows_and_work_afterwards(server: Server, copy: str) -> None:
    server.superuser(
        "CREATE TABLE notes (note text); CREATE TABLE old (note text);"
        "CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS"
        " 'BEGIN INSERT INTO old VALUES (OLD.note); RETURN NEW; END';"
        "CREATE TRIGGER keep BEFORE UPDATE ON notes FOR EACH ROW EXECUTE FUNCTION keep();"
        "ALTER TABLE notes ENABLE ALWAYS TRIGGER keep;"
        f"INSERT INTO notes VALUES ('{CARD}')",
        copy,
    )
    assert not scrubbed(server, copy)[0].left
    assert server.superuser("SELECT count(*) FROM old", copy) == [[0]]
    assert server.superuser("SELECT tgenabled FROM pg_trigger WHERE tgname = 'keep'", copy) == [
        ["A"]
    ]
