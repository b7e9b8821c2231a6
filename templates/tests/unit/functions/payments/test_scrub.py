"""MIG-1: what values become when a copy of development is scrubbed, by the rule of the functions."""

from __future__ import annotations

import json

import pytest

from payments.cards import card_pointers, looks_like_card
from scrub import values
from scrub.connection import StringError, read
from scrub.report import Report

CARD = "4111111111111111"
TEXTS = (
    CARD,
    "paid 4111-1111-1111-1111 today",
    "tok_4111111111111111",
    "٤١١١١١١١١١١١١١١١",
    "%34111111111111111",
    f"{CARD} and 5555 5555 5555 4444",
)
OTHERS = ("", "4111111111111112", "2026-12-01T10:00:00.123Z", "naïve ½", "19.99")


@pytest.mark.parametrize("text", TEXTS)
def test_a_card_number_is_taken_out_of_a_text(text: str) -> None:
    """And a mark stands in its place."""
    cleaned = values.cleaned(text)
    assert values.MARK in cleaned
    assert not looks_like_card(cleaned)
    assert values.may_hold_card(text)


@pytest.mark.parametrize("text", OTHERS)
def test_other_texts_stay(text: str) -> None:
    """To the character."""
    assert values.cleaned(text) == text


@pytest.mark.parametrize("text", TEXTS)
def test_json_is_cleaned_in_depth(text: str) -> None:
    """Values, names, and numbers; the rest is written as it was."""
    document = json.dumps({"a": [{"b": text, "n": int(CARD)}], text: "x", "kept": 1.5})
    whole = document.replace("1.5}", "1.50}")
    cleaned = values.written(values.cleaned_json(values.parsed(whole)))
    assert list(card_pointers(json.loads(cleaned))) == []
    assert "1.50" in cleaned
    assert json.loads(cleaned)["a"][0]["n"] == 0


@pytest.mark.parametrize(
    "document",
    [
        {"first": "41111111", "last": "11111111", "name": "Ada"},
        {"first": 41111111, "last": 11111111, "name": "Ada"},
        {"name": "Ada", "groups": ["4111", "1111", "1111", "1111"]},
    ],
)
def test_numbers_that_are_split_are_found(document: dict[str, object]) -> None:
    """As the functions find them over the members of a body."""
    parsed = values.parsed(json.dumps(document))
    assert values.may_hold_card(parsed)
    cleaned = json.loads(values.written(values.cleaned_json(parsed)))
    assert list(card_pointers(cleaned)) == []
    assert cleaned["name"] == "Ada"


def test_json_without_a_card_number_is_not_touched() -> None:
    """Numbers of any length come back as they were written."""
    text = (
        '{"n": 0.10, "big": 123456789012345678901234567890, "e": 1e400, "deep": [[[null, true]]]}'
    )
    parsed = values.parsed(text)
    assert values.cleaned_json(parsed) is parsed
    assert values.written(parsed) == text


@pytest.mark.parametrize(
    ("text", "is_card"),
    [
        (CARD, True),
        (f"{CARD}.000", True),
        ("4.111111111111111e15", True),
        ("4111.11", False),
        ("501800.123456", False),
        ("NaN", False),
        ("1e131071", False),
    ],
)
def test_of_numbers_whole_ones_are_asked(text: str, is_card: bool) -> None:  # noqa: FBT001 - what is expected
    """Amounts and measures have no form of a card number."""
    assert values.is_card_number(text) == is_card


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be"])
def test_binary_data_are_read_as_texts(encoding: str) -> None:
    """In the encodings that programs write."""
    assert values.bytes_hold_card(f"card {CARD}".encode(encoding))
    assert not values.bytes_hold_card("card 4111".encode(encoding))


def test_what_a_column_is_too_short_for_is_cut() -> None:
    """Without leaving half a number that is one again."""
    assert values.cut("[removed]", 4) == "[rem"
    assert values.cut("short", -1) == "short"


def test_connection_strings_are_taken_apart() -> None:
    """What is not known, or missing, is an error that does not repeat it."""
    assert read("host=db port=5433 dbname='a b' user=u") == {
        "host": "db",
        "port": "5433",
        "dbname": "a b",
        "user": "u",
    }
    for wrong in ("dbname=a", "postgresql://u:hunter2@host/a", "dbname=a user=u password=hunter2"):
        with pytest.raises(StringError) as raised:
            read(wrong)
        assert "hunter2" not in str(raised.value)


def test_a_report_repeats_no_number() -> None:
    """Names can hold one, too; what a person has looked at is not reported."""
    report = Report(looked_at=frozenset({"shop.orders.created_ms"}))
    report.leave(f"shop.{CARD}.x", "1 rows", f"DROP TABLE shop.{CARD}")
    report.leave("shop.orders.created_ms", "1 rows", "-")
    assert len(report.left) == 1
    assert CARD not in "".join(report.open_lines())
