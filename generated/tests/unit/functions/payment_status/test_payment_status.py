"""FN-1: what a payment's status contains, and who gets it."""

from __future__ import annotations

import email.utils
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from pg8000.exceptions import DatabaseError  # pyright: ignore[reportMissingTypeStubs] - it brings none

from payments.database import Connection, Database
from tests.unit.functions.events import (
    API_KEY,
    CARDS,
    CONTEXT,
    SUBJECT,
    Event,
    balancer_event,
    content,
)
from tests.unit.functions.payment_status import handler
from tests.unit.functions.standins import SETTINGS, find_callers
from tests.unit.functions.start import DATABASE, IN_LAMBDA, TRACING, modules_read

ROW = (
    "pay_0001_spring",
    "mer_bookshop1",
    1999,
    "USD",
    "rejected",
    ["velocity_exceeded"],
    datetime(2026, 12, 1, 10, 0, tzinfo=UTC),
)


@dataclass
class Rows:
    """A connection that finds these rows."""

    rows: list[tuple[object, ...]] = field(default_factory=list[tuple[object, ...]])
    failure: Exception | None = None
    callers: dict[tuple[object, object], list[str]] = field(
        default_factory=lambda: {("api", API_KEY): ["mer_bookshop1", "mer_was_that"]}
    )
    asked: dict[str, object] = field(default_factory=dict[str, object])

    def run(self, sql: str, **parameters: object) -> Sequence[Sequence[Any]] | None:
        """Answer the one query."""
        if "FROM callers" in sql:
            return [find_callers(self.callers, parameters, {})]
        if "FROM payments" not in sql:
            return []
        self.asked = parameters
        if self.failure is not None:
            raise self.failure
        return self.rows

    def until(self, moment: float) -> None:
        """Wait for nothing anyway."""

    def close(self) -> None:
        """Do nothing."""


@pytest.fixture(name="rows")
def _rows(monkeypatch: pytest.MonkeyPatch) -> Rows:
    rows = Rows()

    def connect(_: Database, __: float) -> Connection:
        return rows

    database = Database(
        settings=SETTINGS, user="payments_app_read", password=lambda: "", connect=connect
    )
    monkeypatch.setattr(handler, "database", lambda: database)
    return rows


def _ask(payment_id: str, **headers: str) -> Event:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return _get("/payments/status", headers={"Payment-Id": payment_id, **sent})


def _get(path: str, **changes: object) -> Event:
    event = {
        "httpMethod": "GET",
        "path": path,
        "headers": {},
        "requestContext": {
            "requestId": "c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
            "identity": {"apiKeyId": API_KEY},
        },
        **changes,
    }
    return cast("Event", handler.handle(event, CONTEXT))


def test_returns_a_payment(rows: Rows, capsys: pytest.CaptureFixture[str]) -> None:
    """FN-1: what it is, what was decided, why and when; nothing of the payment method."""
    rows.rows = [ROW]
    answer = _ask("pay_0001_spring")
    assert answer["statusCode"] == 200
    assert "Deprecation" not in answer["headers"]
    assert content(answer) == {
        "payment_id": "pay_0001_spring",
        "merchant_id": "mer_bookshop1",
        "decision": "rejected",
        "reasons": ["velocity_exceeded"],
        "amount_minor": 1999,
        "amount": "19.99",
        "currency": "USD",
        "decided_at": "2026-12-01T10:00:00.000+00:00",
    }
    assert rows.asked == {
        "payment_id": "pay_0001_spring",
        "merchants": ["mer_bookshop1", "mer_was_that"],
    }
    assert json.loads(capsys.readouterr().out)["payment_id"] == "pay_0001_spring"


def test_an_id_in_the_path_is_deprecated(rows: Rows) -> None:
    """FN-1: logs before the function keep it; each answer there says what to use, and until when."""
    for path in ("/payments/pay_0001_spring", "/payments/pay_of_nobody"):
        rows.rows = [ROW] if path.endswith("spring") else []
        answer = _get(path)
        assert answer["body"] == _ask(path.rpartition("/")[2])["body"]
        headers = answer["headers"]
        since = datetime.fromtimestamp(int(headers["Deprecation"].removeprefix("@")), UTC)
        assert since < email.utils.parsedate_to_datetime(headers["Sunset"])
        assert headers["Link"] == '<status>; rel="successor-version"'


@pytest.mark.parametrize("payment_id", [None, "", "short", "pay_0001_spring x", "a" * 65, *CARDS])
def test_a_wrong_id_in_the_header_is_malformed(
    rows: Rows, capsys: pytest.CaptureFixture[str], payment_id: str | None
) -> None:
    """FN-1: and is neither looked up nor repeated."""
    answer = _get("/payments/status") if payment_id is None else _ask(payment_id)
    assert (answer["statusCode"], rows.asked) == (400, {})
    assert content(answer)["type"].endswith("malformed-payment-id")
    assert not payment_id or payment_id not in json.dumps(answer) + capsys.readouterr().out


@pytest.mark.parametrize("name", ["Payment-Id", "Merchant-Id"])
def test_a_header_that_is_sent_twice_is_refused(rows: Rows, name: str) -> None:
    """FN-1: of two values nobody knows which one is meant."""
    sent = {"Payment-Id": ["pay_0001_spring"], "Merchant-Id": ["mer_bookshop1"]}
    for twice in ({name: sent[name] * 2}, {name.lower(): sent[name]}):
        answer = _get("/payments/status", multiValueHeaders={**sent, **twice})
        assert (answer["statusCode"], rows.asked) == (400, {})
        assert content(answer)["type"].endswith("repeated-header")
    rows.rows = [ROW]
    assert _get("/payments/status", multiValueHeaders=sent)["statusCode"] == 200


def test_an_id_of_two_merchants_needs_the_merchant(rows: Rows) -> None:
    """FN-1: an id is unique among one merchant's payments only."""
    rows.rows = [ROW, ROW]
    assert _get("/payments/pay_0001_spring")["statusCode"] == 409
    assert "Merchant-Id" in content(_ask("pay_0001_spring"))["detail"]
    rows.rows = [ROW]
    answer = _get(
        "/payments/pay_0001_spring", queryStringParameters={"merchant_id": "mer_bookshop1"}
    )
    assert answer["statusCode"] == 200
    assert rows.asked["merchants"] == ["mer_bookshop1"]
    rows.asked = {}
    answer = _ask("pay_0001_spring", Merchant_Id="mer_bookshop1")
    assert (answer["statusCode"], rows.asked["merchants"]) == (200, ["mer_bookshop1"])


@pytest.mark.parametrize("merchant", ["mer_library1", "mer_nobody1"])
def test_payments_of_others_are_not_found(rows: Rows, merchant: str) -> None:
    """FN-1: by the same statements as a payment that nobody has."""
    assert _ask("pay_0001_spring", Merchant_Id=merchant)["statusCode"] == 404
    answer = _get("/payments/pay_0001_spring", queryStringParameters={"merchant_id": merchant})
    assert (answer["statusCode"], rows.asked["merchants"]) == (404, [])
    assert answer["body"] == _get("/payments/pay_of_nobody")["body"]


def test_who_is_nobody_is_told_nothing(rows: Rows) -> None:
    """API-4, LB-2: at either entry point."""
    rows.rows = [ROW]
    unknown = {"requestContext": {"identity": {"apiKeyId": "z9y8"}}}
    balancer = balancer_event("", httpMethod="GET", path="/payments/pay_0001_spring")
    for answer in (
        _get("/payments/pay_0001_spring", **unknown),
        cast("Event", handler.handle(balancer, CONTEXT)),
    ):
        assert (answer["statusCode"], rows.asked) == (403, {})
        assert content(answer)["type"].endswith("caller-unknown")
    rows.callers["load-balancer", SUBJECT] = ["mer_bookshop1"]
    assert cast("Event", handler.handle(balancer, CONTEXT))["statusCode"] == 200


@pytest.mark.parametrize(
    ("path", "changes", "status"),
    [
        ("/payments/pay_0001_spring", {}, 404),
        ("/payments/short", {}, 404),
        ("/payments/pay_0001_spring/x", {}, 404),
        ("/payments/pay_0001_spring%0A", {}, 404),
        ("/payments/pay_0001_spring\n", {}, 404),
        ("/payments/pay_0001_spring", {"httpMethod": "DELETE"}, 405),
        ("/payments/pay_0001_spring", {"queryStringParameters": {"merchant_id": "' OR 1"}}, 400),
    ],
)
def test_refuses_what_leads_nowhere(rows: Rows, path: str, changes: Event, status: int) -> None:
    """API-2: problems of RFC 9457, without a word of what was sent."""
    answer = _get(path, **changes)
    assert answer["statusCode"] == status
    assert content(answer)["status"] == status
    assert "OR 1" not in answer["body"]
    assert "OR 1" not in str(rows.asked)


@pytest.mark.parametrize("card", CARDS)
def test_a_card_number_is_not_even_looked_up(
    rows: Rows, capsys: pytest.CaptureFixture[str], card: str
) -> None:
    """FN-1: nor repeated."""
    answer = _get(f"/payments/{card}")
    assert answer["statusCode"] == 404
    assert rows.asked == {}
    assert card not in json.dumps(answer) + capsys.readouterr().out


def test_an_absent_database_is_reported(rows: Rows) -> None:
    """DB-2: with 503, to be asked again."""
    rows.failure = DatabaseError({"C": "57014"})
    answer = _get("/payments/pay_0001_spring")
    assert (answer["statusCode"], answer["headers"]["Retry-After"]) == (503, "5")


def test_health_is_shallow(rows: Rows) -> None:
    """LB-3: behind the load balancer too."""
    event = balancer_event("", httpMethod="GET", path="/health")
    answer = cast("Event", handler.handle(event, CONTEXT))
    assert (answer["statusCode"], rows.asked) == (200, {})


def test_lambda_reads_ahead_what_the_first_request_needs() -> None:
    """FN-1: while it starts the function; elsewhere nothing is read that a test does not need."""
    assert modules_read(handler, **IN_LAMBDA) >= DATABASE | TRACING
    assert not (DATABASE | TRACING) & modules_read(handler)
