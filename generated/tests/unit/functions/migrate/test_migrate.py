"""MIG-1: which migrations there are, and what is refused before the database is touched."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.unit.functions.events import CONTEXT, Event
from tests.unit.functions.migrate import handler


def test_the_migrations_can_be_read() -> None:
    """MIG-1: numbered without a gap, each with a digest."""
    migrations = handler.read_migrations(handler.FOLDER / "migrations")
    assert [migration.version for migration in migrations] == list(range(1, len(migrations) + 1))
    assert len({migration.sha256 for migration in migrations}) == len(migrations)


@pytest.mark.parametrize("path", sorted(handler.FOLDER.rglob("*.sql")), ids=lambda path: path.name)
def test_no_migration_ends_its_transaction(path: Path) -> None:
    """MIG-1: it would be applied in part, and recorded or not by chance."""
    text = path.read_text(encoding="utf-8")
    if text.partition("\n")[0].endswith(", outside a transaction"):
        # One statement, which is read by its form.
        return
    text = re.sub(r"--.*|'[^']*'", "", text)
    # A block of PL/pgSQL has a BEGIN of its own.
    text = re.sub(r"(?:DO|AS) \$\$.*?\$\$", "", text, flags=re.DOTALL)
    words = r"\b(COMMIT|ROLLBACK|BEGIN|START TRANSACTION|CONCURRENTLY|VACUUM)\b"
    assert re.findall(words, text, re.IGNORECASE) == []


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ([], "no migrations"),
        (["0002_second.sql"], "0001"),
        (["0001_first.sql", "0003_third.sql"], "0002"),
        (["0001_first.sql", "0001_other.sql"], "0002"),
        (["first.sql"], "NNNN_name.sql"),
        (["0001_First.sql"], "NNNN_name.sql"),
    ],
)
def test_numbers_go_up_without_a_gap(tmp_path: Path, names: list[str], message: str) -> None:
    """MIG-1: two branches that add the same number are noticed before they are deployed."""
    for name in names:
        (tmp_path / name).write_text("SELECT 1;", encoding="utf-8")
    with pytest.raises(handler.MigrationError, match=message):
        handler.read_migrations(tmp_path)


WRONG: list[tuple[Event, str]] = [
    ({}, "application_user"),
    ({"application_user": "Robert'); DROP"}, "application_user"),
    ({"application_user": "a" * 59}, "application_user"),
    ({"application_user": "payments_app", "merchants": ["mer_a"]}, "merchants"),
    ({"application_user": "payments_app", "merchants": {"mer_a": "x"}}, "merchants.mer_a"),
    ({"callers": []}, "callers: an object"),
    ({"callers": {"api": []}}, "callers.api: an object"),
    ({"callers": {"api": {}}}, "callers.api.credentials: a list"),
    ({"callers": {"api": {"credentials": [1], "merchants": [[]]}}}, "credentials: a list"),
    ({"callers": {"api": {"credentials": ["a"]}}}, "callers.api.merchants: a list for each"),
    ({"callers": {"api": {"credentials": ["a"], "merchants": []}}}, "a list for each"),
    ({"callers": {"api": {"credentials": ["a"], "merchants": ["m"]}}}, "merchants: a list"),
    (
        {"callers": {"api": {"credentials": ["a"], "merchants": [[]], "issuers": []}}},
        "callers.api.issuers: a list for each",
    ),
    (
        {"callers": {"api": {"credentials": ["a"], "merchants": [[]], "issuers": ["CN=a"]}}},
        "callers.api.issuers: a list of texts",
    ),
]


@pytest.mark.parametrize(("event", "message"), WRONG)
def test_a_wrong_input_is_refused(
    monkeypatch: pytest.MonkeyPatch, event: Event, message: str
) -> None:
    """MIG-1: before anybody connects."""

    def connected(*_: object) -> None:
        pytest.fail("connected")

    monkeypatch.setattr(handler, "managed_secret", connected)
    with pytest.raises(handler.MigrationError, match=message):
        handler.handle(event, CONTEXT)


def test_callers_are_read_by_credential() -> None:
    """MIG-1: one merchant or several of each, and none."""
    callers: Event = {
        "api": {"credentials": ["a", "b", "c"], "merchants": [["mer_1"], [], ["mer_1", "mer_2"]]},
        "load-balancer": {
            "credentials": ["CN=a", "CN=b"],
            "merchants": [["mer_1", "mer_2"], ["mer_3"]],
            "issuers": [["CN=ours", "CN=new"], []],
        },
    }
    ours = ["CN=ours", "CN=new"]
    assert [tuple(caller.values()) for caller in handler.read_callers(callers)] == [
        ("api", "a", "mer_1", None),
        ("api", "c", "mer_1", None),
        ("api", "c", "mer_2", None),
        ("load-balancer", "CN=a", "mer_1", ours),
        ("load-balancer", "CN=a", "mer_2", ours),
        ("load-balancer", "CN=b", "mer_3", None),
    ]
