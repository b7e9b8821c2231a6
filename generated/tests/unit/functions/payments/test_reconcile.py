"""S3-1: the program that compares payments, outbox and bucket, without a database."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, cast

import pytest

from reconcile import __main__ as command
from reconcile.bucket import Bucket
from reconcile.comparison import Comparison, OrderError
from reconcile.database import Payment, Tables, Waiting
from reconcile.findings import Finding, Json, Lines

DAY = date(2026, 12, 1)
RECORD: dict[str, object] = {
    "payment_id": "pay_00000001",
    "merchant_id": "mer_bookshop1",
    "amount_minor": 1999,
    "currency": "USD",
    "payment_method_sha256": "0" * 64,
    "decision": "rejected",
    "reasons": ["merchant_inactive"],
    "channel": "api",
    "decided_at": "2026-12-01T23:59:30.000+00:00",
}


def _key(number: int) -> str:
    return f"payments/2026/12/01/pay_{number:08}/digest.json"


def _record(number: int, **changes: object) -> dict[str, object]:
    return {**RECORD, "payment_id": f"pay_{number:08}", **changes}


def _text(number: int, **changes: object) -> str:
    return json.dumps({"version": 2, **_record(number, **changes)})


def _payment(number: int, **changes: object) -> Payment:
    return Payment(key=_key(number), members=_record(number, **changes))


def _row(number: int, *, delivered: bool = False, **changes: object) -> Waiting:
    return Waiting(key=_key(number), record=_text(number, **changes), delivered=delivered)


@dataclass
class Database:
    """Takes the place of the tables."""

    rows: list[Payment] = field(default_factory=list[Payment])
    waiting: list[Waiting] = field(default_factory=list[Waiting])
    # Decided since the look at the tables began.
    younger: list[Payment] = field(default_factory=list[Payment])

    def payments(self, first: date, last: date) -> Iterator[Payment]:
        """Return the payments of the one day."""
        assert (first, last) == (DAY, DAY)
        return iter(self.rows)

    def outbox(self, first: date, last: date) -> Iterator[Waiting]:
        """Return the outbox of the one day."""
        assert (first, last) == (DAY, DAY)
        return iter(self.waiting)

    def keys_of(self, payment_id: object, merchant_id: object) -> list[str]:
        """Return the keys of a payment as of now."""
        wanted = {"payment_id": payment_id, "merchant_id": merchant_id}
        every = (*self.rows, *self.younger)
        return [one.key for one in every if wanted.items() <= one.members.items()]

    def close(self) -> None:
        """Do nothing."""


@dataclass
class Store:
    """A bucket of some objects; each call of its list gives two of them."""

    objects: dict[str, str] = field(default_factory=dict[str, str])
    # By key: how often an object was written over.
    rewritten: dict[str, int] = field(default_factory=dict[str, int])
    deleted: set[str] = field(default_factory=set[str])
    # Of its life cycle.
    rules: list[dict[str, object]] = field(default_factory=list[dict[str, object]])

    def get_bucket_lifecycle_configuration(self, *, Bucket: str) -> Mapping[str, Any]:  # noqa: N803 - AWS's name
        """Return the life cycle of the bucket."""
        assert Bucket == "audit"
        return {"Rules": self.rules}

    def get_paginator(self, operation: str) -> Store:
        """Know one list."""
        assert operation == "list_object_versions"
        return self

    def paginate(self, *, Bucket: str, Prefix: str) -> Iterator[Mapping[str, Any]]:  # noqa: N803 - AWS's names
        """List by keys, the newest first; objects and markers apart."""
        assert (Bucket, Prefix) == ("audit", "payments/2026/12/01/")
        listed: list[tuple[str, dict[str, Any]]] = []
        for key in sorted({*self.objects, *self.deleted}):
            marked = key in self.deleted
            if marked:
                marker = {"Key": key, "IsLatest": True}
                listed.append(("DeleteMarkers", marker))
            for number in range(1 + self.rewritten.get(key, 0)):
                latest = number == 0 and not marked
                version = {"Key": key, "IsLatest": latest}
                listed.append(("Versions", version))
        for start in range(0, len(listed), 2):
            page: dict[str, list[Any]] = {}
            for kind, one in listed[start : start + 2]:
                page.setdefault(kind, []).append(one)
            yield page

    def get_object(self, *, Bucket: str, Key: str) -> Mapping[str, Any]:  # noqa: N803 - AWS's names
        """Return an object."""
        assert Bucket == "audit"
        assert Key not in self.deleted
        return {"Body": io.BytesIO(self.objects[Key].encode())}


@pytest.mark.parametrize(
    ("rule", "days"),
    [
        ({}, 90),
        ({"Filter": {}}, 90),
        ({"Filter": {"Prefix": ""}}, 90),
        ({"Filter": {"Prefix": "payments/"}}, 90),
        ({"Prefix": ""}, 90),
        ({"Prefix": "exports/"}, None),
        ({"Filter": {"Prefix": "payments/2026/"}}, None),
        ({"Filter": {"Tag": {"Key": "a", "Value": "b"}}}, None),
        ({"Filter": {"And": {"Prefix": "", "ObjectSizeGreaterThan": 9}}}, None),
        ({"Status": "Disabled"}, None),
        ({"Expiration": {"ExpiredObjectDeleteMarker": True}}, None),
    ],
)
def test_records_are_kept_as_long_as_the_bucket_says(
    rule: dict[str, object], days: int | None
) -> None:
    """S3-3: what a rule lets go of that is for all records; no other rule says anything of them."""
    store = Store(rules=[{"Status": "Enabled", "Expiration": {"Days": 90}, **rule}])
    assert Bucket(name="audit", client=store).kept_days() == days


def _comparison(database: Database, store: Store) -> Comparison:
    bucket = Bucket(name="audit", client=store)
    return Comparison(tables=cast("Tables", database), bucket=bucket, first=DAY, last=DAY)


def _found(database: Database, store: Store) -> list[tuple[str, str, Sequence[str]]]:
    found: list[Finding] = list(_comparison(database, store).findings())
    return [(one.kind.name, one.key, list(one.details)) for one in found]


def test_nothing_is_found_where_all_is_as_it_should_be() -> None:
    """S3-1: delivered and removed, delivered and kept, waiting; also of the first version of records."""
    former = {"version": 1, **_record(4)}
    former["door"] = former.pop("channel")
    database = Database(
        rows=[_payment(number) for number in range(1, 5)],
        waiting=[_row(2, delivered=True), _row(3)],
    )
    store = Store(objects={_key(1): _text(1), _key(2): _text(2), _key(4): json.dumps(former)})
    comparison = _comparison(database, store)
    assert list(comparison.findings()) == []
    counts = comparison.counts
    assert (counts.payments, counts.objects, counts.outbox, counts.waiting) == (4, 3, 2, 1)


def test_each_difference_has_a_name() -> None:
    """S3-1: what is missing, double or different."""
    database = Database(
        rows=[
            *(_payment(number) for number in (*range(1, 8), 8)),
            _payment(8),
            _payment(9, decision=None),
        ],
        waiting=[
            _row(3, delivered=True),
            _row(5, amount_minor=1),
            _row(6, version=3),
            _row(10),
        ],
    )
    store = Store(
        objects={
            _key(1): _text(1),
            _key(2): _text(2),
            _key(4): _text(4, decision="accepted", currency="EUR"),
            _key(6): _text(6),
            _key(7): _text(7),
            _key(8): _text(8),
            _key(11): _text(11),
            _key(12): _text(7),
            _key(13): "no JSON",
        },
        rewritten={_key(7): 2},
        deleted={_key(1)},
    )
    del store.objects[_key(2)]
    assert _found(database, store) == [
        ("DELETED", _key(1), []),
        ("MISSING", _key(2), []),
        ("NOT_THERE", _key(3), []),
        ("DIFFERENT", _key(4), ["currency", "decision"]),
        ("OUTBOX_DIFFERENT", _key(5), ["amount_minor"]),
        ("CHANGED", _key(6), []),
        ("REWRITTEN", _key(7), []),
        ("TWICE", _key(8), []),
        ("UNDECIDED", _key(9), []),
        ("UNKNOWN", _key(10), ["outbox"]),
        ("UNKNOWN", _key(11), ["bucket"]),
        ("DOUBLE", _key(12), ["bucket"]),
        ("UNKNOWN", _key(13), ["bucket"]),
    ]


def test_a_record_that_is_none_differs() -> None:
    """S3-1: whatever lies there."""
    database = Database(rows=[_payment(1), _payment(2)])
    store = Store(objects={_key(1): "[]", _key(2): "no JSON"})
    assert [details for _, _, details in _found(database, store)] == [["no record"]] * 2


def test_payments_that_go_on_meanwhile_are_no_difference() -> None:
    """S3-1: an object that was written since belongs to a payment that was."""
    database = Database(younger=[_payment(1)])
    assert _found(database, Store(objects={_key(1): _text(1)})) == []


def test_a_list_out_of_order_is_no_answer() -> None:
    """S3-1: a payment would seem to be missing."""
    database = Database(rows=[_payment(2), _payment(1)])
    with pytest.raises(OrderError, match="Payment: a key comes after"):
        list(_comparison(database, Store()).findings())


@pytest.mark.parametrize("number", [0, 1, 3])
def test_json_is_one_document(number: int) -> None:
    """S3-1: however many findings there are; and no value of a payment is printed."""
    database = Database(rows=[_payment(one) for one in range(1, number + 1)])
    comparison = _comparison(database, Store())
    out, lines = io.StringIO(), io.StringIO()
    document, people = Json(out), Lines(lines)
    for finding in comparison.findings():
        document.add(finding)
        people.add(finding)
    document.end(comparison.counts)
    people.end(comparison.counts)
    told = json.loads(out.getvalue())
    assert [one["kind"] for one in told["findings"]] == ["missing"] * number
    assert told["found"] == ({"missing": number} if number else {})
    assert (told["payments"], told["objects"]) == (number, 0)
    assert "1999" not in out.getvalue() + lines.getvalue()
    assert ("nothing is missing" in lines.getvalue()) is (number == 0)


COMMAND = ["--bucket", "audit", "--from", "2026-12-01", "--to", "2026-12-01", "dbname=payments"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "required"),
        ([*COMMAND, "--from", "1.12.2026"], "'1.12.2026' is no date"),
        ([*COMMAND, "--to", "2026-11-30"], "--to is before --from"),
        ([*COMMAND, "--bucket", ""], "--bucket is empty"),
    ],
)
def test_a_wrong_command_is_refused(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """S3-1: before anything is asked."""
    with pytest.raises(SystemExit) as ended:
        command.main(arguments)
    assert ended.value.code == 2
    assert message in capsys.readouterr().err


def test_without_a_database_nothing_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    """S3-1: exit code 2 is neither yes nor no."""
    assert command.main([*COMMAND[:-1], "host=/nowhere dbname=x user=y"]) == 2
    assert command.main([*COMMAND[:-1], "nonsense"]) == 2
    told = capsys.readouterr()
    assert told.err.count("error: no connection") == 2
    assert told.out == ""


def test_the_exit_code_tells_whether_something_was_found(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """S3-1: 0 nothing, 1 something, 2 not everything was looked at."""
    database, store = Database(rows=[_payment(1)]), Store(objects={_key(1): _text(1)})

    def opened(_: str) -> Database:
        return database

    def client(_: str | None) -> Store:
        return store

    monkeypatch.setattr(command.Tables, "open", opened)
    monkeypatch.setattr(command, "_client", client)
    assert command.main(COMMAND) == 0
    database.rows.append(_payment(2))
    assert command.main([*COMMAND, "--json"]) == 1
    database.rows.append(_payment(1))
    assert command.main(COMMAND) == 2
    assert "not everything was looked at" in capsys.readouterr().err
